"""Selects behind the charts: how many runs and rows per day."""

from datetime import date, datetime
from typing import Final

from sqlalchemy import func, select

from app.jobs.models import Run
from app.lineage.models import Edge
from app.lineage.queries.totals import total
from app.web.keyset import Rows

COUNTED: Final = 100_000


def runs_per_day(since: datetime) -> Rows:
    """Select (UTC day, status, runs) of the newest 100,000 unit runs since a moment; SQLite tells days as text."""
    newest = (
        select(func.date(Run.began_at).label("day"), Run.status)
        .where(Run.role == "unit", Run.began_at >= since)
        .order_by(Run.began_at.desc())
        .limit(COUNTED)
        .subquery()
    )
    return select(newest.c.day, newest.c.status, func.count()).group_by(newest.c.day, newest.c.status)


def written_per_day(since: date) -> Rows:
    """Select (UTC day, rows, bytes) written since a day, from the edges of jobs and datasets."""
    return (
        select(Edge.day, total(Edge.rows), total(Edge.bytes))
        .where(Edge.direction == "output", Edge.day >= since)
        .group_by(Edge.day)
        .order_by(Edge.day)
    )
