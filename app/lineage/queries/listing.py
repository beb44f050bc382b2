"""Selects of the list of datasets; only canonical ones are listed, every name of a symlink group finds them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, false, func, literal, or_, select, true, union_all
from sqlalchemy.orm import aliased

from app.jobs.models import Owner, Tag
from app.lineage.models import Claim, Dataset, Storage
from app.lineage.queries.datasets import LATEST, MOST_CHOICES, by_write, canonical, placed
from app.lineage.queries.words import entries, says
from app.locations.models import Location
from app.web.keyset import Rows
from app.web.matching import Choice

ARCHIVED: Final = "archived"
QUALITIES: Final = ("ok", "warn", "error", "unknown")
STATES: Final = ("never_written", "never_read", "dropped", ARCHIVED)
FRESHNESS: Final = ("late", "fresh", "unknown")
GONE: Final = "DROP"
MOST_HITS: Final = 5_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which datasets are looked for: values of one filter are alternatives, filters hold together, empty is none.

    ``words`` are conditions on search documents, ``unused_since`` the moment from which on nothing read it.
    """

    words: Sequence[Choice] = ()
    platforms: tuple[str, ...] = ()
    locations: tuple[int, ...] = ()
    storages: tuple[int, ...] = ()
    owners: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    qualities: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    freshness: tuple[str, ...] = ()
    unused_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Sieve:
    """A filter an index answers: the ids of any names it finds, and the same as a condition on a listed Dataset."""

    ids: Rows
    holds: ColumnElement[bool]


def ordered(column: str) -> tuple[Rows, dict[str, Any], Any]:
    """Return the selection of (Dataset, Storage, Location, value, key), its sorts and its key: by name or last write.

    Value and key are the place of a row, from which a page can go on.
    """
    if column == "name":
        query = placed().where(Dataset.alias_for_dataset_id.is_(None))
        return query.add_columns(Dataset.sort_name, Dataset.id), {"name": Dataset.sort_name}, Dataset.id
    query = by_write().add_columns(LATEST.last_written_at, LATEST.id)
    return query, {"written": LATEST.last_written_at}, LATEST.id


def in_lists(query: Rows, wanted: Wanted) -> Rows:
    """Return the selection without what people archived, unless that is asked for; few are, so no index is needed."""
    return query if ARCHIVED in wanted.states else query.where(Dataset.archived_at.is_(None))


def sieves(wanted: Wanted) -> list[Sieve]:
    """Return the filters that indexes answer."""
    found: list[Sieve] = []
    if wanted.words:
        said = _any_name(lambda name: says("dataset", name.id, wanted.words))
        found.append(Sieve(entries("dataset", wanted.words, MOST_HITS + 1), said))
    for model, column, values in ((Owner, Owner.name, wanted.owners), (Tag, Tag.key, wanted.tags)):
        if values:
            found.append(_told(model, column, values))
    places = {Dataset.storage_id: wanted.storages, Storage.location_id: wanted.locations,
              Location.type: wanted.platforms}  # fmt: skip
    for place, those in places.items():
        if those:
            holds = place.in_(those)
            storages = select(Storage.id).join(Location, Location.id == Storage.location_id)
            here = storages.where(Storage.id.in_(those) if place is Dataset.storage_id else holds)
            found.append(Sieve(select(Dataset.id).where(Dataset.storage_id.in_(here)), holds))
    return found


def _told(model: Any, column: Any, values: tuple[str, ...]) -> Sieve:
    ids = select(model.entity_id).where(model.kind == "dataset", column.in_(values))

    def holds(name: Any) -> ColumnElement[bool]:
        one = aliased(model)
        mine = (one.realm_id == name.realm_id, one.kind == "dataset", one.entity_id == name.id)
        return exists().where(*mine, getattr(one, column.key).in_(values))

    return Sieve(ids, _any_name(holds))


def tallies(found: Sequence[Sieve]) -> Rows:
    """Select how many names each filter finds, up to one more than are looked up by id."""
    parts = (select(func.count()).select_from(one.ids.limit(MOST_HITS + 1).subquery()) for one in found)
    return select(*(part.scalar_subquery() for part in parts))


def among(query: Rows, ids: Rows) -> Rows:
    """Return the selection narrowed to the canonical datasets of these names."""
    # IS TRUE: what was found is looked up in, not compared with each row.
    return query.where(Dataset.id.in_(canonical(ids)).is_(true()))


