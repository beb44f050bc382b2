"""Selects of datasets; only canonical ones are listed, every name of a symlink group finds them."""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import ColumnElement, Subquery, and_, exists, func, or_, select, union_all
from sqlalchemy.orm import aliased

from app.lineage.models import Dataset, Expectation, Storage, Touch
from app.locations.models import Location
from app.web.keyset import Rows

LATEST: Final = aliased(Dataset, name="latest")
GONE: Final = "DROP"
MOST_CHOICES: Final = 200
MOST_JOBS: Final = 10_000


def canonical(ids: Rows) -> Rows:
    """Select the canonical dataset of each dataset that ``ids`` selects."""
    named = aliased(Dataset)
    return select(func.coalesce(named.alias_for_dataset_id, named.id)).where(named.id.in_(ids))


def by_write() -> Rows:
    """Select (Dataset, Storage, Location) of canonical datasets, to sort by the last write under any of their names.

    Each group stands where the name of it stands that was written last (``LATEST``): the index of writes gives order.
    """
    return (
        select(Dataset, Storage, Location)
        .select_from(LATEST)
        .join(Dataset, Dataset.id == func.coalesce(LATEST.alias_for_dataset_id, LATEST.id))
        .join(Storage, Storage.id == Dataset.storage_id)
        .join(Location, Location.id == Storage.location_id)
        .where(~_is_later(Dataset.id, Dataset.id), ~_is_later(Dataset.alias_for_dataset_id, Dataset.id))
    )


def _is_later(column: Any, home: Any) -> ColumnElement[bool]:
    """Return whether a name whose ``column`` is ``home`` was written after LATEST; asked by one index at a time."""
    other = aliased(Dataset)
    return exists().where(
        other.realm_id == LATEST.realm_id,
        getattr(other, column.key) == home,
        or_(
            other.last_written_at > LATEST.last_written_at,
            and_(LATEST.last_written_at.is_(None), other.last_written_at.is_not(None)),
            and_(other.last_written_at.is_not_distinct_from(LATEST.last_written_at), other.id > LATEST.id),
        ),
    )


def placed() -> Rows:
    """Select every (Dataset, Storage, Location)."""
    return (
        select(Dataset, Storage, Location)
        .join(Storage, Storage.id == Dataset.storage_id)
        .join(Location, Location.id == Storage.location_id)
    )


def placed_at(ids: Collection[int]) -> Rows:
    """Select (Dataset, Storage, Location) of datasets by id."""
    return placed().where(Dataset.id.in_(ids))


def dataset(dataset_id: int) -> Rows:
    """Select (Dataset, Storage, Location) of one dataset, alias or not."""
    return placed().where(Dataset.id == dataset_id)


def every_name(ids: Collection[int]) -> Subquery:
    """Select the ids of these canonical datasets and of every other name of them, as a table to join.

    Two look-ups put together: of an "or", and of an "in", SQLite makes a walk through all datasets of the realm.
    """
    one, other = aliased(Dataset), aliased(Dataset)
    names = select(other.id).where(other.alias_for_dataset_id.in_(ids))
    return union_all(select(one.id).where(one.id.in_(ids)), names).subquery()


def members(ids: list[int]) -> Rows:
    """Select what lists tell of every name of these groups.

    Rows: canonical id, id, quality, last write, last read, Expectation or None, readers, writers (jobs, up to 10,000).
    """
    home = func.coalesce(Dataset.alias_for_dataset_id, Dataset.id)
    jobs, names = [_jobs(direction) for direction in ("input", "output")], every_name(ids)
    return (
        select(home, Dataset.id, Dataset.quality, Dataset.last_written_at, Dataset.last_read_at, Expectation, *jobs)
        .join(names, names.c.id == Dataset.id)
        .outerjoin(Expectation, Expectation.dataset_id == Dataset.id)
    )


def _jobs(direction: str) -> Any:
    touched = (
        select(Touch.job_id)
        .where(Touch.realm_id == Dataset.realm_id, Touch.dataset_id == Dataset.id, Touch.direction == direction)
        .correlate(Dataset)
        .limit(MOST_JOBS)
    )
    return select(func.count()).select_from(touched.subquery()).scalar_subquery()


def group(dataset_id: int) -> Rows:
    """Select (Dataset, Storage, Location, Expectation or None) of all names of a dataset, the canonical name first."""
    one, other = aliased(Dataset), aliased(Dataset)
    home = select(func.coalesce(one.alias_for_dataset_id, one.id).label("id")).where(one.id == dataset_id).cte("home")
    names = union_all(select(home.c.id), select(other.id).where(other.alias_for_dataset_id == home.c.id)).subquery()
    return (
        placed()
        .add_columns(Expectation)
        .outerjoin(Expectation, Expectation.dataset_id == Dataset.id)
        .join(names, names.c.id == Dataset.id)
        .order_by(Dataset.alias_for_dataset_id.is_not(None), Dataset.sort_name, Dataset.id)
        .limit(MOST_CHOICES)
    )


def next_canonical(after: int, limit: int) -> Rows:
    """Select (id, name) of the canonical datasets behind an id, in order of ids."""
    wanted = Dataset.id > after, Dataset.alias_for_dataset_id.is_(None)
    return select(Dataset.id, Dataset.name).where(*wanted).order_by(Dataset.id).limit(limit)


def dropped(ids: Collection[int]) -> Rows:
    """Select the ids of those that were dropped or archived: nobody waits for them."""
    gone = or_(Dataset.lifecycle == GONE, Dataset.archived_at.is_not(None))
    return select(Dataset.id).where(Dataset.id.in_(ids), gone)


def expectations(ids: Collection[int]) -> Rows:
    """Select what people expect of datasets."""
    return select(Expectation).where(Expectation.dataset_id.in_(ids))


def recently_written(limit: int) -> Rows:
    """Select (Dataset, Storage, Location) of the datasets written last, under any of their names."""
    return (
        by_write()
        .where(LATEST.last_written_at.is_not(None))
        .order_by(LATEST.last_written_at.desc(), LATEST.id.desc())
        .limit(limit)
    )


def unwell(limit: int) -> Rows:
    """Select (Dataset, Storage, Location) of datasets with a failing check under any of their names, errors first."""
    bad = aliased(Dataset)
    home = func.coalesce(bad.alias_for_dataset_id, bad.id)
    groups = (
        select(home.label("id"), func.min(bad.quality).label("quality"))
        .where(bad.quality.in_(("error", "warn")))
        .group_by(home)
        .subquery()
    )
    return placed().join(groups, groups.c.id == Dataset.id).order_by(groups.c.quality, Dataset.sort_name).limit(limit)
