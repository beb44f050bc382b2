"""What lineage adds to pages of runs and jobs: inputs and outputs, SQL, operations, events."""

from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.db import db
from app.jobs.gantt import Span, gantt
from app.jobs.reads.jobs import Opened as OpenedJob
from app.jobs.reads.jobs import ids_below
from app.jobs.reads.runs import Opened
from app.jobs.signals import io_asked, jobs_listed, words_asked
from app.lineage.queries import operations as queries
from app.lineage.reads import operations as reads
from app.lineage.reads.asking import jobs_with
from app.web.kinds import url_of
from app.web.panels import Panel, panel

SUMMARY = 6
STILL = ("running",)


@jobs_listed.connect
def answer_io(_sender: object, *, session: Session, runs: dict[int, int]) -> dict[int, tuple[int, int]]:
    """Answer how many datasets the last run of each job read and wrote."""
    return reads.last_io(session, runs)


@words_asked.connect
def answer_words(_sender: object, *, session: Session, text: str) -> tuple[ColumnElement[bool], bool] | None:
    """Answer the condition that a job is found by these words, and whether few are."""
    return jobs_with(session, text)


@io_asked.connect
def answer_has_io(_sender: object, *, has: bool) -> ColumnElement[bool]:
    """Answer the condition that a job touches data."""
    return queries.touches_data(has=has)


@panel("run", "counts")
def counts(opened: Opened) -> Panel:
    """Return how much the tabs of a run hold."""
    return Panel("Counts", "", {}, reads.tallies(db.session(), opened.run.number))


@panel("run", "io")
def io(opened: Opened) -> Panel | None:
    """Return inputs and outputs of a run."""
    found = reads.run_io(db.session(), opened.run)
    if not (found.inputs or found.outputs):
        return None
    return Panel("Inputs and outputs", "lineage/runs/_io.html", {"io": found, "url_of": url_of, "run": opened.run})


@panel("run", "overview")
def summary(opened: Opened) -> Panel | None:
    """Return the first inputs and outputs of a run, for its first tab."""
    found = reads.run_io(db.session(), opened.run)
    if not (found.inputs or found.outputs):
        return None
    context = {"io": found, "url_of": url_of, "most": SUMMARY, "run": opened.run}
    return Panel("Inputs and outputs", "lineage/runs/_summary.html", context)


@panel("run", "sql")
def sql(opened: Opened) -> Panel | None:
    """Return the SQL texts of a run's operations."""
    rows = [row for row in reads.of_run(db.session(), opened.run.number) if row[0].sql]
    own = opened.facets.get("job:sql", {}).get("query")
    if not rows and isinstance(own, str) and own:
        return Panel("SQL", "lineage/runs/_sql.html", {"rows": [], "own": own})
    return Panel("SQL", "lineage/runs/_sql.html", {"rows": rows, "own": None}) if rows else None


@panel("run", "operations")
def operations(opened: Opened) -> Panel | None:
    """Return the operations a run owns, with their time and rows."""
    rows = reads.of_run(db.session(), opened.run.number)
    if not rows:
        return None
    found = [row[0] for row in rows]
    chart = gantt([Span(one.started_at, one.ended_at, one.status in STILL) for one in found], opened.now)
    context: dict[str, Any] = {
        "rows": rows,
        "chart": chart,
        "flows": reads.flows(db.session(), [one.number for one in found]),
        "took": [bar.length if bar else None for bar in chart.bars],
    }
    return Panel("Operations", "lineage/runs/_operations.html", context)


@panel("run", "events")
def events(opened: Opened) -> Panel | None:
    """Return the stored events of a run."""
    rows = reads.events(db.session(), opened.run.number)
    return Panel("Events", "lineage/runs/_events.html", {"rows": rows, "url_of": url_of}) if rows else None


@panel("job", "io")
def used(opened: OpenedJob) -> Panel | None:
    """Return what a job and the jobs below it read and write, with the day of last use."""
    below = ids_below(db.session(), opened.job.id)
    rows = reads.used(db.session(), below)
    if not rows:
        return None
    today = opened.now.date()
    context = {"rows": rows, "url_of": url_of, "today": today, "below": len(below) - 1}
    return Panel("Inputs and outputs", "lineage/runs/_used.html", context)


@panel("job", "overview")
def last_used(opened: OpenedJob) -> Panel | None:
    """Return inputs and outputs of the last run, for the first tab of a job."""
    if not opened.recent:
        return None
    found = reads.run_io(db.session(), opened.recent[0])
    if not (found.inputs or found.outputs):
        return None
    context = {"io": found, "url_of": url_of, "most": SUMMARY, "run": opened.recent[0]}
    return Panel("Inputs and outputs of its last run", "lineage/runs/_summary.html", context)
