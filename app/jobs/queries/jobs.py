"""Selects on jobs: the list, one job, and what is said about it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, union_all
from sqlalchemy.orm import aliased

from app.jobs.models import Dependency, Facet, FacetBody, Job, Owner, Run, Tag
from app.jobs.queries.sight import EVERYTHING, Sight
from app.jobs.queries.sight import jobs as seen_jobs
from app.jobs.queries.sight import rows as seen_runs
from app.jobs.queries.wanted import alarming
from app.jobs.shown import STALLED
from app.locations.models import Location

SORTS = {"name": Job.sort_name, "last_run_at": Job.last_run_at}
LastRun = aliased(Run, name="last_run")
Other = aliased(Job, name="other")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which jobs a list shows; values of one filter are alternatives.

    ``io`` and ``words`` hold the conditions of slices that know what jobs read and write, and what they are found by;
    ``looked_up`` are those an index answers. ``text`` is looked for in names; ``statuses`` may hold stalled, which is
    judged at ``now``.
    """

    text: str = ""
    integrations: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    parts: bool = False
    archived: bool = False
    never_run: bool = False
    locations: tuple[int, ...] = ()
    io: list[ColumnElement[bool]] = field(default_factory=list)
    words: list[ColumnElement[bool]] = field(default_factory=list)
    looked_up: list[ColumnElement[bool]] = field(default_factory=list)
    sight: Sight = EVERYTHING
    now: datetime | None = None


def jobs(wanted: Wanted) -> Select[Job, Location, Run]:
    """Select rows of job, its location and its last run."""
    found = (
        select(Job, Location, LastRun)
        .join(Location, Location.id == Job.location_id)
        .outerjoin(LastRun, LastRun.number == Job.last_run)
    )
    here = [Job.location_id.in_(wanted.locations)] if wanted.locations else []
    return found.where(*here, *wanted.looked_up)


def narrower(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Return the conditions no index answers; names that were only mentioned are no jobs yet."""
    pairs = [
        (True, Job.origin != "named"),
        (not wanted.parts, Job.role == "unit"),
        (True, Job.archived_at.is_not(None) if wanted.archived else Job.archived_at.is_(None)),
        (wanted.text, Job.name.icontains(wanted.text, autoescape=True)),
        (wanted.integrations, Job.integration.in_(wanted.integrations)),
        (wanted.types, Job.type.in_(wanted.types)),
        (wanted.never_run, Job.last_run.is_(None)),
        (wanted.statuses, _last_stands(wanted)),
        (wanted.owners, _about(Owner, Owner.name.in_(wanted.owners))),
        (wanted.tags, _about(Tag, Tag.key.in_(wanted.tags))),
    ]
    return [*(condition for asked, condition in pairs if asked), *wanted.io, *wanted.words, *seen_jobs(wanted.sight)]


def _last_stands(wanted: Wanted) -> ColumnElement[bool]:
    """Return whether the last run stands so, as far as its row is shown; stalled stands in place of a status."""
    stands: list[ColumnElement[bool]] = [Run.status.in_([word for word in wanted.statuses if word != STALLED])]
    if STALLED in wanted.statuses and wanted.now is not None:
        stands.append(and_(*alarming(STALLED, wanted.now)))
    last = (Run.number == Job.last_run, Run.realm_id == Job.realm_id)
    return exists().where(*last, or_(*stands), *seen_runs(wanted.sight))


def _about(model: type[Owner] | type[Tag], condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(model.realm_id == Job.realm_id, model.kind == "job", model.entity_id == Job.id, condition)


def job(job_id: int) -> Select[Job, Location, Job]:
    """Select one job with its location and its parent job."""
    return (
        select(Job, Location, Other)
        .join(Location, Location.id == Job.location_id)
        .outerjoin(Other, Other.id == Job.parent_job_id)
        .where(Job.id == job_id)
    )


def children(job_id: int, limit: int) -> Select[Job]:
    """Select the jobs whose parent is this one, by name."""
    return select(Job).where(Job.parent_job_id == job_id).order_by(Job.sort_name, Job.id).limit(limit)


def child_ids(job_ids: Sequence[int], limit: int) -> Select[int]:
    """Select the ids of jobs whose parent is one of ``job_ids``."""
    return select(Job.id).where(Job.parent_job_id.in_(job_ids)).order_by(Job.id).limit(limit)


def dependencies(job_id: int, limit: int) -> Select[Dependency, Job]:
    """Select (dependency, the job on its other end), both directions."""
    ends = union_all(
        select(Dependency.id, Dependency.to_job_id.label("other")).where(Dependency.from_job_id == job_id),
        select(Dependency.id, Dependency.from_job_id.label("other")).where(Dependency.to_job_id == job_id),
    ).subquery()
    return (
        select(Dependency, Job)
        .join(ends, ends.c.id == Dependency.id)
        .join(Job, Job.id == ends.c.other)
        .order_by(Job.sort_name, Job.id)
        .limit(limit)
    )


def owners(job_ids: Sequence[int]) -> Select[Owner]:
    """Select who answers for the jobs."""
    return select(Owner).where(Owner.kind == "job", Owner.entity_id.in_(job_ids)).order_by(Owner.name, Owner.id)


def tags(job_id: int) -> Select[Tag]:
    """Select the tags of a job."""
    return select(Tag).where(Tag.kind == "job", Tag.entity_id == job_id).order_by(Tag.key, Tag.id)


def bodies(digests: Sequence[bytes]) -> Select[FacetBody]:
    """Select contents of facets."""
    return select(FacetBody).where(FacetBody.digest.in_(digests))


def versions(job_id: int, facet: str, limit: int) -> Select[Facet, FacetBody]:
    """Select (facet, body) of every content a facet of a job had, newest first."""
    return (
        select(Facet, FacetBody)
        .join(FacetBody, FacetBody.digest == Facet.digest)
        .where(Facet.kind == "job", Facet.entity_id == job_id, Facet.name == facet)
        .order_by(Facet.last_at.desc(), Facet.id.desc())
        .limit(limit)
    )


def last_runs(realm_id: int, job_ids: Sequence[int], each: int, sight: Sight = EVERYTHING) -> Select[*tuple[Any, ...]]:
    """Select how the newest runs of every job stand, and when they began and ended: as many short walks."""
    run = Run.__table__
    columns = (
        run.c.job_id, run.c.number, run.c.id, run.c.status, run.c.began_at, run.c.ended_at, run.c.silent_until,
        run.c.dismissed_at,
    )  # fmt: skip
    walks = [
        select(*columns)
        .where(run.c.realm_id == realm_id, run.c.job_id == job_id, *seen_runs(sight))
        .order_by(run.c.began_at.desc(), run.c.number.desc())
        .limit(each)
        .subquery()
        for job_id in job_ids
    ]
    return select(union_all(*(select(walk) for walk in walks)).subquery())
