"""Selects on runs whose silence or deadline asks for a notice that was not given yet."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, Update, bindparam, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from app.jobs.models import DurationStat, Job, Run, RunStatus, RunTracking
from app.jobs.progress.parts import MOST as FULL
from app.jobs.queries.sight import TRACKED
from app.jobs.queries.wanted import going

RECENT: Final = timedelta(days=7)
MOST: Final = 500
OPEN = (RunStatus.QUEUED, RunStatus.RUNNING)


def stalled(now: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions for runs whose silence became too long, and which nobody dismissed."""
    return [Run.silent_until < now, _fresh(Run.silent_until, now), Run.dismissed_at.is_(None)]


def late(now: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions for runs whose deadline passed."""
    return [Run.number.in_(going()), Run.deadline_at < now, _fresh(Run.deadline_at, now)]


def _fresh(since: InstrumentedAttribute[datetime | None], now: datetime) -> ColumnElement[bool]:
    # The clock of reported runs is that of their events: who loads last year's history must not be called for each
    # run of it whose end was lost. Tracked runs are silent by our own clock, however long no worker ran.
    return or_(since > now - RECENT, Run.origin == TRACKED)


def at_risk(now: datetime) -> list[ColumnElement[bool]]:
    """Return the conditions for runs that 8 of 10 times would end after their deadline, which is to come."""
    return [Run.deadline_at >= now, Run.eta_high_at > Run.deadline_at]


def untold(conditions: list[ColumnElement[bool]], word: str) -> Select[Run, Job, str | None]:
    """Select (run, job, notices given) of whole processes that go on and were not told of by this word; at most 500.

    Runs that are just being reported are left for the next turn.
    """
    told = RunTracking.told
    return (
        select(Run, Job, told)
        .join(Job, Job.id == Run.job_id)
        .outerjoin(RunTracking, RunTracking.run == Run.number)
        .where(*conditions, Run.role == "unit", Run.status.in_(OPEN), Run.archived_at.is_(None))
        .where(told.is_(None) | ~told.contains(word, autoescape=True))
        .order_by(Run.number)
        .limit(MOST)
        .with_for_update(of=Run, skip_locked=True)
    )


def estimated(limit: int = MOST) -> Select[Run, Job, str]:
    """Select (run, job, history as text) of runs that go on and whose progress is told by the clock, newest first."""
    stat = (DurationStat.job_id == Run.job_id) & (DurationStat.major == "")
    return (
        select(Run, Job, DurationStat.runs)
        .join(Job, Job.id == Run.job_id)
        .join(DurationStat, stat)
        .where(Run.status == RunStatus.RUNNING, Run.progress_kind == "estimated", Run.progress < FULL)
        .order_by(Run.began_at.desc(), Run.number.desc())
        .limit(limit)
    )


def grow() -> Update:
    """Let the progress of the run ``which`` be ``grown``, if it still goes on and has not come further."""
    table = Run.__table__
    mine = (table.c.number == bindparam("which"), table.c.realm_id == bindparam("realm"))
    goes_on = (table.c.status == RunStatus.RUNNING, table.c.progress_kind == "estimated")
    value: Any = bindparam("grown")
    return update(table).where(*mine, *goes_on, func.coalesce(table.c.progress, 0.0) < value).values(progress=value)
