"""The graph of columns: what feeds the columns of a dataset or one of them, and on request what they feed."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any, Final

from sqlalchemy.orm import Session

from app.lineage.marquez import columns, find, ids, queries
from app.lineage.marquez.asked import Ask, Wrong, missing
from app.lineage.marquez.columns import Field, Link
from app.lineage.marquez.lineage import framed
from app.lineage.marquez.said import said
from app.lineage.marquez.shapes import Said, fields_of
from app.lineage.models import Dataset

Json = dict[str, Any]
MOST_NODES: Final = 1_000


class Walk:
    """What was reached: fields of canonical datasets, and the links between them."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.fields: set[Field] = set()
        self.links: dict[tuple[Field, Field], Link] = {}
        self.groups: dict[int, set[int]] = {}
        self.home: dict[int, int] = {}

    def names(self, datasets: Collection[int]) -> set[int]:
        """Return all names of the groups these datasets belong to; two statements where a group is new."""
        if new := [one for one in datasets if one not in self.home]:
            canonical = {row[3] for row in self.session.execute(queries.names(new))}
            for row in self.session.scalars(queries.group(canonical)):
                home = row.alias_for_dataset_id or row.id
                self.home[row.id] = home
                self.groups.setdefault(home, set()).add(row.id)
        return {name for one in datasets for name in self.groups[self.home[one]]}

    def step(self, frontier: Collection[Field], *, down: bool) -> set[Field]:
        """Follow the links of some fields one way; return the fields that are new."""
        names = self.names({one.dataset for one in frontier})
        found = columns.out_of(self.session, names) if down else columns.into(self.session, names)
        return self.take(found, frontier, down=down)

    def take(self, links: Collection[Link], frontier: Collection[Field], *, down: bool) -> set[Field]:
        """Add those links whose near end is in ``frontier``; return the far ends that are new."""
        self.names({end.dataset for link in links for end in (link.source, link.target)})
        near, fresh = set(frontier), set()
        for link in links:
            ends = self.canonical(link.source), self.canonical(link.target)
            here, there = ends if down else ends[::-1]
            if here not in near or (there not in self.fields and len(self.fields) >= MOST_NODES):
                continue
            if there not in self.fields:
                fresh.add(there)
                self.fields.add(there)
            self.links.setdefault(ends, link)
        return fresh

    def canonical(self, field: Field) -> Field:
        """Return the field under the canonical name of its dataset."""
        return Field(self.home[field.dataset], field.column)


def around(ask: Ask) -> Json:
    """Answer the columns that feed those of ``nodeId``, ``depth`` links far."""
    depth, both = ask.depth, ask.yes("withDownstream")
    walk = Walk(ask.session)
    start = _start(ask, walk)
    walk.fields |= start
    for down in (False, True) if both else (False,):
        frontier = set(start)
        for _ in range(depth):
            if not frontier or len(walk.fields) >= MOST_NODES:
                break
            frontier = walk.step(frontier, down=down)
    return {"graph": _graph(walk)}


def _start(ask: Ask, walk: Walk) -> set[Field]:
    text = ask.text("nodeId")
    node = ids.node(text)
    if node is None or node.kind == "run":
        raise Wrong(400, f"node ID ({text[:200]}) must start with 'dataset', 'datasetField', or 'job'")
    if node.kind == "datasetField":
        return _field(ask, walk, node.rest)
    found = find.node(ask, node)
    if found is None:
        raise missing(node.kind.capitalize(), node.rest)
    if node.kind == "dataset":
        names = walk.names([found.id])
        links = columns.into(ask.session, names) + (
            columns.out_of(ask.session, names) if ask.yes("withDownstream") else []
        )
    else:
        names = set(columns.outputs_of(ask.session, found.id))
        links = columns.into(ask.session, names, found.id)
    walk.names({end.dataset for link in links for end in (link.source, link.target)})
    mine = {walk.home[one] for one in names if one in walk.home}
    ends = {walk.canonical(end) for link in links for end in (link.source, link.target)}
    return set(sorted(end for end in ends if end.dataset in mine)[:MOST_NODES])


def _field(ask: Ask, walk: Walk, rest: str) -> set[Field]:
    """Return the field a node id names; of several ways to read it the one whose dataset has such a field."""
    texts = dict.fromkeys((rest, ids.without_version(rest)))
    ways = [way for text in texts for way in ids.fields(text)]
    rows = list(ask.session.scalars(queries.datasets_named(list({name.digest for name, _ in ways})))) if ways else []
    by_digest = {row.digest: row for row in rows}
    about = said(ask.session, rows)
    names = walk.names([row.id for row in rows])
    linked = {end for link in columns.into(ask.session, names) for end in (link.target, link.source)}
    linked |= {link.source for link in columns.out_of(ask.session, names)}
    for name, column in ways:
        row = by_digest.get(name.digest)
        if row is None:
            continue
        group = walk.names([row.id])
        if column in {one["name"] for one in fields_of(about[row.id])} or any(
            end.column == column and end.dataset in group for end in linked
        ):
            return {Field(walk.home[row.id], column)}
    raise missing("Dataset field", rest)


def _graph(walk: Walk) -> list[Json]:
    rows = list(walk.session.scalars(queries.datasets_by_id({one.dataset for one in walk.fields})))
    about = said(walk.session, rows)
    by_id = {row.id: row for row in rows}
    inputs: dict[Field, list[Json]] = defaultdict(list)
    edges: set[tuple[str, str]] = set()
    for (source, target), link in sorted(walk.links.items()):
        row = by_id[source.dataset]
        version = about[row.id].version
        told = columns.input_field(link, str(version) if version else None)
        inputs[target].append({**told, "namespace": row.namespace, "dataset": row.name})
        edges.add((_id(row, source.column), _id(by_id[target.dataset], target.column)))
    nodes = {
        _id(by_id[one.dataset], one.column): (
            "DATASET_FIELD",
            _data(by_id[one.dataset], about[one.dataset], one.column, inputs[one]),
        )
        for one in walk.fields
    }
    return framed(nodes, edges)


def _id(row: Dataset, column: str) -> str:
    return f"datasetField:{row.namespace}:{row.name}:{column}"


def _data(row: Dataset, about: Said, column: str, inputs: list[Json]) -> Json:
    type_ = next((each["type"] for each in fields_of(about) if each["name"] == column), None)
    return {
        "namespace": row.namespace,
        "dataset": row.name,
        "datasetVersion": str(about.version) if about.version else None,
        "field": column,
        "fieldType": type_,
        **columns.transformation(column, inputs, about.facets),
        "inputFields": inputs,
    }
