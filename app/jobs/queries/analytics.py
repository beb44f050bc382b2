"""Selects for analytics: how many runs there were month by month, how long they took, and which steps took longest.

Runs count in the month in which they began, in UTC; parts of larger runs do not count, attempts do.
"""

from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from sqlalchemy import ColumnElement, Select, case, func, literal, select, union_all

from app.accounts.models import User
from app.jobs.models import Job, JobConfiguration, Run, RunStep
from app.jobs.queries.sight import TRACKED, Sight, rows
from app.jobs.queries.spans import MonthOf, SecondsBetween

Picked = TypeVar("Picked", bound=Select[*tuple[Any, ...]])
BY: Final = ("configuration", "customer", "status", "integration")
LABELS: Final[dict[str, Any]] = {
    "configuration": JobConfiguration.tag,
    "customer": User.name,
    "status": Run.status,
    "integration": case((Run.origin == TRACKED, TRACKED), else_=Run.integration),
}
"""What a run is counted under; null where it has none such."""


def months(sight: Sight, year: int, by: str) -> Select[int, str, str, int]:
    """Select (month, label, status, number of runs)."""
    month = MonthOf(Run.began_at)
    label = LABELS[by]
    return (
        _joined(select(month, label, Run.status, func.count()).select_from(Run), by)
        .where(*_of(sight, year))
        .group_by(month, label, Run.status)
    )


def lengths(sight: Sight, year: int, by: str, most: int) -> Select[str, float]:
    """Select (label, seconds) of the newest completed runs of a year."""
    took = SecondsBetween(Run.began_at, Run.ended_at)
    found = _joined(select(LABELS[by], took).select_from(Run), by)
    done = (Run.status == "completed", Run.ended_at.is_not(None))
    return found.where(*_of(sight, year), *done).order_by(Run.began_at.desc(), Run.number.desc()).limit(most)


def steps(sight: Sight, year: int, most: int) -> Select[int, str, str, float]:
    """Select (job, its name, step, seconds) of the steps of the newest completed tracked runs of a year."""
    done = (Run.status == "completed", Run.origin == TRACKED)
    newest = select(Run.number, Run.job_id).where(*_of(sight, year), *done)
    newest = newest.order_by(Run.began_at.desc(), Run.number.desc()).limit(most)
    runs = newest.subquery()
    return (
        select(Job.id, Job.name, RunStep.tag, SecondsBetween(RunStep.started_at, RunStep.ended_at))
        .join(runs, runs.c.number == RunStep.run)
        .join(Job, Job.id == runs.c.job_id)
        .where(RunStep.started_at.is_not(None), RunStep.ended_at.is_not(None))
    )


def bounds(sight: Sight) -> Select[datetime, datetime]:
    """Select when the first and the last run began."""
    # Asked apart, each is one step into the index.
    mine = (Run.role == "unit", *rows(sight))
    first, last = select(func.min(Run.began_at)).where(*mine), select(func.max(Run.began_at)).where(*mine)
    return select(first.scalar_subquery(), last.scalar_subquery())


def years(sight: Sight, first: int, last: int) -> Select[int]:
    """Select those of the years in which runs began."""
    found = [
        select(literal(year)).where(select(Run.number).where(*_of(sight, year)).exists())
        for year in range(first, last + 1)
    ]
    return select(union_all(*found).subquery())


def _of(sight: Sight, year: int) -> list[ColumnElement[bool]]:
    start, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    return [Run.role == "unit", Run.began_at >= start, Run.began_at < end, *rows(sight)]


def _joined(select_: Picked, by: str) -> Picked:
    if by == "configuration":
        return select_.outerjoin(JobConfiguration, JobConfiguration.id == Run.job_configuration_id)
    return select_.outerjoin(User, User.id == Run.customer_id) if by == "customer" else select_
