"""Selects of what Marquez clients ask for; the realm comes from the session."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import ColumnElement, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.jobs.models import Description, Facet, FacetBody, Job, Run, Tag
from app.lineage.models import Claim, Dataset, DatasetSchema, Edge, Interaction, Schema, Storage
from app.lineage.queries.datasets import every_name
from app.locations.models import Address, Location
from app.web.keyset import Rows

Ids = Collection[int]


def addresses() -> Rows:
    """Select (spelling, location) of every spelling that is the namespace of a dataset or job, in order."""
    return _named(or_(_has_dataset(), _has_job())).order_by(Address.url, Address.id)


def address(digest: bytes) -> Rows:
    """Select the same for one spelling."""
    return _named(or_(_has_dataset(), _has_job())).where(Address.digest == digest)


def sourceless() -> Rows:
    """Select (spelling, location) of namespaces with a dataset that names no source of its own."""
    return _named(_has_dataset(~Dataset.facets.contains('"dataSource":'))).order_by(Address.url, Address.id)


def _named(condition: ColumnElement[bool]) -> Rows:
    return select(Address.url, Location).join(Location, Location.id == Address.location_id).where(condition)


def _has_dataset(*more: ColumnElement[bool]) -> ColumnElement[bool]:
    return (
        exists()
        .where(
            Storage.realm_id == Address.realm_id,
            Storage.location_id == Address.location_id,
            Dataset.realm_id == Address.realm_id,
            Dataset.storage_id == Storage.id,
            Dataset.namespace == Address.url,
            *more,
        )
        .correlate(Address)
    )


def _has_job() -> ColumnElement[bool]:
    return (
        exists()
        .where(Job.realm_id == Address.realm_id, Job.location_id == Address.location_id, Job.namespace == Address.url)
        .correlate(Address)
    )


def sources() -> Rows:
    """Select (content, first seen, last seen) of every dataSource facet a dataset has or had."""
    found = (
        select(Facet.digest, func.min(Facet.first_at).label("first_at"), func.max(Facet.last_at).label("last_at"))
        .where(Facet.kind == "dataset", Facet.name == "dataSource", Facet.deleted.is_(False))
        .group_by(Facet.digest)
        .subquery()
    )
    return select(FacetBody.body, found.c.first_at, found.c.last_at).join(found, found.c.digest == FacetBody.digest)


def datasets(namespace: str, location_id: int) -> Rows:
    """Select the datasets of a namespace by name; names that were only ever another's symlink are left out."""
    places = select(Storage.id).where(Storage.location_id == location_id)
    return (
        select(Dataset)
        .where(
            Dataset.storage_id.in_(places),
            Dataset.namespace == namespace,
            or_(Dataset.alias_for_dataset_id.is_(None), Dataset.roles != ""),
        )
        .order_by(Dataset.sort_name, Dataset.id)
    )


def datasets_named(digests: Sequence[bytes]) -> Rows:
    """Select datasets by the digests of their names."""
    return select(Dataset).where(Dataset.digest.in_(digests))


def group(ids: Ids) -> Rows:
    """Select these canonical datasets and all their other names."""
    names = every_name(ids)
    return select(Dataset).join(names, names.c.id == Dataset.id).order_by(Dataset.id)


def names(ids: Ids) -> Rows:
    """Select (id, namespace, name, canonical id) of datasets."""
    canonical = func.coalesce(Dataset.alias_for_dataset_id, Dataset.id)
    return select(Dataset.id, Dataset.namespace, Dataset.name, canonical).where(Dataset.id.in_(ids))


def schemas(ids: Ids) -> Rows:
    """Select (id, fields as JSON) of schemas."""
    return select(Schema.id, Schema.fields).where(Schema.id.in_(ids))


def tags(kind: str, ids: Ids) -> Rows:
    """Select (entity id, column, key) of tags."""
    return select(Tag.entity_id, Tag.column, Tag.key).where(Tag.kind == kind, Tag.entity_id.in_(ids)).order_by(Tag.key)


