"""Datasets as lists show them: with what stands in other tables, in a constant number of statements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy.orm import Session

from app.lineage.models import Dataset, Storage
from app.lineage.queries import datasets as queries
from app.lineage.reads.expected import newest
from app.lineage.reads.freshness import Expected, Freshness
from app.lineage.reads.people import Said, said_about
from app.lineage.reads.rhythm import Rhythm, rhythms
from app.locations.models import Location

WORST: Final = ("error", "warn", "ok", "unknown")


@dataclass(frozen=True, slots=True)
class Listed:
    """One canonical dataset with everything a list tells of it; ``names`` counts the names of its group."""

    dataset: Dataset
    storage: Storage
    location: Location
    rhythm: Rhythm
    said: Said
    readers: int = 0
    writers: int = 0
    names: int = 1
    quality: str = "unknown"
    told_at: datetime | None = None

    @property
    def fresh(self) -> Freshness:
        """Return the verdict on its freshness."""
        return self.rhythm.fresh

    @property
    def written_at(self) -> datetime | None:
        """Return the last write under any of its names."""
        told = (self.fresh.last_at, self.told_at, self.dataset.last_written_at)
        return max(filter(None, told), default=None)


@dataclass(slots=True)
class Group:
    """The names of one thing: their ids, the worst health, last write and read, and what is expected of any of them."""

    ids: list[int] = field(default_factory=list)
    quality: str = "unknown"
    written_at: datetime | None = None
    read_at: datetime | None = None
    expected: Expected | None = None
    readers: int = 0
    writers: int = 0


def groups_of(session: Session, ids: Sequence[int]) -> dict[int, Group]:
    """Return the group of each canonical id; one statement."""
    groups = {dataset_id: Group() for dataset_id in ids}
    if ids:
        for row in session.execute(queries.members(list(ids))):
            canonical, member, quality, written, read, expectation, readers, writers = row
            group = groups.setdefault(canonical, Group())
            group.ids.append(member)
            group.quality = min(group.quality, quality, key=WORST.index)
            group.written_at = max(filter(None, (group.written_at, written)), default=None)
            group.read_at = max(filter(None, (group.read_at, read)), default=None)
            group.expected = newest(group.expected, expectation)
            group.readers, group.writers = group.readers + readers, group.writers + writers
    return groups


def listed(session: Session, rows: Iterable[Any], now: datetime) -> list[Listed]:
    """Return rows of (Dataset, Storage, Location) with owners, tags, jobs and freshness; three statements."""
    found = list(rows)
    if not found:
        return []
    about = groups_of(session, [row[0].id for row in found])
    groups = {canonical: group.ids for canonical, group in about.items()}
    dropped = frozenset(row[0].id for row in found if row[0].lifecycle == queries.GONE)
    expected = {canonical: group.expected for canonical, group in about.items()}
    said, rhythm = said_about(session, groups), rhythms(session, groups, now, dropped, expected)
    return [
        Listed(
            dataset,
            storage,
            location,
            rhythm[dataset.id],
            said[dataset.id],
            readers=about[dataset.id].readers,
            writers=about[dataset.id].writers,
            names=len(groups[dataset.id]),
            quality=about[dataset.id].quality,
            told_at=about[dataset.id].written_at,
        )
        for dataset, storage, location in found
    ]
