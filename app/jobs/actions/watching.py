"""Notices of runs that are silent, late or will be: given by the worker, each once per attempt."""

from datetime import datetime

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.changes.actor import SYSTEM
from app.changes.log import Entry, record_many
from app.changes.values import FieldChange
from app.delivery.tasks import task
from app.jobs.actions.notices import note
from app.jobs.actions.telling import label_of
from app.jobs.models import Job, Run
from app.jobs.progress.history import read
from app.jobs.progress.parts import MOST, about, usual_end
from app.jobs.queries import watched
from app.jobs.reads.tracked import Tracked
from app.jobs.times import micros


@task("jobs.alarms", every=15)
def watch(session: Session, realm_id: int, now: datetime) -> int:
    """Tell of runs that are stalled, late or at risk and were not told of; returns of how many. Six statements.

    What happened more than a day ago is shown, but nobody is called for it.
    """
    told = _tell(session, realm_id, "stalled", watched.stalled(now))
    told += _tell(session, realm_id, "late", watched.late(now))
    return told + _tell(session, realm_id, "at_risk", watched.at_risk(now))


@task("jobs.estimates", every=15)
def advance(session: Session, realm_id: int, now: datetime) -> int:
    """Let the progress of runs grow that is only known by the usual time; returns of how many it did by a percent."""
    grown = []
    for run, job, text in session.execute(watched.estimated()):
        began, past = micros(run.began_at), read(text)
        value = about(began, usual_end(began, past), micros(now)) if past else 0.0
        if value >= (run.progress or 0.0) + 1 or (value == MOST and value > (run.progress or 0.0)):
            run.progress = value
            grown.append((run, job))
    entries = [Entry("run.advanced", "run", run.number, job.name) for run, job in grown if run.role == "unit"]
    record_many(session, entries, SYSTEM, realm_id=realm_id)
    return len(grown)


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
