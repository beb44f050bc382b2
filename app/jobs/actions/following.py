"""Rows that every event changes are written by plain statements: the way past the ORM takes a tenth of its time."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_state, set_committed_value

from app.bulk import update_rows
from app.driver import bound
from app.jobs.models import Run, RunTracking
from app.jobs.reads.tracked import Tracked

# What an event changes of a run that goes on as before: no index but that of silence.
LIGHT = frozenset(("progress", "step", "last_event_at", "last_seen_at", "silent_until", "eta_at", "eta_high_at"))


def put(session: Session, following: RunTracking, **values: Any) -> None:
    """Write columns of a row that is in the database already, and show them on it; one statement if any differs."""
    changed = {name: value for name, value in values.items() if getattr(following, name) != value}
    if changed:
        _put(session, [(following, changed)])


def put_all(session: Session, many: Sequence[tuple[Tracked, Mapping[str, Any]]]) -> None:
    """Write the same columns of several; one statement."""
    _put(session, [(one.following, values) for one, values in many if one.following is not None])


def _put(session: Session, many: Sequence[tuple[RunTracking, Mapping[str, Any]]]) -> None:
    rows = [{"run": following.run, "realm_id": following.realm_id, **values} for following, values in many]
    update_rows(bound(session), RunTracking.__table__, rows, key="run")
    for following, values in many:
        for name, value in values.items():
            set_committed_value(following, name, value)


def write_runs(session: Session, runs: Sequence[Run]) -> None:
    """Write what differs of runs that are in the database already; at most two statements.

    Those whose place in lists changed are one of them: SQLite rewrites the index of every column that is named.
    """
    light: list[tuple[Run, set[str]]] = []
    heavy: list[tuple[Run, set[str]]] = []
    for run in runs:
        names = _changed(run)
        if names:
            (light if names <= LIGHT else heavy).append((run, names))
    for group in (light, heavy):
        _write(session, group)


def _changed(run: Run) -> set[str]:
    known = instance_state(run).committed_state
    return {name for name, value in known.items() if getattr(run, name) != value}


def _write(session: Session, group: Sequence[tuple[Run, set[str]]]) -> None:
    names = sorted(set().union(*(changed for _, changed in group)))
    rows = [
        {"number": run.number, "realm_id": run.realm_id, **{name: getattr(run, name) for name in names}}
        for run, _ in group
    ]
    update_rows(bound(session), Run.__table__, rows, key="number")
    for run, changed in group:
        for name in changed:
            set_committed_value(run, name, getattr(run, name))
