"""What every tab of a dataset's page shows: the dataset, its names, whose it is, how fresh."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.lineage.models import Dataset, Storage
from app.lineage.queries import datasets as queries
from app.lineage.reads.listed import WORST, Listed
from app.lineage.reads.people import said_about
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
    """A dataset with its group; ``names`` begins with the canonical one, ``used`` is the name that led here."""

    row: Listed
    names: list[Name]
    used: Dataset | None

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
        """Return the first description told of any name."""
        return next((name.dataset.description for name in self.names if name.dataset.description), None)

    @property
    def ids(self) -> list[int]:
        """Return the ids of all names."""
        return [name.dataset.id for name in self.names]


def dataset_of(session: Session, dataset_id: int) -> Dataset | None:
    """Return the dataset, alias or not, None when the realm has none of that number."""
    row = session.execute(queries.dataset(dataset_id)).first()
    return row[0] if row is not None else None


def head(session: Session, canonical_id: int, now: datetime, used: int | None = None) -> Head:
    """Return the head of a canonical dataset; three statements."""
    names = [Name(*row) for row in session.execute(queries.group(canonical_id))]
    first, ids = names[0], [name.dataset.id for name in names]
    groups = {canonical_id: ids}
    gone = frozenset({canonical_id} if first.dataset.lifecycle == queries.GONE else ())
    rhythm = rhythms(session, groups, now, gone)[canonical_id]
    said = said_about(session, groups)[canonical_id]
    quality = min((name.dataset.quality for name in names), key=WORST.index)
    written = max(filter(None, (name.dataset.last_written_at for name in names)), default=None)
    place = (first.dataset, first.storage, first.location)
    row = Listed(*place, rhythm, said, names=len(names), quality=quality, told_at=written)
    found = next((name.dataset for name in names if name.dataset.id == used), None)
    return Head(row, names, found)
