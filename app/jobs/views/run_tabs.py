"""The tabs of a run page, and what each shows."""

from typing import Any

from flask import Response, request, url_for

from app.db import db
from app.jobs import facets
from app.jobs.curl import lines, parent_facet, ways
from app.jobs.models import Event
from app.jobs.progress.standing import OPEN
from app.jobs.queries import run_parts as queries
from app.jobs.queries import runs
from app.jobs.queries.sight import TRACKED, Sight, rows
from app.jobs.reads import run_timeline as timeline
from app.jobs.reads import runs as reads
from app.jobs.reads.run_access import Access
from app.web.export import export
from app.web.listing import Listing
from app.web.panels import panels
from app.web.shell import may

WORDS = {"overview": "Overview", "io": "Inputs and outputs", "sql": "SQL", "operations": "Operations",
         "facets": "Facets", "events": "Events", "changes": "Changes"}  # fmt: skip
LINEAGE = ("io", "sql", "operations", "facets")


def offered(sight: Sight) -> list[str]:
    """Return the tabs there are for somebody: those about lineage are for its readers."""
    return [name for name in WORDS if sight.reported or name not in LINEAGE]


def tabs(opened: reads.Opened, tab: str, sight: Sight) -> list[tuple[str, str, str, int | None]]:
    """Return tabs with counts where a slice knows them; of a tracked run only those that hold something."""
    words = {name: WORDS[name] for name in offered(sight)}
    if not may("report", "auth", "root"):
        del words["changes"]
    counts: dict[str, int] = {}
    for each in panels("run", "counts", opened) if sight.reported else []:
        counts.update(each.json)
    is_bare = opened.run.origin == TRACKED and not opened.events
    no_sql = {"sql"} if counts.get("sql") == 0 and "job:sql" not in opened.facets else set()
    unused = {*LINEAGE} - _held_below(opened, sight) if is_bare else no_sql
    return [
        (name, text, url_for("runs.show", run_id=opened.run.id, tab=None if name == "overview" else name),
         counts.get(name) or None)
        for name, text in words.items()
        if name == tab or name not in unused
    ]  # fmt: skip


def _held_below(opened: reads.Opened, sight: Sight) -> set[str]:
    """Return the tabs about lineage that hold something although the run itself reported none: runs below it did."""
    if not sight.reported or db.session.scalar(runs.child_numbers([opened.run.number], 1)) is None:
        return set()
    return {"operations", *(["io"] if panels("run", "io", opened) else [])}


def content(opened: reads.Opened, tab: str, seen: Access, sight: Sight) -> dict[str, Any]:
    """Return the variables of one tab, without what the regions of the page have."""
    session, parts = db.session(), panels("run", tab, opened) if sight.reported else []
    if tab in ("overview", "operations"):
        found = {"family": reads.below(session, opened, sight.shows), "panels": parts}
        if tab == "operations":
            return found
        return found | {"beside": reads.beside(session, opened, rows(sight)), **_copied(opened, seen)}
    if tab == "events" and opened.run.origin == TRACKED:
        listing = _listing()
        named = timeline.names(session, opened.run, private=seen.private, people=seen.people)
        return {"rows": timeline.older(session, opened.run, named, listing), "listing": listing, "panels": parts}
    shown = {"views": facets.views(opened.stored)} if tab == "facets" else {}
    return {"panels": parts, **shown}


def events(opened: reads.Opened, seen: Access) -> Response | None:
    """Return the events of a tracked run as a file, None unless the URL asks for one."""
    if opened.run.origin != TRACKED or not request.args.get("format"):
        return None
    named = timeline.names(db.session(), opened.run, private=seen.private, people=seen.people)
    name, select = f"run-{opened.run.number}-events", queries.events(opened.run.number)
    return export(_listing(), select, timeline.SORTS, timeline.fields(named), name=name, key=Event.sequence)


def _listing() -> Listing:
    return Listing.from_args(request.args, sorts=("-occurred", "occurred"), filters=("tab",))


def _copied(opened: reads.Opened, seen: Access) -> dict[str, Any]:
    """Return what a tracked run offers to copy: lines for a shell while it goes on, and its parent facet."""
    run, job = opened.run, opened.job
    is_going = run.status in OPEN and seen.acts
    curl = lines(f"{request.host_url}api/v1/jobs/runs/{run.number}", run.step)
    steps = [run.step] if run.step else []
    found = ways(request.host_url, job.name, steps, run=run.external_id, curl=curl) if is_going else []
    return {"ways": found, "parent_facet": parent_facet(run.reported_id, job.namespace, job.name)}
