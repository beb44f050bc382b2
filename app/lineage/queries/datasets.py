"""Selects of datasets; only canonical ones are listed, every name of a symlink group finds them."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from app.jobs.models import Owner, Tag
from app.lineage.models import Dataset, Expectation, SearchEntry, Storage
from app.lineage.queries.words import has_words
from app.locations.models import Location
from app.web.keyset import Rows

LATEST: Final = aliased(Dataset, name="latest")
QUALITIES: Final = ("ok", "warn", "error", "unknown")
STATES: Final = ("never_written", "never_read", "dropped")
GONE: Final = "DROP"
MOST_CHOICES: Final = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which datasets are looked for; empty is no filter, all hold together."""

    text: str = ""
    platform: str = ""
    location: int | None = None
    storage: int | None = None
    owner: str = ""
    tag: str = ""
    quality: str = ""
    state: str = ""
    type: str = ""


def canonical(ids: Rows) -> Rows:
    """Select the canonical dataset of each dataset that ``ids`` selects."""
    named = aliased(Dataset)
    return select(func.coalesce(named.alias_for_dataset_id, named.id)).where(named.id.in_(ids))


def by_name(wanted: Wanted) -> Rows:
    """Select (Dataset, Storage, Location) of canonical datasets, to sort by ``sort_name``."""
    return _indexed(placed().where(Dataset.alias_for_dataset_id.is_(None)), wanted)


def by_write(wanted: Wanted) -> Rows:
    """Select (Dataset, Storage, Location) of canonical datasets, to sort by the last write under any of their names.

    Each group stands where the name of it stands that was written last (``LATEST``): the index of writes gives order.
    """
    other = aliased(Dataset)
    later = exists().where(
        other.realm_id == LATEST.realm_id,
        or_(other.id == Dataset.id, other.alias_for_dataset_id == Dataset.id),
        or_(
            other.last_written_at > LATEST.last_written_at,
            and_(LATEST.last_written_at.is_(None), other.last_written_at.is_not(None)),
            and_(other.last_written_at.is_not_distinct_from(LATEST.last_written_at), other.id > LATEST.id),
        ),
    )
    query = (
        select(Dataset, Storage, Location)
        .select_from(LATEST)
        .join(Dataset, Dataset.id == func.coalesce(LATEST.alias_for_dataset_id, LATEST.id))
        .join(Storage, Storage.id == Dataset.storage_id)
        .join(Location, Location.id == Storage.location_id)
        .where(~later)
    )
    return _indexed(query, wanted)


def _indexed(query: Rows, wanted: Wanted) -> Rows:
    words = has_words(wanted.text)
    if words is not None:
        hits = select(SearchEntry.entity_id).where(SearchEntry.kind == "dataset", words)
        query = query.where(Dataset.id.in_(canonical(hits)))
    if wanted.owner:
        owned = select(Owner.entity_id).where(Owner.kind == "dataset", Owner.name == wanted.owner)
        query = query.where(Dataset.id.in_(canonical(owned)))
    if wanted.tag:
        tagged = select(Tag.entity_id).where(Tag.kind == "dataset", Tag.key == wanted.tag)
        query = query.where(Dataset.id.in_(canonical(tagged)))
    equal = {
        Dataset.storage_id: wanted.storage,
        Storage.location_id: wanted.location,
        Location.type: wanted.platform or None,
    }
    return query.where(*(column == value for column, value in equal.items() if value is not None))


