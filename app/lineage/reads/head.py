"""What every tab of a dataset's page shows: the dataset, its names, whose it is, how fresh."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.jobs.reads.about import About, about
from app.lineage.models import Dataset, Expectation, Storage
from app.lineage.queries import datasets as queries
from app.lineage.reads.expected import newest
from app.lineage.reads.freshness import Expected
from app.lineage.reads.listed import WORST, Listed
from app.lineage.reads.people import Said
from app.lineage.reads.rhythm import rhythms
from app.locations.models import Location


@dataclass(frozen=True, slots=True)
class Name:
    """One name of a symlink group and where it stands."""

    dataset: Dataset
    storage: Storage
    location: Location


@dataclass(frozen=True, slots=True)
class Head:
    """A dataset with its group; ``names`` begins with the canonical one, ``used`` is the name that led here.

    ``about`` is what people and systems say of it, ``expectation`` the newest set for any of its names, ``now`` the
    moment it was judged at.
    """

    row: Listed
    names: list[Name]
    used: Dataset | None
    about: About
    expectation: Expectation | None
    now: datetime

    @property
    def dataset(self) -> Dataset:
        """Return the canonical dataset."""
        return self.row.dataset

    @property
    def read_at(self) -> datetime | None:
        """Return the last read under any of its names."""
        return max(filter(None, (name.dataset.last_read_at for name in self.names)), default=None)

    @property
    def format(self) -> str | None:
        """Return the first format told of any name."""
        return next((name.dataset.format for name in self.names if name.dataset.format), None)

    @property
    def type(self) -> str | None:
        """Return the first type told of any name."""
        return next((name.dataset.type for name in self.names if name.dataset.type), None)

    @property
    def description(self) -> str | None:
        """Return the first description reported of any name."""
        return next((name.dataset.description for name in self.names if name.dataset.description), None)

    @property
    def ids(self) -> list[int]:
        """Return the ids of all names."""
        return [name.dataset.id for name in self.names]


def head(session: Session, dataset_id: int, now: datetime, used: int | None = None) -> Head | None:
    """Return the head of a dataset by the number of any of its names, None when there is none; three statements."""
    rows = session.execute(queries.group(dataset_id)).all()
    if not rows:
        return None
    names, expectation = [Name(*row[:3]) for row in rows], _newest([row[3] for row in rows])
    ids = [name.dataset.id for name in names]
    said = about(session, "dataset", ids)
    row = _listed(session, names, ids, said, newest(None, expectation), now)
    found = next((name.dataset for name in names if name.dataset.id == used), None)
    return Head(row, names, found, said, expectation, now)


def _listed(
    session: Session, names: list[Name], ids: list[int], said: About, expected: Expected | None, now: datetime
) -> Listed:
    first = names[0]
    home = first.dataset.id
    gone = frozenset({home} if first.dataset.lifecycle == queries.GONE else ())
    rhythm = rhythms(session, {home: ids}, now, gone, {home: expected})[home]
    quality = min((name.dataset.quality for name in names), key=WORST.index)
    written = max(filter(None, (name.dataset.last_written_at for name in names)), default=None)
    place = (first.dataset, first.storage, first.location)
    words = Said(said.owner_names, said.tag_texts)
    return Listed(*place, rhythm, words, names=len(names), quality=quality, told_at=written)


def _newest(found: Sequence[Expectation | None]) -> Expectation | None:
    return max((row for row in found if row is not None), key=lambda row: row.set_at, default=None)
