"""Pages of runs: the list, and one run in tabs."""

from typing import Any
from uuid import UUID

from flask import g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.db import db, utcnow
from app.jobs import asked, facets, fields
from app.jobs.curl import lines, parent_facet
from app.jobs.models import Run, RunStatus
from app.jobs.progress.standing import OPEN
from app.jobs.queries import runs as queries
from app.jobs.queries.sight import TRACKED
from app.jobs.reads import run_timeline as timeline
from app.jobs.reads import runs as reads
from app.jobs.reads.run_access import Access, access
from app.jobs.timing import seconds
from app.jobs.views.run_regions import ALWAYS, REGIONS, context
from app.web.blueprints import realm_blueprint
from app.web.export import export
from app.web.guard import needs
from app.web.keyset import keyset
from app.web.listing import Listing
from app.web.live import about, final
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
    watched(opened.run)
    seen = access_of(opened)
    whole: dict[str, Any] = {
        "above": reads.above(session, opened.run),
        "sharing": reads.shares_its_id(session, opened),
        **context(session, opened.run, opened.job, seen, REGIONS if tab == "overview" else ALWAYS),
        **_content(opened, tab, seen),
    }
    return page("jobs/runs/show.html", regions=REGIONS, opened=opened, tab=tab, tabs=_tabs(opened, tab), **whole)


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
    if opened.run.origin == TRACKED and not opened.events:
        for name in ("io", "operations", "facets"):
            if name != tab:
                del words[name]
    if counts.get("sql") == 0 and tab != "sql" and "job:sql" not in opened.facets:
        del words["sql"]
    return [
        (key, text, url_for(".show", run_id=here, tab=None if key == "overview" else key), counts.get(key) or None)
        for key, text in words.items()
    ]


def _content(opened: reads.Opened, tab: str, seen: Access) -> dict[str, Any]:
    session = db.session()
    if tab == "overview":
        family = reads.below(session, opened)
        found = {"beside": reads.beside(session, opened), "family": family, "panels": panels("run", tab, opened)}
        return found | _copied(opened, seen)
    if tab == "operations":
        return {"family": reads.below(session, opened), "panels": panels("run", tab, opened)}
    if tab == "events" and opened.run.origin == TRACKED:
        listing = Listing.from_args(request.args, sorts=("-occurred", "occurred"), filters=("tab",))
        named = timeline.names(session, opened.run, private=seen.private, people=seen.people)
        rows = timeline.older(session, opened.run, named, listing)
        return {"rows": rows, "listing": listing, "panels": panels("run", tab, opened)}
    shown = {"views": facets.views(opened.stored)} if tab == "facets" else {}
    return {"panels": panels("run", tab, opened), **shown}


def _copied(opened: reads.Opened, seen: Access) -> dict[str, Any]:
    """Return what a tracked run offers to copy: lines for a shell while it goes on, and its parent facet."""
    run, job = opened.run, opened.job
    is_going = run.status in OPEN and seen.acts
    send = lines(f"{request.host_url}api/v1/jobs/runs/{run.number}", run.step) if is_going else []
    return {"send": send, "parent_facet": parent_facet(run.reported_id, job.namespace, job.name)}
