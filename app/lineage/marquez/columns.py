"""Column edges as they hold now: of each job and output only the newest set counts."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import and_, select
from sqlalchemy.orm import Session, aliased

from app.lineage.marquez.io import names
from app.lineage.models import ColumnEdge, ColumnSet
from app.lineage.openlineage.parse import Name
from app.web.keyset import Rows

Json = dict[str, Any]
UNTOLD: Final = "UNKNOWN"


class Field(NamedTuple):
    """A column of a dataset, by the id of the name it was reported under."""

    dataset: int
    column: str


@dataclass(frozen=True, slots=True)
class Link:
    """One column feeding another, with the name of the dataset it comes from."""

    source: Field
    target: Field
    kinds: str
    name: Name


def _newest(condition: Any) -> Rows:
    later, holder = aliased(ColumnSet), aliased(ColumnSet)
    last = (
        select(later.id)
        .where(
            later.realm_id == ColumnSet.realm_id,
            later.dataset_id == ColumnSet.dataset_id,
            later.job_id == ColumnSet.job_id,
        )
        .order_by(later.last_at.desc(), later.last_event.desc(), later.id.desc())
        .limit(1)
        .correlate(ColumnSet)
        .scalar_subquery()
    )
    return (
        select(
            ColumnEdge.dataset_id, ColumnEdge.column, ColumnSet.dataset_id, ColumnEdge.output_column, ColumnEdge.kinds
        )
        .join(holder, holder.id == ColumnEdge.set_id)
        .join(ColumnSet, and_(ColumnSet.dataset_id == holder.dataset_id, ColumnSet.edges_of == holder.id))
        .where(ColumnSet.id == last, ColumnEdge.output_column.is_not(None), ColumnEdge.column != "", condition)
        .distinct()
    )


def into(session: Session, datasets: Collection[int], job: int | None = None) -> list[Link]:
    """Return what feeds the columns of these datasets, as one job said or as all did; two statements."""
    found = _newest(ColumnSet.dataset_id.in_(datasets))
    if job is not None:
        found = found.where(ColumnSet.job_id == job)
    rows = session.execute(found).all() if datasets else []
    return _links(session, rows)


def out_of(session: Session, datasets: Collection[int]) -> list[Link]:
    """Return what the columns of these datasets feed; two statements."""
    rows = session.execute(_newest(ColumnEdge.dataset_id.in_(datasets))).all() if datasets else []
    return _links(session, rows)


def outputs_of(session: Session, job: int) -> list[int]:
    """Return the datasets whose columns a job told of."""
    return list(session.scalars(select(ColumnSet.dataset_id).where(ColumnSet.job_id == job).distinct()))


def _links(session: Session, rows: Sequence[Any]) -> list[Link]:
    named = names(session, {row[0] for row in rows})
    found = [
        Link(Field(source, column), Field(target, output), kinds, named[source])
        for source, column, target, output, kinds in rows
    ]
    return sorted(found, key=lambda link: (link.target, link.name, link.source.column, link.kinds))


def by_output(session: Session, datasets: Collection[int]) -> dict[int, list[Link]]:
    """Return what feeds the columns of each dataset; two statements."""
    found: dict[int, list[Link]] = defaultdict(list)
    for link in into(session, datasets):
        found[link.target.dataset].append(link)
    return found


def told(links: Iterable[Link], facets: Mapping[str, Any]) -> list[Json]:
    """Return column lineage as a dataset carries it: for each column its input fields."""
    by_column: dict[str, dict[tuple[Name, str], Json]] = defaultdict(dict)
    for link in links:
        by_column[link.target.column].setdefault((link.name, link.source.column), input_field(link))
    return [
        {"name": column, "inputFields": list(inputs.values()), **transformation(column, inputs.values(), facets)}
        for column, inputs in sorted(by_column.items())
    ]


def input_field(link: Link, version: str | None = None) -> Json:
    """Return an input field; ``version`` is that of its dataset."""
    return {
        "namespace": link.name.namespace,
        "dataset": link.name.name,
        "datasetVersion": version,
        "field": link.source.column,
        "transformationDescription": None,
        "transformationType": kind(link.kinds),
    }


def kind(kinds: str) -> str | None:
    """Return what Marquez calls the type of a transformation: IDENTITY, MASKED, or as reported; None if it was not."""
    words = [item.split(":") for item in kinds.split(",") if item and item != UNTOLD]
    if any(word[-1] == "MASKED" for word in words):
        return "MASKED"
    found = dict.fromkeys(word[1] if len(word) > 1 else word[0] for word in words)
    return ", ".join(found) or None


def transformation(column: str, inputs: Collection[Json], facets: Mapping[str, Any]) -> Json:
    """Return type and description of what makes a column: as reported for it, else as its inputs agree."""
    facet = facets.get("columnLineage")
    fields = facet.get("fields") if isinstance(facet, dict) else None
    entry = fields.get(column) if isinstance(fields, dict) else None
    said = entry if isinstance(entry, dict) else {}
    types = {one["transformationType"] for one in inputs} - {None}
    return {
        "transformationDescription": _text(said.get("transformationDescription")),
        "transformationType": _text(said.get("transformationType")) or (types.pop() if len(types) == 1 else None),
    }


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