def narrower(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Return the filters no index answers: health, kind, and what never happened, under any name."""
    found: list[ColumnElement[bool]] = []
    if wanted.quality:
        found.append(_health(wanted.quality))
    if wanted.type:
        found.append(Dataset.type == wanted.type)
    if wanted.state == "never_written":
        found.append(~_any_name(lambda name: name.last_written_at.is_not(None)))
    elif wanted.state == "never_read":
        found.append(~_any_name(lambda name: name.last_read_at.is_not(None)))
    elif wanted.state == "dropped":
        found.append(Dataset.lifecycle == GONE)
    return found


def _health(word: str) -> ColumnElement[bool]:
    if word == "unknown":
        return ~_any_name(lambda name: name.quality != word)
    worse = QUALITIES[QUALITIES.index(word) + 1 : -1]
    return and_(_any_name(lambda name: name.quality == word), ~_any_name(lambda name: name.quality.in_(worse)))


def _any_name(holds: Callable[[Any], ColumnElement[bool]]) -> ColumnElement[bool]:
    """Return whether something holds of any name of the group of a listed Dataset."""
    name = aliased(Dataset)
    same = or_(name.id == Dataset.id, name.alias_for_dataset_id == Dataset.id)
    return exists().where(name.realm_id == Dataset.realm_id, same, holds(name)).correlate(Dataset)


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


def members(ids: list[int]) -> Rows:
    """Select (canonical id, id, quality, last write, last read, Expectation or None) of all names of these groups."""
    home = func.coalesce(Dataset.alias_for_dataset_id, Dataset.id)
    return (
        select(home, Dataset.id, Dataset.quality, Dataset.last_written_at, Dataset.last_read_at, Expectation)
        .outerjoin(Expectation, Expectation.dataset_id == Dataset.id)
        .where(or_(Dataset.id.in_(ids), Dataset.alias_for_dataset_id.in_(ids)))
    )


def group(dataset_id: int) -> Rows:
    """Select (Dataset, Storage, Location, Expectation or None) of all names of a dataset, the canonical name first."""
    home = select(func.coalesce(Dataset.alias_for_dataset_id, Dataset.id)).where(Dataset.id == dataset_id)
    canonical_id = home.scalar_subquery()
    return (
        placed()
        .add_columns(Expectation)
        .outerjoin(Expectation, Expectation.dataset_id == Dataset.id)
        .where(or_(Dataset.id == canonical_id, Dataset.alias_for_dataset_id == canonical_id))
        .order_by(Dataset.alias_for_dataset_id.is_not(None), Dataset.sort_name, Dataset.id)
        .limit(MOST_CHOICES)
    )


def next_canonical(after: int, limit: int) -> Rows:
    """Select (id, name) of the canonical datasets behind an id, in order of ids."""
    wanted = Dataset.id > after, Dataset.alias_for_dataset_id.is_(None)
    return select(Dataset.id, Dataset.name).where(*wanted).order_by(Dataset.id).limit(limit)


def dropped(ids: Collection[int]) -> Rows:
    """Select the ids of those that were dropped."""
    return select(Dataset.id).where(Dataset.id.in_(ids), Dataset.lifecycle == GONE)


def expectations(ids: Collection[int]) -> Rows:
    """Select what people expect of datasets."""
    return select(Expectation).where(Expectation.dataset_id.in_(ids))


def said_about(ids: list[int]) -> Rows:
    """Select (entity id, what, name, detail) of the owners and tags of datasets, columns apart."""
    owners = select(
        Owner.entity_id.label("id"), literal("owner").label("what"), Owner.name.label("name"), Owner.type.label("more")
    ).where(Owner.kind == "dataset", Owner.entity_id.in_(ids))
    tags = select(Tag.entity_id, literal("tag"), Tag.key, Tag.value).where(
        Tag.kind == "dataset", Tag.entity_id.in_(ids), Tag.column.is_(None)
    )
    both = union_all(owners, tags).subquery()
    return select(both).order_by(both.c.what, both.c.name)


def choices() -> Rows:
    """Select (what, value) for the filters of the list: platforms, owners, tags; at most 200."""
    platforms = select(literal("platform").label("what"), Location.type.label("value")).join(
        Storage, Storage.location_id == Location.id
    )
    owners = select(literal("owner"), Owner.name).where(Owner.kind == "dataset")
    tags = select(literal("tag"), Tag.key).where(Tag.kind == "dataset")
    parts = union_all(*(part.distinct().limit(MOST_CHOICES).subquery().select() for part in (platforms, owners, tags)))
    found = parts.subquery()
    return select(found).order_by(found.c.what, found.c.value)


def recently_written(limit: int) -> Rows:
    """Select (Dataset, Storage, Location) of the datasets written last, under any of their names."""
    return (
        by_write(Wanted())
        .where(LATEST.last_written_at.is_not(None))
        .order_by(LATEST.last_written_at.desc(), LATEST.id.desc())
        .limit(limit)
    )


def at_location(location_id: int, limit: int) -> Rows:
    """Select (Dataset, Storage, Location) of the datasets of a location, those written last first."""
    return (
        by_write(Wanted(location=location_id))
        .order_by(LATEST.last_written_at.desc().nulls_last(), LATEST.id.desc())
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
