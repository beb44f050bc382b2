"""Notices of runs that are silent, late or will be: given by the worker, each once per attempt."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.changes.actor import SYSTEM
from app.changes.log import Entry, record_many
from app.changes.values import FieldChange
from app.delivery.tasks import task
from app.jobs.actions.notices import note
from app.jobs.actions.telling import label_of
from app.jobs.models import Job, Run
from app.jobs.progress.history import Past, read
from app.jobs.progress.parts import MOST, about, usual_end
from app.jobs.queries import watched
from app.jobs.reads.tracked import Tracked
from app.jobs.times import micros


@task("jobs.alarms", every=15)
def watch(session: Session, realm_id: int, now: datetime) -> int:
    """Tell of runs that are stalled, late or at risk and were not told of; returns of how many. Six statements.

    What happened more than a week ago to a reported run is shown, but nobody is called for it.
    """
    told = _tell(session, realm_id, "stalled", watched.stalled(now))
    told += _tell(session, realm_id, "late", watched.late(now))
    return told + _tell(session, realm_id, "at_risk", watched.at_risk(now))


@task("jobs.estimates", every=15, looks=True)
def advance(session: Session, realm_id: int, now: datetime) -> Callable[[Session], None] | None:
    """Find runs whose progress is only known by the usual time, and grew by a percent; return what writes that."""
    known: dict[str, list[Past]] = {}
    grown: list[tuple[Run, str, float]] = []
    for run, job, text in session.execute(watched.estimated()):
        if text not in known:
            known[text] = read(text)
        began, past = micros(run.began_at), known[text]
        value = about(began, usual_end(began, past), micros(now)) if past else 0.0
        if value >= (run.progress or 0.0) + 1 or (value == MOST and value > (run.progress or 0.0)):
            grown.append((run, job.name, value))
    rows: list[dict[str, object]] = [
        {"which": run.number, "realm": realm_id, "grown": value} for run, _, value in grown
    ]
    entries = [Entry("run.advanced", "run", run.number, name) for run, name, _ in grown if run.role == "unit"]
    return partial(_grow, realm_id, rows, entries) if grown else None


def _grow(realm_id: int, rows: list[dict[str, object]], entries: list[Entry], session: Session) -> None:
    """Let progress grow of what still goes on; two statements."""
    session.connection().execute(watched.grow(), rows)
    record_many(session, entries, SYSTEM, realm_id=realm_id)


def _tell(session: Session, realm_id: int, word: str, conditions: list[ColumnElement[bool]]) -> int:
    found = session.execute(watched.untold(conditions, word)).all()
    entries = [_entry(run, job, word) for run, job, _ in found]
    record_many(session, entries, SYSTEM, realm_id=realm_id)
    note(session.connection(), realm_id, [run.number for run, _, _ in found], word)
    return len(found)


def _entry(run: Run, job: Job, word: str) -> Entry:
    """Return a change row under the id and label by which other rows of the run are known."""
    if run.origin == "tracked":
        return Entry(f"run.{word}", "run", run.id, label_of(Tracked(run, job, None, None)), _fields(run, word))
    return Entry(f"run.{word}", "run", run.number, job.name, _fields(run, word))


def _fields(run: Run, word: str) -> list[FieldChange]:
    if word == "stalled":
        return [("silent_since", None, run.last_seen_at)]
    return [
        ("deadline_at", None, run.deadline_at),
        *([("eta_high_at", None, run.eta_high_at)] if word != "late" else ()),
    ]
