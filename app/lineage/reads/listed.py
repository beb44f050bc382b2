"""Datasets as lists show them: with what stands in other tables, in a constant number of statements."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.lineage.models import Dataset, Storage
from app.lineage.queries import datasets as queries
from app.lineage.queries import usage
from app.lineage.reads.freshness import Freshness
from app.lineage.reads.people import Said, said_about
from app.lineage.reads.rhythm import Rhythm, rhythms
from app.locations.models import Location


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

    @property
    def fresh(self) -> Freshness:
        """Return the verdict on its freshness."""
        return self.rhythm.fresh

    @property
    def written_at(self) -> datetime | None:
        """Return the last write under any of its names."""
        told = [moment for moment in (self.fresh.last_at, self.dataset.last_written_at) if moment is not None]
        return max(told, default=None)


def groups_of(session: Session, ids: Sequence[int]) -> dict[int, list[int]]:
    """Return all names of each group by canonical id; one statement."""
    groups: dict[int, list[int]] = {dataset_id: [] for dataset_id in ids}
    if ids:
        for canonical, member in session.execute(queries.members(list(ids))):
            groups.setdefault(canonical, []).append(member)
    return groups


def listed(session: Session, rows: Iterable[Any], now: datetime) -> list[Listed]:
    """Return rows of (Dataset, Storage, Location) with owners, tags, jobs and freshness; four statements."""
    found = list(rows)
    if not found:
        return []
    groups = groups_of(session, [row[0].id for row in found])
    home = {member: canonical for canonical, members in groups.items() for member in members}
    dropped = frozenset(row[0].id for row in found if row[0].lifecycle == queries.GONE)
    said, rhythm = said_about(session, groups), rhythms(session, groups, now, dropped)
    counts: dict[tuple[int, str], int] = {}
    for dataset_id, direction, jobs in session.execute(usage.job_counts(list(home))):
        counts[home[dataset_id], direction] = counts.get((home[dataset_id], direction), 0) + jobs
    return [
        Listed(
            dataset,
            storage,
            location,
            rhythm[dataset.id],
            said[dataset.id],
            readers=counts.get((dataset.id, "input"), 0),
            writers=counts.get((dataset.id, "output"), 0),
            names=len(groups[dataset.id]),
        )
        for dataset, storage, location in found
    ]


def choices(session: Session) -> dict[str, list[str]]:
    """Return the values the list can be filtered by: platform, owner, tag; one statement."""
    found: dict[str, list[str]] = {"platform": [], "owner": [], "tag": []}
    for what, value in session.execute(queries.choices()):
        found[what].append(value)
    return found
