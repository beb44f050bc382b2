"""Selects of locations and storages, with how much is in them; counts stop at 10,000."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import aliased

from app.jobs.models import Job
from app.lineage.models import Dataset, Storage
from app.locations.models import Address, Location
from app.web.keyset import Rows

LOCATION_SORTS: Final = {"name": Location.sort_name}
STORAGE_SORTS: Final = {"location": Location.sort_name}
COUNTED: Final = 10_000
MOST: Final = 50
MOST_ADDRESSES: Final = 20_000


def locations(*, text: str = "", types: tuple[str, ...] = ()) -> Rows:
    """Select (Location, storages, datasets, jobs, newest write) of locations that were not merged away."""
    query = select(
        Location,
        _number(
            select(Storage.id).where(Storage.location_id == Location.id, Storage.realm_id == Location.realm_id),
            Location,
        ),
        _number(_datasets_at(), Location),
        _number(select(Job.id).where(Job.location_id == Location.id, Job.realm_id == Location.realm_id), Location),
        _newest(_datasets_at(), _written_at(), Location),
    ).where(Location.merged_into_id.is_(None))
    if types:
        query = query.where(Location.type.in_(types))
    return query.where(*(_location_has(word) for word in text.split()))


def _datasets_at() -> Rows:
    inner = aliased(Storage)
    return (
        select(Dataset.id)
        .join(inner, inner.id == Dataset.storage_id)
        .where(
            inner.location_id == Location.id,
            inner.realm_id == Location.realm_id,
            Dataset.realm_id == Location.realm_id,
            Dataset.alias_for_dataset_id.is_(None),
        )
    )


def _written_at() -> Rows:
    inner = aliased(Storage)
    here = select(inner.id).where(inner.location_id == Location.id, inner.realm_id == Location.realm_id)
    # The sum keeps the index of storages out of it: what is large is met soon in the order of writes.
    mine = (Dataset.realm_id == Location.realm_id, (Dataset.storage_id + 0).in_(here.correlate(Location)))
    return select(Dataset.last_written_at).where(*mine, Dataset.last_written_at.is_not(None))


def _location_has(word: str) -> ColumnElement[bool]:
    address = select(Address.id).where(
        Address.location_id == Location.id,
        Address.realm_id == Location.realm_id,
        Address.url.icontains(word, autoescape=True),
    )
    return or_(
        Location.name.icontains(word, autoescape=True),
        Location.type.icontains(word, autoescape=True),
        address.correlate(Location).exists(),
    )


def storages(*, text: str = "", types: tuple[str, ...] = (), location: int | None = None) -> Rows:
    """Select (Storage, Location, datasets, newest write)."""
    inside = select(Dataset.id).where(
        Dataset.storage_id == Storage.id,
        Dataset.realm_id == Storage.realm_id,
        Dataset.alias_for_dataset_id.is_(None),
    )
    written = select(Dataset.last_written_at).where(
        Dataset.realm_id == Storage.realm_id, Dataset.storage_id + 0 == Storage.id, Dataset.last_written_at.is_not(None)
    )
    query = select(Storage, Location, _number(inside, Storage), _newest(inside, written, Storage)).join(
        Location, Location.id == Storage.location_id
    )
    if types:
        query = query.where(Location.type.in_(types))
    if location is not None:
        query = query.where(Storage.location_id == location)
    for word in text.split():
        query = query.where(
            or_(Storage.name.icontains(word, autoescape=True), Location.name.icontains(word, autoescape=True))
        )
    return query


def _number(rows: Rows, outer: Any) -> Any:
    capped = rows.correlate(outer).limit(COUNTED + 1).subquery()
    return select(func.count()).select_from(capped).scalar_subquery()


def _newest(inside: Rows, written: Rows, outer: Any) -> Any:
    """Return the newest write: of few datasets the greatest, of many the first in the order of writes."""
    moment = inside.with_only_columns(Dataset.last_written_at).correlate(outer).limit(COUNTED + 1).subquery()
    few = select(func.max(moment.c.last_written_at)).scalar_subquery()
    many = written.order_by(Dataset.last_written_at.desc()).limit(1).correlate(outer).scalar_subquery()
    return case((_number(inside, outer) > COUNTED, many), else_=few)


def location(location_id: int) -> Rows:
    """Select one location, merged away or not."""
    return select(Location).where(Location.id == location_id)


def storage(storage_id: int) -> Rows:
    """Select (Storage, Location) of one storage."""
    return select(Storage, Location).join(Location, Location.id == Storage.location_id).where(Storage.id == storage_id)


def addresses_of(locations: Sequence[int]) -> Rows:
    """Select (location, address) of some locations, in the order they were reported."""
    return (
        select(Address.location_id, Address.url)
        .where(Address.location_id.in_(locations))
        .order_by(Address.location_id, Address.id)
        .limit(MOST_ADDRESSES)
    )


def addresses(location_id: int) -> Rows:
    """Select the addresses a location was reported under."""
    return select(Address).where(Address.location_id == location_id).order_by(Address.id).limit(MOST * 4)


def jobs_at(location_id: int) -> Rows:
    """Select the jobs of a location, those that ran last first."""
    return (
        select(Job)
        .where(Job.location_id == location_id, Job.role == "unit")
        .order_by(Job.last_run_at.desc().nulls_last(), Job.id)
        .limit(MOST)
    )


def types() -> Rows:
    """Select the types of locations there are."""
    return select(Location.type).distinct().order_by(Location.type).limit(MOST * 4)


def platforms() -> Rows:
    """Select (type, datasets) of the platforms that hold datasets, the fullest first."""
    return (
        select(Location.type, func.count(Dataset.id))
        .join(Storage, Storage.location_id == Location.id)
        .join(Dataset, Dataset.storage_id == Storage.id)
        .where(Dataset.alias_for_dataset_id.is_(None))
        .group_by(Location.type)
        .order_by(func.count(Dataset.id).desc(), Location.type)
        .limit(MOST)
    )


def sizes() -> Rows:
    """Select how many datasets, jobs, storages and locations there are, each counted to 10,000."""
    parts = (
        select(Dataset.id).where(Dataset.alias_for_dataset_id.is_(None)),
        select(Job.id).where(Job.role == "unit"),
        select(Storage.id),
        select(Location.id).where(Location.merged_into_id.is_(None)),
    )
    counted = (select(func.count()).select_from(part.limit(COUNTED + 1).subquery()).scalar_subquery() for part in parts)
    return select(*counted)
