"""The facets of a dataset: what is current under each name, how large it is, and one of them whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
from sqlalchemy.orm import Session

from app.jobs.models import Facet
from app.lineage.models import Dataset
from app.lineage.openlineage.decode import encode
from app.lineage.queries import shape as queries
from app.lineage.show import shown_body

KNOWN: Final = frozenset(
    {"schema", "columnLineage", "ownership", "tags", "documentation", "symlinks", "storage", "datasetType", "lineage"}
    | {"dataQualityAssertions", "dataQualityMetrics", "inputStatistics", "outputStatistics", "lifecycleStateChange"}
)
LARGEST: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """A facet by name; ``is_known`` when another tab shows what it says."""

    name: str
    of_io: bool
    at: datetime
    digest: bytes
    deleted: bool
    size: int | None
    versions: int
    first_at: datetime | None

    @property
    def is_known(self) -> bool:
        """Return whether another part of the page shows it."""
        return self.name in KNOWN


@dataclass(frozen=True, slots=True)
class Opened:
    """One facet whole: its value, its text, and its versions, newest first."""

    name: str
    value: Any
    text: str
    versions: list[Facet]
    too_large: bool


@dataclass(frozen=True, slots=True)
class Version:
    """A version a dataset was reported with, or a turn of its life (CREATE, DROP, RENAME ...), and since when."""

    what: str
    text: str
    first_at: datetime
    deleted: bool


def versions(session: Session, ids: Sequence[int]) -> list[Version]:
    """Return reported versions and turns of life, newest first, at most 50; one statement."""
    found = []
    for facet, body in session.execute(queries.told_versions(ids)):
        told = msgspec.json.decode(body)
        for name, what in (("datasetVersion", "version"), ("lifecycleStateChange", "lifecycle")):
            if isinstance(told, dict) and isinstance(told.get(name), str):
                found.append(Version(what, told[name], facet.first_at, facet.deleted))
    return found


def facets(session: Session, datasets: Sequence[Dataset]) -> list[Row]:
    """Return the current facets of all names by name, the first name's first; two statements."""
    found: dict[tuple[str, bool], list[Any]] = {}
    for dataset in datasets:
        for text, of_io in ((dataset.facets, False), (dataset.io_facets, True)):
            for name, item in msgspec.json.decode(text).items():
                known = found.get((name, of_io))
                if known is None or item[0] > known[0]:
                    found[name, of_io] = item
    digests = [bytes.fromhex(item[2]) for item in found.values() if item[2]]
    sizes: dict[bytes, int] = dict(session.execute(queries.facet_sizes(digests)).all()) if digests else {}
    history = {
        (name, kind == "dataset_io"): (versions, first)
        for kind, name, versions, first, _last in session.execute(queries.facet_history([one.id for one in datasets]))
    }
    rows = [_row(name, of_io, item, sizes, history) for (name, of_io), item in found.items()]
    return sorted(rows, key=lambda row: (row.is_known, row.name.lower(), row.of_io))


def _row(name: str, of_io: bool, item: list[Any], sizes: dict[bytes, int], history: dict[Any, Any]) -> Row:
    digest = bytes.fromhex(item[2])
    versions, first = history.get((name, of_io), (1, None))
    at = datetime.fromtimestamp(item[0] / 1_000_000, UTC)
    return Row(name, of_io, at, digest, bool(item[3]), sizes.get(digest), versions, first)


def opened(session: Session, datasets: Sequence[Dataset], rows: Sequence[Row], name: str) -> Opened | None:
    """Return a facet whole without secrets, None when there is none of that name; huge ones come as text only."""
    row = next((row for row in rows if row.name == name), None)
    if row is None:
        return None
    text = session.scalar(queries.facet_body(row.digest)) or "{}"
    versions = list(session.scalars(queries.facet_versions([one.id for one in datasets], name)))
    value = shown_body(text)
    text = encode(value)
    large = len(text) > LARGEST
    return Opened(name, None if large else value, text[:LARGEST], versions, large)
