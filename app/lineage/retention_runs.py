"""Runs of long ago, with their parts, operations and interactions; edges keep what they added."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, update
from sqlalchemy.orm import Session

from app.jobs.models import Badge, Run, RunDetail, RunJob, RunTracking, ShareLink
from app.lineage.models import Interaction, Operation
from app.lineage.queries import retention as queries
from app.lineage.store.batch import lock_realm

UNITS = 100
TOGETHER = 200
LEVELS = 10


def remove_runs(session: Session, realm_id: int, before: datetime, newest: int, batch: int) -> int:
    """Remove runs last heard of before a moment but for the ``newest`` of each job; returns how many.

    What hangs on a run goes first, each batch in a transaction of its own, so a pass that is cut off leaves no row that
    points nowhere, and the next one goes on.
    """
    removed, after = 0, tuple[Any, ...]()
    while rows := _next(session, realm_id, before, newest, after):
        after = tuple(rows[-1])
        numbers = _with_parts(session, realm_id, [row.number for row in rows])
        for start in range(0, len(numbers), TOGETHER):
            part = numbers[start : start + TOGETHER]
            _interactions(session, realm_id, part, batch)
            _runs(session, realm_id, part)
        removed += len(numbers)
    return removed


def _next(session: Session, realm_id: int, before: datetime, newest: int, after: tuple[Any, ...]) -> list[Any]:
    found = session.connection().execute(queries.old_runs(realm_id, before, newest, after, UNITS)).all()
    session.rollback()
    return list(found)


def _with_parts(session: Session, realm_id: int, units: list[int]) -> list[int]:
    """Return units and all their parts, those deepest below first."""
    found, level = dict.fromkeys(units), units
    for _ in range(LEVELS):
        connection = session.connection()
        below = connection.execute(queries.parts_of(realm_id, level)).scalars().all()
        owned = connection.execute(queries.owned(realm_id, level)).scalars().all()
        level = [number for number in dict.fromkeys((*below, *owned)) if number not in found]
        found |= dict.fromkeys(level)
        if not level:
            break
    session.rollback()
    return list(found)[::-1]


def _interactions(session: Session, realm_id: int, numbers: Sequence[int], batch: int) -> None:
    while True:
        lock_realm(session, realm_id)
        connection = session.connection()
        ids = connection.execute(queries.interactions_of(realm_id, numbers, batch)).scalars().all()
        if not ids:
            session.rollback()
            return
        connection.execute(delete(Interaction).where(Interaction.realm_id == realm_id, Interaction.id.in_(ids)))
        session.commit()


def _runs(session: Session, realm_id: int, numbers: Sequence[int]) -> None:
    lock_realm(session, realm_id)
    connection = session.connection()
    mine = or_(Operation.number.in_(numbers), Operation.run.in_(numbers))
    connection.execute(delete(Operation).where(Operation.realm_id == realm_id, mine))
    for model in (RunJob, RunDetail, RunTracking, ShareLink, Badge):
        connection.execute(delete(model).where(model.realm_id == realm_id, model.run.in_(numbers)))
    orphans = (Run.realm_id == realm_id, Run.parent_run.in_(numbers))
    connection.execute(update(Run).where(*orphans).values(parent_run=None))
    connection.execute(delete(Run).where(Run.realm_id == realm_id, Run.number.in_(numbers)))
    session.commit()
