"""Selects for the board: the newest runs of some states, those that need somebody, and how many there are."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, or_, select

from app.jobs.models import Job, Run
from app.jobs.queries.runs import ParentJob, ParentRun
from app.jobs.queries.sight import Sight, rows
from app.jobs.queries.wanted import alarming, going

Shown = Select[Run, Job, Run, Job]


def recent(sight: Sight, limit: int, *status: str, since: datetime | None = None) -> Shown:
    """Select the newest unit runs in one of the states, each with its job; the newest attempt of each."""
    found = _runs(sight).where(Run.status.in_(status), Run.role == "unit")
    found = found.order_by(Run.began_at.desc(), Run.number.desc()).limit(limit)
    return found.where(Run.began_at >= since) if since else found


def alarmed(sight: Sight, now: datetime, limit: int) -> Shown:
    """Select open runs that are late or at risk, those that should have been done first before the others."""
    due = (Run.number.in_(going()), Run.deadline_at.is_not(None))
    bad = or_(Run.deadline_at < now, Run.eta_high_at > Run.deadline_at)
    return _runs(sight).where(*due, bad).order_by(Run.deadline_at, Run.number).limit(limit)


def silent(sight: Sight, now: datetime, limit: int) -> Shown:
    """Select stalled runs, the one that said something last first."""
    found = _runs(sight).where(*alarming("stalled", now))
    return found.order_by(Run.silent_until.desc(), Run.number.desc()).limit(limit)


def counted(
    sight: Sight, since: Sequence[tuple[str, datetime | None]], now: datetime, most: int
) -> Select[*tuple[int, ...]]:
    """Select the number of unit runs of each status, begun since its moment if it has one, counted to ``most``.

    The last two are of stalled runs and of late ones.
    """
    seen = [Run.next_attempt.is_(None), Run.archived_at.is_(None), *rows(sight)]
    capped = []
    for status, moment in since:
        one = select(Run.number).where(Run.status == status, Run.role == "unit", *seen).limit(most)
        capped.append((one.where(Run.began_at >= moment) if moment is not None else one).subquery())
    for alarm in ("stalled", "late"):
        one = select(Run.number).where(Run.role == "unit", *alarming(alarm, now), *seen).limit(most)
        capped.append(one.subquery())
    return select(*(select(func.count()).select_from(one).scalar_subquery() for one in capped))


def _runs(sight: Sight) -> Shown:
    return (
        select(Run, Job, ParentRun, ParentJob)
        .join(Job, Job.id == Run.job_id)
        .outerjoin(ParentRun, ParentRun.number == Run.parent_run)
        .outerjoin(ParentJob, ParentJob.id == ParentRun.job_id)
        .where(Run.next_attempt.is_(None), Run.archived_at.is_(None), *rows(sight))
    )
