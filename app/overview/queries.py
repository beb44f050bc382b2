"""Selects behind the charts: how many runs and rows per day."""

from datetime import date, datetime

from sqlalchemy import func, select

from app.jobs.models import Run
from app.lineage.models import Edge
from app.web.keyset import Rows


def runs_per_day(since: datetime) -> Rows:
    """Select (UTC day, status, runs) of unit runs begun since a moment; SQLite gives the day as text."""
    day = func.date(Run.began_at)
    return (
        select(day, Run.status, func.count(Run.number))
        .where(Run.role == "unit", Run.began_at >= since)
        .group_by(day, Run.status)
    )


def written_per_day(since: date) -> Rows:
    """Select (UTC day, rows, bytes) written since a day, from the edges of jobs and datasets."""
    return (
        select(Edge.day, func.sum(Edge.rows), func.sum(Edge.bytes))
        .where(Edge.direction == "output", Edge.day >= since)
        .group_by(Edge.day)
        .order_by(Edge.day)
    )
