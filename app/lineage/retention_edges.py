"""Edges of long ago: the days of a month become one row on its first day, counters added up."""

from datetime import date
from itertools import islice
from typing import Any

from sqlalchemy import delete, tuple_
from sqlalchemy.orm import Session

from app.bulk import insert_rows
from app.lineage.models import Edge
from app.lineage.queries import retention as queries
from app.lineage.store.batch import lock_realm
from app.lineage.store.edges import COUNTED, MOST

JOBS = 200
SUM = ", ".join(
    f'"{name}" = CAST({{least}}({MOST}, CAST({{table}}."{name}" AS NUMERIC) + excluded."{name}") AS BIGINT)'
    for name in COUNTED
)
KEY = ("realm_id", "job_id", "dataset_id", "direction", "type", "day")


def fold_edges(session: Session, realm_id: int, before: date, batch: int) -> int:
    """Fold edges of days before the first of a month; returns how many daily rows went. Commits each batch."""
    folded, reached = 0, 0
    while job_ids := _jobs(session, realm_id, reached):
        reached = job_ids[-1]
        while rows := _batch(session, realm_id, job_ids, before, batch):
            _fold(session, realm_id, rows)
            session.commit()
            folded += len(rows)
        session.rollback()
    session.rollback()
    return folded


def _jobs(session: Session, realm_id: int, after: int) -> list[int]:
    found = session.connection().execute(queries.jobs(realm_id, after, JOBS)).scalars().all()
    session.rollback()
    return list(found)


def _batch(session: Session, realm_id: int, job_ids: list[int], before: date, batch: int) -> list[Any]:
    lock_realm(session, realm_id)
    return sorted(session.connection().execute(queries.daily_edges(realm_id, job_ids, before, batch)))


def _fold(session: Session, realm_id: int, rows: list[Any]) -> None:
    connection, months = session.connection(), dict[tuple[Any, ...], dict[str, Any]]()
    for row in rows:
        key = (realm_id, row.job_id, row.dataset_id, row.direction, row.type, row.day.replace(day=1))
        into = months.setdefault(key, dict(zip(KEY, key, strict=True)) | dict.fromkeys(COUNTED, 0))
        for name in COUNTED:
            into[name] = min(MOST, into[name] + getattr(row, name))
    keys = iter([tuple(row[:5]) for row in rows])
    while part := list(islice(keys, 200)):
        gone = delete(Edge.__table__).where(Edge.realm_id == realm_id, tuple_(*queries.EDGE_KEY).in_(part))
        connection.execute(gone)
    insert_rows(connection, Edge.__table__, list(months.values()), conflict=KEY, update=SUM)
