"""Pages of runs: the list, and one run in tabs."""

from typing import Any
from uuid import UUID

from flask import g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.db import db
from app.jobs import asked
from app.jobs.models import Run, RunStatus
from app.jobs.reads import runs as reads
from app.jobs.reads.run_access import Access, access
from app.jobs.views import run_tabs
from app.jobs.views.run_regions import ALWAYS, REGIONS, context
from app.web.blueprints import realm_blueprint
from app.web.guard import needs
from app.web.live import about, final
from app.web.page import page
from app.web.panels import panels
from app.web.shell import may

bp = realm_blueprint("runs", __name__, "/jobs/runs")


@bp.get("/<run_id>")
@needs("jobs.read", "lineage.read")
def show(run_id: str) -> ResponseReturnValue:
    """Show a run by id; its number goes to the id with 303; ``?tab=`` chooses what of it."""
    which, session, sight = asked.which(run_id), db.session(), asked.sight()
    opened = reads.opened(session, which)
    if opened is None or not sight.shows(opened.run):
        return _missing(which)
    if isinstance(which, int):
        return redirect(url_for(".show", run_id=opened.run.id, tab=request.args.get("tab")), 303)
    tab = request.args.get("tab", "overview")
    if tab not in run_tabs.offered(sight):
        raise NotFound
    seen = access_of(opened)
    if tab == "events" and (file := run_tabs.events(opened, seen)) is not None:
        return file
    watched(opened.run)
    whole: dict[str, Any] = {
        "above": reads.above(session, opened.run, sight.shows),
        "sharing": reads.shares_its_id(session, opened) if sight.reported else [],
        **context(session, opened.run, opened.job, seen, REGIONS if tab == "overview" else ALWAYS),
        **run_tabs.content(opened, tab, seen, sight),
    }
    tabs = run_tabs.tabs(opened, tab, sight)
    return page("jobs/runs/show.html", regions=REGIONS, opened=opened, tab=tab, tabs=tabs, **whole)


def watched(run: Run) -> None:
    """Say which changes touch the page of a run: its own, by number or id, as long as it goes on."""
    about("run", run.number)
    about("run", run.id)
    if RunStatus(run.status).is_final:
        final()


def access_of(opened: reads.Opened) -> Access:
    """Return what the account of the request sees of a run and may do with it."""
    who = g.standing.who
    return access(db.session(), asked.sight(), opened.run, who.name, writes=may("jobs.write"))


def _missing(which: int | UUID) -> ResponseReturnValue:
    """Answer 404; where slices know that runs were taken away, the page says so."""
    said = panels("run", "missing", which)
    if not said:
        raise NotFound
    return page("jobs/runs/gone.html", status=404, panels=said)
