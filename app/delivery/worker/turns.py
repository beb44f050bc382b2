"""Tasks that slices registered: each in each realm when it is due, by one worker at a time."""

import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bulk import insert_rows
from app.db import scope, unscoped, utcnow
from app.delivery.models import Turn
from app.delivery.tasks import Task, tasks
from app.delivery.worker.patience import begin
from app.realms import queries

log = structlog.get_logger()
TRIES = 5
PARKED = timedelta(hours=1)
AT_ONCE = 200


def enrol(session: Session, now: datetime) -> None:
    """Give every task a turn in every realm that has none yet; commits."""
    session.info["read_only"] = True
    with unscoped(session, "turns of all realms are made by one worker"):
        realms = [realm.id for realm in session.scalars(queries.realms())]
        known = {(turn.realm_id, turn.name) for turn in session.execute(select(Turn.realm_id, Turn.name))}
    session.rollback()
    empty = dict.fromkeys(("done_at", "took_ms", "error", "parked_at"))
    missing = [
        {"realm_id": realm_id, "name": name, "due_at": now, "tries": 0, **empty}
        for realm_id in realms
        for name in sorted(tasks())
        if (realm_id, name) not in known
    ]
    if missing:
        begin(session)
        insert_rows(session.connection(), Turn.__table__, missing, conflict=("realm_id", "name"))
        session.commit()


def due(session: Session, now: datetime) -> list[tuple[int, str]]:
    """Return (realm id, task) of what is due, the longest overdue first: one statement, no lock."""
    known = list(tasks())
    query = select(Turn.realm_id, Turn.name).where(Turn.due_at <= now, Turn.name.in_(known))
    with unscoped(session, "one worker takes the turns of all realms"):
        return [(row.realm_id, row.name) for row in session.execute(query.order_by(Turn.due_at).limit(AT_ONCE))]


def take(session: Session, realm_id: int, name: str, now: datetime) -> bool:
    """Do one task in one realm unless another worker is at it; True when it has more to do. Commits.

    The row of the turn is locked for as long as the work takes, so a worker that dies leaves nothing behind.
    """
    began, known = monotonic(), tasks()[name]
    scope(session, realm_id)
    try:
        work = _look(session, realm_id, known, now) if known.looks else lambda held: known.work(held, realm_id, now)
        return _do(session, realm_id, known, now, began, work)
    except Exception:
        session.rollback()
        log.exception("a task failed", task=name, realm_id=realm_id)
        _failed(session, realm_id, name, traceback.format_exc(limit=-3))
        return False


def _look(session: Session, realm_id: int, known: Task, now: datetime) -> Callable[[Session], Any]:
    """Let a task read before it has the lock to write."""
    session.info["read_only"] = True
    found = known.work(session, realm_id, now)
    session.rollback()
    return found if found is not None else lambda _session: None


def _do(
    session: Session, realm_id: int, known: Task, now: datetime, began: float, work: Callable[[Session], Any]
) -> bool:
    begin(session)
    scope(session, realm_id)
    mine = select(Turn).where(Turn.name == known.name, Turn.due_at <= now).with_for_update(skip_locked=True)
    turn = session.scalar(mine.execution_options(populate_existing=True))
    if turn is None:
        session.rollback()
        return False
    more = work(session) is True
    turn.due_at = now if more else now + timedelta(seconds=known.every)
    turn.done_at, turn.took_ms = now, round((monotonic() - began) * 1_000)
    turn.tries, turn.error, turn.parked_at = 0, None, None
    session.commit()
    return more


def _failed(session: Session, realm_id: int, name: str, words: str) -> None:
    """Note a failure; the fifth in a row parks the task, which is tried again after an hour or by hand."""
    begin(session)
    scope(session, realm_id)
    turn = session.scalar(select(Turn).where(Turn.name == name).with_for_update())
    if turn is None:
        session.rollback()
        return
    now = utcnow()
    turn.tries, turn.error = turn.tries + 1, words[-2_000:]
    parked = turn.tries >= TRIES
    turn.parked_at = now if parked else None
    turn.due_at = now + (PARKED if parked else timedelta(seconds=min(tasks()[name].every, 2**turn.tries)))
    session.commit()
