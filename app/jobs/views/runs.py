"""Pages of runs: the list, and one run in tabs."""

from typing import Any
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.db import db, utcnow
from app.jobs import asked, facets, fields
from app.jobs.models import RunStatus
from app.jobs.queries import runs as queries
from app.jobs.reads import runs as reads
from app.jobs.timing import seconds
from app.web.blueprints import realm_blueprint
from app.web.export import export
from app.web.guard import needs
from app.web.keyset import keyset
from app.web.live import about
from app.web.page import page
from app.web.panels import panels
from app.web.shell import may

bp = realm_blueprint("runs", __name__, "/jobs/runs")
TABS = ("overview", "io", "sql", "operations", "facets", "events", "changes")


@bp.get("")
@needs("jobs.read", "lineage.read")
def index() -> ResponseReturnValue:
    """List runs, newest first and without parts unless asked for."""
    about("run")
    wanted = asked.runs()
    select, rest = queries.runs(wanted.wanted), queries.narrower(wanted.wanted)
    if wanted.listing.format:
        return export(wanted.listing, select, queries.SORTS, fields.RUN, name="runs", rest=rest)
    rows = keyset(select, wanted.listing, queries.SORTS, rest=rest)
    return page(
        "jobs/runs/index.html",
        listing=wanted.listing,
        rows=rows,
        with_parts=wanted.wanted.parts,
        statuses=list(RunStatus),
        seconds=seconds,
        now=utcnow(),
        panels=panels("runs", "notes", rows),
        choose=[row[0] for row in rows] if wanted.wanted.job_id is not None else [],
    )


@bp.get("/<run_id>")
@needs("jobs.read", "lineage.read")
def show(run_id: str) -> ResponseReturnValue:
    """Show a run by id; its number goes to the id with 303; ``?tab=`` chooses what of it."""
    which = asked.which(run_id)
    if isinstance(which, int):
        found = db.session.scalar(queries.run_by_number(which))
        if found is None:
            return _missing(which)
        return redirect(url_for(".show", run_id=found, tab=request.args.get("tab")), 303)
    session = db.session()
    opened = reads.opened(session, which)
    if opened is None or not asked.sight().shows(opened.run):
        return _missing(which)
    tab = request.args.get("tab", "overview")
    if tab not in TABS:
        raise NotFound
    context: dict[str, Any] = {
        "above": reads.above(session, opened.run),
        "sharing": reads.shares_its_id(session, opened),
    }
    return page("jobs/runs/show.html", opened=opened, run=opened.run, job=opened.job, tab=tab, tabs=_tabs(opened, tab),
                **context, **_content(opened, tab))  # fmt: skip


def _missing(which: int | UUID) -> ResponseReturnValue:
    """Answer 404; where slices know that runs were taken away, the page says so."""
    said = panels("run", "missing", which)
    if not said:
        raise NotFound
    return page("jobs/runs/gone.html", status=404, panels=said)


def _tabs(opened: reads.Opened, tab: str) -> list[tuple[str, str, str, int | None]]:
    """Return tabs with counts where a slice knows them; the one for SQL only if there is some."""
    words = {"overview": "Overview", "io": "Inputs and outputs", "sql": "SQL", "operations": "Operations",
             "facets": "Facets", "events": "Events", "changes": "Changes"}  # fmt: skip
    if not may("report", "auth", "root"):
        del words["changes"]
    here = opened.run.id
    counts: dict[str, int] = {}
    for each in panels("run", "counts", opened):
        counts.update(each.json)
    if counts.get("sql") == 0 and tab != "sql" and "job:sql" not in opened.facets:
        del words["sql"]
    return [
        (key, text, url_for(".show", run_id=here, tab=None if key == "overview" else key), counts.get(key) or None)
        for key, text in words.items()
    ]


def _content(opened: reads.Opened, tab: str) -> dict[str, Any]:
    session = db.session()
    if tab == "overview":
        family = reads.below(session, opened)
        return {"beside": reads.beside(session, opened), "family": family, "panels": panels("run", tab, opened)}
    if tab == "operations":
        return {"family": reads.below(session, opened), "panels": panels("run", tab, opened)}
    shown = {"views": facets.views(opened.stored)} if tab == "facets" else {}
    return {"panels": panels("run", tab, opened), **shown}
