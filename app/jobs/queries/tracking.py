"""Selects on tracked runs: with what an event needs to be taken in, their attempts, their events."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, select

from app.jobs.models import DurationStat, Event, Job, JobConfiguration, Run, RunStep, RunTracking
from app.jobs.naming import run_digest


def by_id(which: int | UUID) -> ColumnElement[bool]:
    """Return the condition for a run by number or id."""
    return Run.number == which if isinstance(which, int) else Run.id == which


def newest(provider_id: int, external_id: str) -> ColumnElement[bool]:
    """Return the condition for the attempts of a provider's run."""
    return and_(Run.provider_id.is_not(None), Run.provider_id == provider_id, Run.external_id == external_id)


def tracked(condition: ColumnElement[bool], *, hold: bool) -> Select[Run, Job, RunTracking, JobConfiguration, datetime]:
    """Select (run, job, tracking, configuration, when its history last changed), the newest attempt first.

    ``hold`` keeps others from the run until the transaction ends. Runs of OpenLineage have no tracking.
    """
    return _with_all(condition, hold=hold).order_by(Run.attempt.desc()).limit(1)


def _with_all(
    condition: ColumnElement[bool], *, hold: bool
) -> Select[Run, Job, RunTracking, JobConfiguration, datetime]:
    major = func.coalesce(JobConfiguration.major, "")
    found = (
        select(Run, Job, RunTracking, JobConfiguration, DurationStat.updated_at)
        .join(Job, Job.id == Run.job_id)
        .outerjoin(RunTracking, RunTracking.run == Run.number)
        .outerjoin(JobConfiguration, JobConfiguration.id == Run.job_configuration_id)
        .outerjoin(DurationStat, and_(DurationStat.job_id == Run.job_id, DurationStat.major == major))
        .where(condition)
        .execution_options(populate_existing=True)
    )
    return found.with_for_update(of=Run) if hold else found


@lru_cache(maxsize=2)
def by_numbers(*, hold: bool) -> Select[Run, Job, RunTracking, JobConfiguration, datetime]:
    """Select what ``tracked`` does of the runs ``numbers``, in their order, so that two who hold them never block."""
    return _with_all(Run.number.in_(bindparam("numbers", expanding=True)), hold=hold).order_by(Run.number)


@lru_cache(maxsize=2)
def by_ids(*, hold: bool) -> Select[Run, Job, RunTracking, JobConfiguration, datetime]:
    """Select the same of the runs ``ids``."""
    return _with_all(Run.id.in_(bindparam("ids", expanding=True)), hold=hold).order_by(Run.number)


@lru_cache(maxsize=4)
def one(*, by_number: bool, hold: bool) -> Select[Run, Job, RunTracking, JobConfiguration, datetime]:
    """Select what ``tracked`` does of the run ``which``; built once, because that takes longer than running it."""
    column: Any = Run.number if by_number else Run.id
    return tracked(column == bindparam("which"), hold=hold)


@lru_cache(maxsize=2)
def newest_of(*, hold: bool) -> Select[Run, Job, RunTracking, JobConfiguration, datetime]:
    """Select the same of the newest attempts of the runs ``external`` of ``provider``."""
    mine = and_(Run.provider_id.is_not(None), Run.provider_id == bindparam("provider"))
    names = Run.external_id.in_(bindparam("external", expanding=True))
    return _with_all(and_(mine, names, Run.next_attempt.is_(None)), hold=hold).order_by(Run.number)


@lru_cache(maxsize=1)
def following() -> Select[RunTracking]:
    """Select where the folds of the runs ``numbers`` stand, over what is in memory of them."""
    mine = RunTracking.run.in_(bindparam("numbers", expanding=True))
    return select(RunTracking).where(mine).execution_options(populate_existing=True)


def attempts(run: Run) -> Select[Run]:
    """Select all attempts of a run's family, the newest first."""
    return select(Run).where(newest(run.provider_id or 0, run.external_id or "")).order_by(Run.attempt.desc())


def attempt(provider_id: int, external_id: str, number: int) -> ColumnElement[bool]:
    """Return the condition for one attempt."""
    return and_(newest(provider_id, external_id), Run.attempt == number)


def reported(reported_id: str) -> Select[Run]:
    """Select the run of an id as reported."""
    return select(Run).where(Run.digest == run_digest(reported_id))


def history(job_id: int, major: str) -> Select[DurationStat]:
    """Select how the newest completed runs of a job went."""
    return select(DurationStat).where(DurationStat.job_id == job_id, DurationStat.major == major)


def learned_at(job_id: int, major: str) -> Select[datetime]:
    """Select when that last changed."""
    return select(DurationStat.updated_at).where(DurationStat.job_id == job_id, DurationStat.major == major)


def event(event_id: int) -> Select[Event, Run]:
    """Select an event with its run."""
    return select(Event, Run).join(Run, Run.number == Event.run).where(Event.id == event_id)


def events(run: int) -> Select[Event]:
    """Select the events of a run as they came."""
    return select(Event).where(Event.run == run)


def all_events(run: int) -> Select[Event]:
    """Select the events of a run in their order."""
    return events(run).order_by(Event.sequence)


def steps(run: int) -> Select[RunStep]:
    """Select the states of the steps of a run."""
    return select(RunStep).where(RunStep.run == run).order_by(RunStep.position, RunStep.tag)


def open_children(numbers: Sequence[int], limit: int) -> Select[Run]:
    """Select the runs below others that have not ended."""
    return (
        select(Run)
        .where(Run.parent_run.in_(numbers), Run.status.in_(("queued", "running", "unknown")))
        .order_by(Run.number)
        .limit(limit)
    )


def open_of_job(job_id: int, limit: int) -> Select[Run, str]:
    """Select (run, major version of its plan or an empty text) of the runs of a job that go on."""
    return (
        select(Run, func.coalesce(JobConfiguration.major, ""))
        .outerjoin(JobConfiguration, JobConfiguration.id == Run.job_configuration_id)
        .where(Run.job_id == job_id, Run.status.in_(("queued", "running")))
        .order_by(Run.began_at.desc(), Run.number.desc())
        .limit(limit)
    )
