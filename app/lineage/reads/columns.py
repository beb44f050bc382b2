"""Column lineage of a dataset: where each column comes from and what it feeds."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from app.lineage.models import Dataset
from app.lineage.queries import shape as queries
from app.lineage.reads.names import canonical_names


@dataclass(frozen=True, slots=True)
class Link:
    """The other end of a column edge: a dataset, its column (None: all of it), how, and by which job."""

    dataset: Dataset
    column: str | None
    kinds: str
    is_masked: bool = False
    is_direct: bool = True


@dataclass(slots=True)
class ColumnLinks:
    """One column of the dataset (None: the dataset as a whole) and its ends."""

    column: str | None
    sources: list[Link] = field(default_factory=list)
    targets: list[Link] = field(default_factory=list)


def column_links(session: Session, ids: Sequence[int]) -> list[ColumnLinks]:
    """Return every column with lineage, whole-dataset edges first; three statements."""
    sources = list(session.execute(queries.column_sources(ids)))
    targets = list(session.execute(queries.column_targets(ids)))
    names = canonical_names(session, {row.dataset_id for row in (*sources, *targets)})
    found: dict[str | None, ColumnLinks] = {}
    for row in sources:
        end = found.setdefault(row.output_column, ColumnLinks(row.output_column))
        _add(end.sources, _link(names[row.dataset_id], row.column, row.kinds))
    for row in targets:
        end = found.setdefault(row.column, ColumnLinks(row.column))
        _add(end.targets, _link(names[row.dataset_id], row.output_column, row.kinds))
    return sorted(found.values(), key=lambda end: (end.column is not None, end.column or ""))


def counts(links: Sequence[ColumnLinks]) -> dict[str, tuple[int, int]]:
    """Return (sources, targets) by column."""
    return {end.column: (len(end.sources), len(end.targets)) for end in links if end.column is not None}


def by_dataset(links: Sequence[Link]) -> list[tuple[Dataset, list[Link]]]:
    """Return links grouped by the dataset at their other end."""
    found: dict[int, list[Link]] = defaultdict(list)
    for link in links:
        found[link.dataset.id].append(link)
    return [(group[0].dataset, group) for group in found.values()]


def _add(links: list[Link], link: Link) -> None:
    if all((link.dataset.id, link.column) != (known.dataset.id, known.column) for known in links):
        links.append(link)


def _link(dataset: Dataset, column: str | None, kinds: str) -> Link:
    items = [item.split(":") for item in kinds.split(",")]
    words = [(item[1] if len(item) > 1 else item[0]).lower().replace("_", " ") for item in items]
    return Link(
        dataset,
        column or None,
        ", ".join(dict.fromkeys(filter(None, words))),
        is_masked=any(item[-1] == "MASKED" for item in items),
        is_direct=any(item[0] != "INDIRECT" for item in items),
    )
