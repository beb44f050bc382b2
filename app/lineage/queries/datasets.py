"""Selects of datasets; only canonical ones are listed, every name of a symlink group finds them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from app.jobs.models import Owner, Tag
from app.lineage.models import Dataset, SearchEntry, Storage
from app.lineage.queries.words import has_words
from app.locations.models import Location
from app.web.keyset import Rows

SORTS: Final = {"written": Dataset.last_written_at, "name": Dataset.sort_name}
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


def datasets(wanted: Wanted) -> Rows:
    """Select (Dataset, Storage, Location) of canonical datasets by what indexes answer."""
    query = placed().where(Dataset.alias_for_dataset_id.is_(None))
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
    if wanted.storage is not None:
        query = query.where(Dataset.storage_id == wanted.storage)
    if wanted.location is not None:
        query = query.where(Storage.location_id == wanted.location)
    if wanted.platform:
        query = query.where(Location.type == wanted.platform)
    return query


def narrower(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Return the filters no index answers: health, kind, and what never happened."""
    found: list[ColumnElement[bool]] = []
    if wanted.quality:
        found.append(Dataset.quality == wanted.quality)
    if wanted.type:
        found.append(Dataset.type == wanted.type)
    if wanted.state == "never_written":
        found.append(Dataset.last_written_at.is_(None))
    elif wanted.state == "never_read":
        found.append(Dataset.last_read_at.is_(None))
    elif wanted.state == "dropped":
        found.append(Dataset.lifecycle == GONE)
    return found


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
    """Select (canonical id, id) of all names of these groups, the canonical names included."""
    return select(func.coalesce(Dataset.alias_for_dataset_id, Dataset.id), Dataset.id).where(
        or_(Dataset.id.in_(ids), Dataset.alias_for_dataset_id.in_(ids))
    )


def group(canonical_id: int) -> Rows:
    """Select (Dataset, Storage, Location) of all names of a symlink group, the canonical name first."""
    return (
        placed()
        .where(or_(Dataset.id == canonical_id, Dataset.alias_for_dataset_id == canonical_id))
        .order_by(Dataset.alias_for_dataset_id.is_not(None), Dataset.sort_name, Dataset.id)
        .limit(MOST_CHOICES)
    )


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
    """Select (Dataset, Storage, Location) of the datasets written last."""
    return (
        placed()
        .where(Dataset.alias_for_dataset_id.is_(None), Dataset.last_written_at.is_not(None))
        .order_by(Dataset.last_written_at.desc(), Dataset.id.desc())
        .limit(limit)
    )


def newest_first(query: Rows, limit: int) -> Rows:
    """Return the first datasets of a selection, those written last first."""
    return query.order_by(Dataset.last_written_at.desc().nulls_last(), Dataset.id).limit(limit)


def unwell(limit: int) -> Rows:
    """Select (Dataset, Storage, Location) of datasets with a failing assertion, errors first."""
    return (
        placed()
        .where(Dataset.quality.in_(("error", "warn")))
        .order_by(Dataset.quality, Dataset.last_written_at.desc().nulls_last(), Dataset.id)
        .limit(limit)
    )
