"""Selects on plans of jobs: configurations with their steps and the values these may tell."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.jobs.models import Job, JobConfiguration, MetadataConfiguration, StepConfiguration
from app.jobs.queries.sight import Sight, jobs

SORTS = {"id": JobConfiguration.id, "tag": JobConfiguration.tag}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which configurations a list shows; without ``versions`` the latest of each tag."""

    tag: str = ""
    version: str = ""
    provider: str = ""
    versions: bool = False
    archived: bool = False


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


def seen_jobs(job_ids: list[int], sight: Sight) -> Select[int]:
    """Select the ids of those jobs that an account sees."""
    return select(Job.id).where(Job.id.in_(job_ids), *jobs(sight))


def job(digest: bytes) -> Select[Job]:
    """Select a job by the digest of its namespace and name."""
    return select(Job).where(Job.digest == digest)


def listed(wanted: Wanted, conditions: list[ColumnElement[bool]]) -> Select[JobConfiguration, str]:
    """Select (configuration, login of its provider): the latest of each tag, or all versions."""
    own = JobConfiguration
    given = [*conditions]
    if wanted.tag:
        given.append(own.tag == wanted.tag)
    if wanted.version:
        given.append(own.version == wanted.version)
    if wanted.provider:
        given.append(own.provider_id == select(User.id).where(User.name == wanted.provider).scalar_subquery())
    if not wanted.archived:
        given.append(own.archived_at.is_(None))
    if not wanted.versions:
        newer = aliased(own)
        same = or_(newer.provider_id == own.provider_id, and_(newer.provider_id.is_(None), own.provider_id.is_(None)))
        given.append(~exists().where(newer.realm_id == own.realm_id, newer.tag == own.tag, newer.id > own.id, same))
    return select(own, User.name).outerjoin(User, User.id == own.provider_id).where(*given)


def speaks_of(text: str) -> ColumnElement[bool]:
    """Return whether tag or name hold a text."""
    return or_(*(column.icontains(text, autoescape=True) for column in (JobConfiguration.tag, JobConfiguration.name)))


def versions(tags: Sequence[str], most: int) -> Select[int | None, str, int, str]:
    """Select (provider, tag, id, version) of the configurations of some tags, newest first."""
    own = JobConfiguration
    found = select(own.provider_id, own.tag, own.id, own.version).where(own.tag.in_(tags))
    return found.order_by(own.id.desc()).limit(most)