def narrower(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Return the filters no index answers: health, kind, and what never happened, under any name."""
    found: list[ColumnElement[bool]] = []
    if wanted.qualities:
        found.append(or_(*(_health(word) for word in wanted.qualities)))
    if wanted.types:
        found.append(Dataset.type.in_(wanted.types))
    if wanted.states:
        found.append(or_(*(_state(word) for word in wanted.states)))
    if wanted.unused_since is not None:
        since = wanted.unused_since
        found.append(~_any_name(lambda name: name.last_read_at >= since))
    return found


def _state(word: str) -> ColumnElement[bool]:
    if word == "never_written":
        return ~_any_name(lambda name: name.last_written_at.is_not(None))
    if word == "never_read":
        return ~_any_name(lambda name: name.last_read_at.is_not(None))
    if word == ARCHIVED:
        return Dataset.archived_at.is_not(None)
    return Dataset.lifecycle == GONE if word == "dropped" else false()


def _health(word: str) -> ColumnElement[bool]:
    if word == "unknown":
        return ~_any_name(lambda name: name.quality != word)
    worse = QUALITIES[QUALITIES.index(word) + 1 : -1]
    return and_(_any_name(lambda name: name.quality == word), ~_any_name(lambda name: name.quality.in_(worse)))


def _any_name(holds: Callable[[Any], ColumnElement[bool]]) -> ColumnElement[bool]:
    """Return whether something holds of any name of the group of a listed Dataset; each index is asked by itself."""

    def by(column: str) -> ColumnElement[bool]:
        name = aliased(Dataset)
        same = (name.realm_id == Dataset.realm_id, getattr(name, column) == Dataset.id)
        return exists().where(*same, holds(name)).correlate(Dataset)

    return or_(by("id"), by("alias_for_dataset_id"))


def in_use() -> ColumnElement[bool]:
    """Return whether a listed Dataset is dropped, or somebody is declared to read it: then it is not unused."""
    declared = exists().where(
        Claim.realm_id == Dataset.realm_id, Claim.from_kind == "dataset", Claim.from_id == Dataset.id,
        Claim.evidence == "declared",
    )  # fmt: skip
    return or_(func.coalesce(Dataset.lifecycle, "") == GONE, declared.correlate(Dataset))


def at_location(location_id: int, limit: int) -> Rows:
    """Select (Dataset, Storage, Location) of the datasets of a location, those written last first."""
    return (
        by_write()
        .where(Storage.location_id == location_id)
        .order_by(LATEST.last_written_at.desc().nulls_last(), LATEST.id.desc())
        .limit(limit)
    )


def names_of(locations: Sequence[int], storages: Sequence[int]) -> Rows:
    """Select (what, id, name) of the places a list is narrowed to."""
    places = select(literal("location").label("what"), Location.id, Location.name).where(Location.id.in_(locations))
    inside = (
        select(literal("storage"), Storage.id, func.coalesce(Storage.name, Location.name))
        .join(Location, Location.id == Storage.location_id)
        .where(Storage.id.in_(storages))
    )
    return select(union_all(places, inside).subquery())


def choices() -> Rows:
    """Select (what, value) for the filters of the list: platforms, owners, tags; at most 200 of each.

    Owners and tags are read by skipping from one value to the next along their indexes.
    """
    platforms = (
        select(literal("platform").label("what"), Location.type.label("value"))
        .join(Storage, Storage.location_id == Location.id)
        .distinct()
        .limit(MOST_CHOICES)
        .subquery()
    )
    parts = [select(platforms), _skipping("owner", Owner, Owner.name), _skipping("tag", Tag, Tag.key)]
    found = union_all(*parts).subquery()
    return select(found).order_by(found.c.what, found.c.value)


def _skipping(what: str, model: Any, column: Any) -> Rows:
    walk = select(func.min(column).label("value"), literal(1).label("place")).where(model.kind == "dataset")
    known = walk.cte(f"{what}s", recursive=True)
    other = aliased(model)
    further = select(func.min(getattr(other, column.key))).where(
        other.kind == "dataset", getattr(other, column.key) > known.c.value
    )
    step = select(further.correlate(known).scalar_subquery(), known.c.place + 1).where(
        known.c.value.is_not(None), known.c.place < MOST_CHOICES
    )
    known = known.union_all(step)
    return select(literal(what), known.c.value).where(known.c.value.is_not(None))
