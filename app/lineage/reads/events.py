"""Raw events that tell of a dataset, and the reports that give it other names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from app.lineage.models import Dataset, Symlink
from app.lineage.queries import shape as queries
from app.lineage.queries import usage
from app.lineage.reads.head import Head


@dataclass(frozen=True, slots=True)
class OtherName:
    """A report that ``dataset`` and ``other`` are one thing."""

    link: Symlink
    dataset: Dataset
    other: Dataset


def raw_events(session: Session, ids: Sequence[int]) -> list[Any]:
    """Return the newest 50 raw events of these datasets and of the last runs that touched them; two statements."""
    found = [*session.execute(queries.run_events(ids)), *session.execute(queries.own_events(ids))]
    return sorted(found, key=lambda row: row.id, reverse=True)[: queries.EVENTS]


def other_names(session: Session, head: Head) -> list[OtherName]:
    """Return the reports that join names of this group, or once joined them; three statements at most."""
    rows = list(session.scalars(queries.symlinks(head.ids)))
    known = {name.dataset.id: name.dataset for name in head.names}
    missing = {end for row in rows for end in (row.dataset_id, row.other_id)} - set(known)
    known |= {row.id: row for row in session.scalars(usage.named(sorted(missing)))} if missing else {}
    return [OtherName(row, known[row.dataset_id], known[row.other_id]) for row in rows]
