"""Selects on plans of jobs: configurations with their steps and the values these may tell."""

from sqlalchemy import ColumnElement, Select, select

from app.jobs.models import Job, JobConfiguration, MetadataConfiguration, StepConfiguration

SORTS = {"id": JobConfiguration.id}


def configuration(configuration_id: int) -> Select[JobConfiguration]:
    """Select one configuration."""
    return select(JobConfiguration).where(JobConfiguration.id == configuration_id)


def by_digest(digest: bytes) -> Select[JobConfiguration]:
    """Select the configuration of a provider, tag and version."""
    return select(JobConfiguration).where(JobConfiguration.digest == digest)


def of_tag(provider_id: int | None, tag: str) -> Select[JobConfiguration]:
    """Select the configurations of a tag of a provider (None: the system), newest first."""
    whose: ColumnElement[bool] = JobConfiguration.provider_id == provider_id
    if provider_id is None:
        whose = JobConfiguration.provider_id.is_(None)
    return select(JobConfiguration).where(JobConfiguration.tag == tag, whose).order_by(JobConfiguration.id.desc())


def configurations(conditions: list[ColumnElement[bool]]) -> Select[JobConfiguration]:
    """Select configurations."""
    return select(JobConfiguration).where(*conditions)


def steps(configuration_ids: list[int]) -> Select[StepConfiguration, MetadataConfiguration]:
    """Select (step, value or None) of some configurations, in the order of registration."""
    return (
        select(StepConfiguration, MetadataConfiguration)
        .outerjoin(MetadataConfiguration, MetadataConfiguration.step_configuration_id == StepConfiguration.id)
        .where(StepConfiguration.job_configuration_id.in_(configuration_ids))
        .order_by(StepConfiguration.job_configuration_id, StepConfiguration.position, MetadataConfiguration.position)
    )


def job_by_id(job_id: int, conditions: list[ColumnElement[bool]]) -> Select[Job]:
    """Select one job."""
    return select(Job).where(Job.id == job_id, *conditions)


def job(digest: bytes) -> Select[Job]:
    """Select a job by the digest of its namespace and name."""
    return select(Job).where(Job.digest == digest)