def described(kind: str, ids: Ids) -> Rows:
    """Select (entity id, column, text) of what people say, oldest first."""
    return (
        select(Description.entity_id, Description.column, Description.text)
        .where(Description.kind == kind, Description.entity_id.in_(ids))
        .order_by(Description.said_at, Description.id)
    )


def bodies(digests: Collection[bytes]) -> Rows:
    """Select (digest, text) of contents of facets."""
    return select(FacetBody.digest, FacetBody.body).where(FacetBody.digest.in_(digests))


def newest_writes(ids: Ids) -> Rows:
    """Select (dataset id, id of its newest write, when) of these datasets, null where nothing wrote them."""
    write = aliased(Interaction)
    one = (
        select(write.id)
        .where(write.realm_id == Dataset.realm_id, write.dataset_id == Dataset.id, write.direction == "output")
        .order_by(write.started_at.desc(), write.id.desc())
        .limit(1)
        .correlate(Dataset)
        .scalar_subquery()
    )
    return select(Dataset.id, one).where(Dataset.id.in_(ids))


def spans(ids: Ids) -> Rows:
    """Select the stretches of time these datasets had a schema."""
    return select(DatasetSchema).where(DatasetSchema.dataset_id.in_(ids), DatasetSchema.schema_id.is_not(None))


def jobs(namespace: str | None, location_id: int | None) -> Rows:
    """Select jobs by name, of one namespace or of all; names that were only mentioned are no jobs yet."""
    found = select(Job).where(Job.origin != "named").order_by(Job.sort_name, Job.id)
    if namespace is None:
        return found
    return found.where(Job.location_id == location_id, Job.namespace == namespace)


def last_run_is(states: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that the last run of a job is in one of these states."""
    last = aliased(Run)
    return exists().where(last.number == Job.last_run, last.realm_id == Job.realm_id, last.status.in_(states))


def jobs_named(digests: Sequence[bytes]) -> Rows:
    """Select jobs by the digests of their names."""
    return select(Job).where(Job.digest.in_(digests))


def jobs_of(ids: Ids) -> Rows:
    """Select jobs by id."""
    return select(Job).where(Job.id.in_(ids))


def current_edges(ids: Ids, since: date) -> Rows:
    """Select (job id, direction, dataset id) of jobs: seen on ``since`` or later, else on the job's newest day."""
    day = aliased(Edge)
    newest = select(func.max(day.day)).where(day.realm_id == Job.realm_id, day.job_id == Job.id).correlate(Job)
    newest_day = newest.scalar_subquery()
    first = case((newest_day < since, newest_day), else_=since)
    return (
        select(Edge.job_id, Edge.direction, Edge.dataset_id)
        .select_from(Job)
        .join(Edge, (Edge.job_id == Job.id) & (Edge.day >= first))
        .where(Job.id.in_(ids))
        .distinct()
    )


def claims_of(ids: Ids) -> Rows:
    """Select what these jobs are said to read and write without a run."""
    ends = or_(
        (Claim.to_kind == "job") & Claim.to_id.in_(ids),
        (Claim.from_kind == "job") & Claim.from_id.in_(ids),
    )
    return select(Claim).where(ends, Claim.evidence.in_(("declared", "explicit")))


def claims_at(ids: Ids) -> Rows:
    """Select claims by which a job reads or writes one of these datasets without a run."""
    ends = or_(
        (Claim.to_kind == "job") & (Claim.from_kind == "dataset") & Claim.from_id.in_(ids),
        (Claim.from_kind == "job") & (Claim.to_kind == "dataset") & Claim.to_id.in_(ids),
    )
    return select(Claim).where(ends, Claim.evidence.in_(("declared", "explicit")))


def datasets_by_id(ids: Ids) -> Rows:
    """Select datasets by id."""
    return select(Dataset).where(Dataset.id.in_(ids))
