"""How earlier runs of a job went: kept in memory until it changes, because every event asks for it."""

from collections import OrderedDict
from datetime import datetime
from threading import Lock
from typing import Final

from sqlalchemy.orm import Session

from app.jobs.progress import history
from app.jobs.progress.history import Past
from app.jobs.queries import tracking as queries

KEPT: Final = 500
_known: OrderedDict[tuple[object, ...], list[Past]] = OrderedDict()
_lock = Lock()


def pasts(session: Session, job_id: int, major: str) -> list[Past]:
    """Return the newest completed runs of a job and major version, newest first; one statement."""
    row = session.scalar(queries.history(job_id, major))
    return history.read(row.runs) if row is not None else []


def current(session: Session, job_id: int, major: str) -> list[Past]:
    """Return what ``pasts`` does; of what was seen before only the time is read."""
    return remembered(session, job_id, major, session.scalar(queries.learned_at(job_id, major)))


def remembered(session: Session, job_id: int, major: str, learned_at: datetime | None) -> list[Past]:
    """Return what ``pasts`` does; no statement while nothing changed since it was last asked."""
    if learned_at is None:
        return []
    with _lock:
        found = _known.get(key := _key(session, job_id, major, learned_at))
        if found is not None:
            _known.move_to_end(key)
    if found is None:
        found = pasts(session, job_id, major)
        keep(session, job_id, major, learned_at, found)
    return found


def keep(session: Session, job_id: int, major: str, learned_at: datetime, history: list[Past]) -> None:
    """Remember a history as it is since ``learned_at``."""
    with _lock:
        _known[_key(session, job_id, major, learned_at)] = history
        while len(_known) > KEPT:
            _known.popitem(last=False)


def _key(session: Session, job_id: int, major: str, learned_at: datetime) -> tuple[object, ...]:
    return session.info["realm_id"], job_id, major, learned_at
