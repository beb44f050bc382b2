"""Selects on what belongs to one run: its plan, steps, events, log, attempts, links and badges."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, select

from app.accounts.models import User
from app.jobs.models import (
    Badge,
    Event,
    Job,
    JobConfiguration,
    LogChunk,
    MetadataConfiguration,
    Run,
    RunStep,
    RunTracking,
    ShareLink,
    StepConfiguration,
)

MOST_ATTEMPTS = 50


def plan(configuration_id: int) -> Select[JobConfiguration]:
    """Select the plan a run follows."""
    return select(JobConfiguration).where(JobConfiguration.id == configuration_id)


def planned(configuration_id: int) -> Select[StepConfiguration]:
    """Select the steps of a plan in their order."""
    return (
        select(StepConfiguration)
        .where(StepConfiguration.job_configuration_id == configuration_id)
        .order_by(StepConfiguration.position, StepConfiguration.id)
    )


def promised(configuration_id: int) -> Select[MetadataConfiguration]:
    """Select the values that the steps of a plan may carry."""
    return (
        select(MetadataConfiguration)
        .join(StepConfiguration, StepConfiguration.id == MetadataConfiguration.step_configuration_id)
        .where(StepConfiguration.job_configuration_id == configuration_id)
        .order_by(MetadataConfiguration.step_configuration_id, MetadataConfiguration.position)
    )


def steps(number: int) -> Select[RunStep]:
    """Select the states of the steps of a run."""
    return select(RunStep).where(RunStep.run == number).order_by(RunStep.position, RunStep.tag)


def attempts(run: Run) -> Select[Run]:
    """Select the attempts of the family of a run, newest first."""
    return (
        select(Run)
        .where(Run.external_id == run.external_id, Run.job_id == run.job_id, Run.provider_id == run.provider_id)
        .where(Run.customer_id == run.customer_id if run.customer_id is not None else Run.customer_id.is_(None))
        .order_by(Run.attempt.desc(), Run.number.desc())
        .limit(MOST_ATTEMPTS)
    )


def newest_attempt(run: Run) -> Select[Run]:
    """Select the newest attempt of the family of a run."""
    return attempts(run).limit(1)


def named(user_ids: Sequence[int]) -> Select[int, str, str]:
    """Select id, login and name of accounts."""
    return select(User.id, User.name, User.display_name).where(User.id.in_(user_ids))


def events(number: int) -> Select[Event]:
    """Select what a run reported."""
    return select(Event).where(Event.run == number)


def newest_events(number: int, limit: int, *, after: int | None = None) -> Select[Event]:
    """Select the newest events of a run by the time they tell of; with ``after`` those of a higher sequence only."""
    found = events(number).order_by(Event.occurred_at.desc(), Event.sequence.desc()).limit(limit)
    return found.where(Event.sequence > after) if after is not None else found


def replaced(ids: Sequence[int]) -> Select[int | None]:
    """Select the ids among ``ids`` of events that another stands in for."""
    return select(Event.updates).where(Event.updates.in_(ids))


def tracking(number: int) -> Select[RunTracking]:
    """Select where the fold of a run stands."""
    return select(RunTracking).where(RunTracking.run == number)


def log_places(number: int, limit: int) -> Select[int, int]:
    """Select offset and size of the newest chunks of a run's log, the last first."""
    return (
        select(LogChunk.offset, LogChunk.size)
        .where(LogChunk.run == number)
        .order_by(LogChunk.offset.desc())
        .limit(limit)
    )


def log_from(number: int, offset: int, limit: int = 10_000) -> Select[int, bytes]:
    """Select offset and bytes of the chunks of a log from an offset on."""
    return (
        select(LogChunk.offset, LogChunk.bytes)
        .where(LogChunk.run == number, LogChunk.offset >= offset)
        .order_by(LogChunk.offset)
        .limit(limit)
    )


def shares(number: int) -> Select[ShareLink]:
    """Select the links to a run, newest first."""
    return select(ShareLink).where(ShareLink.run == number).order_by(ShareLink.created_at.desc(), ShareLink.id.desc())


def share_of_token(digest: bytes) -> Select[ShareLink, Run, Job]:
    """Select the link of a token with its run and job: finds the realm."""
    return (
        select(ShareLink, Run, Job)
        .join(Run, Run.number == ShareLink.run)
        .join(Job, Job.id == Run.job_id)
        .where(ShareLink.token_hash == digest)
    )


def shows_log(numbers: Sequence[int], now: datetime, without: str) -> Select[int]:
    """Select how many live links with the log lead to one of the runs, made by others than ``without``."""
    found = (
        select(ShareLink.id)
        .where(ShareLink.run.in_(numbers), ShareLink.show_log.is_(True), ShareLink.revoked_at.is_(None))
        .where(ShareLink.expires_at > now, ShareLink.created_by != without)
        .limit(1)
        .subquery()
    )
    return select(func.count()).select_from(found)


def badges(*, run: int | None = None, job_id: int | None = None) -> Select[Badge]:
    """Select the badges of a run or of a job, newest first."""
    mine = Badge.run == run if run is not None else Badge.job_id == job_id
    return select(Badge).where(mine).order_by(Badge.created_at.desc(), Badge.id.desc())


def badge_of_token(digest: bytes) -> Select[Badge]:
    """Select the badge of a token: finds the realm."""
    return select(Badge).where(Badge.token_hash == digest)


def run_with_job(number: int) -> Select[Run, Job]:
    """Select a run with its job."""
    return select(Run, Job).join(Job, Job.id == Run.job_id).where(Run.number == number)


def job_with_newest_run(job_id: int) -> Select[Run, Job]:
    """Select the newest run of a job with it; the run is null when it never ran."""
    newest = (
        select(Run.number).where(Run.job_id == job_id).order_by(Run.began_at.desc(), Run.number.desc()).limit(1)
    ).scalar_subquery()
    return select(Run, Job).join_from(Job, Run, Run.number == newest, isouter=True).where(Job.id == job_id)
