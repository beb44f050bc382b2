"""Column lineage of a dataset: where each column comes from and what it feeds."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.lineage.models import Dataset
from app.lineage.queries import shape as queries
from app.lineage.reads.names import canonical_names


@dataclass(slots=True)
class Link:
    """The other end of a column edge: a dataset, its column (None: all of it), how, by which jobs, last when.

    ``jobs`` are ids; a dataset that told by itself has none.
    """

    dataset: Dataset
    column: str | None
    kinds: str
    is_masked: bool = False
    is_direct: bool = True
    jobs: list[int] = field(default_factory=list)
    last_at: datetime | None = None


@dataclass(slots=True)
class ColumnLinks:
    """One column of the dataset (None: the dataset as a whole) and its ends."""

    column: str | None
    sources: list[Link] = field(default_factory=list)
    targets: list[Link] = field(default_factory=list)


def column_links(session: Session, ids: Sequence[int], column: str | None = None) -> list[ColumnLinks]:
    """Return every column with lineage, whole-dataset edges first, or only one column; four statements at most."""
    sources = list(session.execute(queries.column_sources(ids, column)))
    targets = list(session.execute(queries.column_targets(ids, column)))
    names = canonical_names(session, {row.dataset_id for row in (*sources, *targets)})
    found: dict[str | None, ColumnLinks] = {}
    for column_of, other, side, rows in (
        ("output_column", "column", "sources", sources),
        ("column", "output_column", "targets", targets),
    ):
        ends: dict[Any, Link] = {}
        for row in rows:
            end = found.setdefault(getattr(row, column_of), ColumnLinks(getattr(row, column_of)))
            link = _link(names[row.dataset_id], getattr(row, other), row)
            known = ends.setdefault((end.column, link.dataset.id, link.column), link)
            if known is link:
                getattr(end, side).append(link)
            else:
                _join(known, link)
    return sorted(found.values(), key=lambda end: (end.column is not None, end.column or ""))


def counts(links: Sequence[ColumnLinks]) -> dict[str, tuple[int, int]]:
    """Return (sources, targets) by column."""
    return {end.column: (len(end.sources), len(end.targets)) for end in links if end.column is not None}


def _join(known: Link, link: Link) -> None:
    """Add who else says the same; one direct way makes it direct."""
    known.jobs += [job for job in link.jobs if job not in known.jobs]
    known.last_at = max(filter(None, (known.last_at, link.last_at)), default=None)
    known.is_masked, known.is_direct = known.is_masked or link.is_masked, known.is_direct or link.is_direct
    known.kinds = ", ".join(dict.fromkeys(filter(None, [*known.kinds.split(", "), *link.kinds.split(", ")])))


def _link(dataset: Dataset, column: str | None, row: Any) -> Link:
    items = [item.split(":") for item in row.kinds.split(",")]
    words = [(item[1] if len(item) > 1 else item[0]).lower().replace("_", " ") for item in items]
    return Link(
        dataset,
        column or None,
        ", ".join(dict.fromkeys(filter(None, words))),
        is_masked=any(item[-1] == "MASKED" for item in items),
        is_direct=any(item[0] != "INDIRECT" for item in items),
        jobs=[row.job_id] if row.job_id else [],
        last_at=row.last_at,
    )
