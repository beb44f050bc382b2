"""Schemas of datasets and column sets of jobs as stretches of time."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

import msgspec
from sqlalchemy import bindparam, func, select, tuple_
from sqlalchemy.orm import Session

from app.bulk import allocate, insert_rows, select_in
from app.lineage.models import ColumnEdge, ColumnSet, DatasetSchema, Interaction, RawEvent, Schema
from app.lineage.openlineage import extract
from app.lineage.openlineage.decode import encode, encode_sorted
from app.lineage.openlineage.parse import Event, Name, parse_value
from app.lineage.openlineage.spans import Point, Span, observe
from app.lineage.openlineage.times import micros, moment
from app.lineage.store.mentions import Columns
from app.lineage.store.names import Names

Key = tuple[int, Any]
EPOCH = moment(0)


def schema_digest(fields: list[Any]) -> UUID:
    """Return the UUIDv5 of schema fields as sent: field order counts, key order does not."""
    return uuid5(NAMESPACE_URL, encode_sorted(fields).decode())


class Spans:
    """Spans of one table for the keys of a batch: loads those that the batch may touch, writes what changed."""

    def __init__(self, session: Session, realm_id: int, model: Any, shape: "Shape") -> None:  # noqa: ANN401
        self.session = session
        self.realm_id = realm_id
        self.model = model
        self.shape = shape
        self.by_key: dict[Key, list[Span]] = {}

    def load(self, keys: Iterable[Key], since: int) -> None:
        """Load the spans of ``keys`` that reach to ``since`` (us) or later, and for each the one before."""
        wanted = list(keys)
        self.by_key = {key: [] for key in wanted}
        connection, table = self.session.connection(), self.model.__table__
        datasets = list({dataset for dataset, _ in wanted})
        for start in range(0, len(datasets), CHUNK):
            statement = _span_query(table, self.shape, len(datasets[start : start + CHUNK]))
            values = {f"d{place}": value for place, value in enumerate(datasets[start : start + CHUNK])}
            for row in connection.execute(statement, {"realm_id": self.realm_id, "since": moment(since), **values}):
                self._take(row)

    def _take(self, row: Any) -> None:  # noqa: ANN401 - a Row
        spans = self.by_key.get((row.dataset_id, getattr(row, self.shape.key)))
        if spans is not None:
            first, last = (micros(row.first_at), row.first_event), (micros(row.last_at), row.last_event)
            holder = row.edges_of if self.shape.has_holder else None
            spans.append(Span(getattr(row, self.shape.content), first, last, row.id, holder=holder))

    def changed(self) -> list[tuple[Key, Span]]:
        """Return the spans to write, with ids for the new ones."""
        changed = [(key, span) for key, spans in self.by_key.items() for span in spans if span.changed]
        new = [span for _, span in changed if span.row is None]
        connection = self.session.connection()
        for id_, span in zip(allocate(connection, self.model.__table__, len(new)), new, strict=True):
            span.row = id_
        return changed

    def row(self, key: Key, span: Span) -> dict[str, Any]:
        """Return the columns of a span."""
        return {
            "id": span.row,
            "realm_id": self.realm_id,
            "dataset_id": key[0],
            self.shape.key: key[1],
            self.shape.content: span.content,
            "first_at": moment(span.first[0]),
            "first_event": span.first[1],
            "last_at": moment(span.last[0]),
            "last_event": span.last[1],
        }


class Shape(NamedTuple):
    """The columns of a table of spans: what besides the dataset makes the key, what the content is."""

    key: str
    content: str
    has_holder: bool


@lru_cache(maxsize=256)
def _span_query(table: Any, shape: Shape, count: int) -> Any:  # noqa: ANN401 - a Table, a Select
    earlier = table.alias("earlier")
    before = (
        select(func.max(earlier.c.last_at))
        .where(
            earlier.c.realm_id == table.c.realm_id,
            earlier.c.dataset_id == table.c.dataset_id,
            earlier.c[shape.key] == table.c[shape.key],
            earlier.c.last_at < bindparam("since", type_=table.c.last_at.type),
        )
        .scalar_subquery()
    )
    return (
        select(table)
        .where(
            table.c.realm_id == bindparam("realm_id"),
            table.c.dataset_id.in_([bindparam(f"d{place}") for place in range(count)]),
            table.c.last_at >= func.coalesce(before, EPOCH),
        )
        .order_by(table.c.first_at, table.c.first_event)
    )


SCHEMAS = Shape("direction", "schema_id", has_holder=False)
COLUMNS = Shape("job_id", "digest", has_holder=True)
CHUNK = 500


class Schemas:
    """Schema facets of a batch -> Schema rows, spans per dataset and direction, and the current schema."""

    def __init__(self, session: Session, realm_id: int, names: Names) -> None:
        self.session = session
        self.realm_id = realm_id
        self.names = names
        self.ids: dict[UUID, int] = {}
        self.of_ref: dict[tuple[int, int], int] = {}
        self.seen: list[Any] = []
        self.changed: list[tuple[Name, int | None, int | None]] = []

    def intern(self, events: list[Event]) -> None:
        """Write the contents of schemas; fills ``of_ref``: (arrival, position of the dataset) -> schema id."""
        self.seen, fields = self._gather(events)
        self._intern(fields)
        for _, _, at, digest, place in self.seen:
            if digest is not None:
                self.of_ref[at[1], place] = self.ids[digest]

    def fold(self, runs: dict[int, int]) -> None:
        """Write the history, after the interactions of the batch; ``runs`` maps arrival -> run number."""
        seen = self.seen
        if not seen:
            return
        spans = Spans(self.session, self.realm_id, DatasetSchema, SCHEMAS)
        spans.load({(dataset, direction) for dataset, direction, *_ in seen}, min(item[2][0] for item in seen))
        for dataset, direction, at, digest, _ in seen:
            content = self.ids[digest] if digest is not None else None
            fetch = _Past(self.session, self.realm_id, dataset, direction, self.ids)
            observe(spans.by_key[dataset, direction], Point(at, content), fetch)
        rows = [spans.row(*item) for item in spans.changed()]
        earlier = {row["last_event"] for row in rows} - runs.keys()
        found = select_in(self.session, (RawEvent.id, RawEvent.run), self.realm_id, RawEvent.id, earlier)
        runs = runs | {row.id: row.run for row in found if row.run is not None}
        for row in rows:
            row["last_run"] = runs.get(row["last_event"])
        update = ("schema_id", "first_at", "first_event", "last_at", "last_event", "last_run")
        insert_rows(
            self.session.connection(), DatasetSchema.__table__, rows, conflict=("id",), update=update
        )
        self._current()

    def _gather(self, events: list[Event]) -> tuple[list[Any], dict[UUID, list[Any]]]:
        seen: list[Any] = []
        found: dict[UUID, list[Any]] = {}
        for event in events:
            for place, ref in enumerate(event.datasets):
                facet = ref.facets.get("schema")
                if facet is None:
                    continue
                fields, digest = extract.fields_of(facet), None
                if facet.get("_deleted") is not True:
                    if fields is None:
                        continue
                    digest = schema_digest(fields)
                    found[digest] = fields
                direction = ref.direction if event.kind == "run" else "static"
                seen.append((self.names.datasets[ref.name].id, direction, (event.us, event.arrival), digest, place))
        return seen, found

    def _intern(self, fields: dict[UUID, list[Any]]) -> None:
        for row in select_in(self.session, (Schema.id, Schema.digest), self.realm_id, Schema.digest, fields):
            self.ids[row.digest] = row.id
        connection = self.session.connection()
        new = [digest for digest in fields if digest not in self.ids]
        rows = []
        for id_, digest in zip(allocate(connection, Schema.__table__, len(new)), new, strict=True):
            self.ids[digest] = id_
            rows.append({"id": id_, "realm_id": self.realm_id, "digest": digest, "fields": encode(fields[digest])})
        insert_rows(connection, Schema.__table__, rows)

    def _current(self) -> None:
        by_id = {entity.id: entity for entity in self.names.datasets.values()}
        for dataset, _, at, digest, _ in self.seen:
            entity = by_id[dataset]
            if entity.columns["schema_at"] is None or at[0] >= entity.columns["schema_at"]:
                before, after = entity.columns["schema_id"], self.ids[digest] if digest is not None else None
                entity.put(schema_id=after, schema_at=at[0])
                if before != after:
                    self.changed.append((entity.name, before, after))


class _Past:
    """The points inside a span of a dataset's schema, read from the raw events of the runs that touched it."""

    def __init__(self, session: Session, realm_id: int, dataset: int, direction: str, ids: dict[UUID, int]) -> None:
        self.session = session
        self.realm_id = realm_id
        self.dataset = dataset
        self.direction = direction
        self.ids = ids

    def __call__(self, span: Span) -> list[Point]:
        known = {id_: digest for digest, id_ in self.ids.items()}
        if span.content is not None and span.content not in known:
            rows = select_in(self.session, (Schema.id, Schema.digest), self.realm_id, Schema.id, [span.content])
            known |= {row.id: row.digest for row in rows}
        points = []
        for event in past_events(self.session, self.realm_id, self.dataset, span):
            for ref in event.datasets:
                direction = ref.direction if event.kind == "run" else "static"
                facet = ref.facets.get("schema")
                if facet is None or direction != self.direction:
                    continue
                fields = extract.fields_of(facet)
                digest = None if facet.get("_deleted") is True or fields is None else schema_digest(fields)
                if digest == known.get(span.content):
                    points.append(Point((event.us, event.arrival), span.content))
        return points


def past_events(session: Session, realm_id: int, dataset: int, span: Span) -> list[Event]:
    """Return the stored events within a span whose run touched the dataset, or that are about it alone."""
    raw = RawEvent.__table__
    runs = select(Interaction.operation).where(Interaction.realm_id == realm_id, Interaction.dataset_id == dataset)
    rows = session.connection().execute(
        select(raw.c.id, raw.c.body)
        .where(
            raw.c.realm_id == realm_id,
            raw.c.event_time >= moment(span.first[0]),
            raw.c.event_time <= moment(span.last[0]),
            raw.c.run.in_(runs) | (raw.c.kind != "run"),
        )
        .order_by(raw.c.id)
    )
    events = []
    for id_, body in rows:
        event = parse_value(msgspec.json.decode(body), mask=False)
        event.arrival = id_
        events.append(event)
    return events


class ColumnSets:
    """Column lineage facets of a batch -> spans per output dataset and job, each with its edges stored once."""

    def __init__(self, session: Session, realm_id: int, names: Names) -> None:
        self.session = session
        self.realm_id = realm_id
        self.names = names

    def fold(self, columns: list[Columns]) -> None:
        """Write the column sets and the edges of contents not seen before."""
        if not columns:
            return
        spans = Spans(self.session, self.realm_id, ColumnSet, COLUMNS)
        keys = [(self.names.datasets[item.dataset].id, self._job(item)) for item in columns]
        spans.load(set(keys), min(item.event.us for item in columns))
        contents: dict[tuple[Key, bytes], Columns] = {}
        for key, item in zip(keys, columns, strict=True):
            contents[key, item.digest] = item
            fetch = self._past(key)
            observe(spans.by_key[key], Point((item.event.us, item.event.arrival), item.digest), fetch)
        self._write(spans, contents)

    def _job(self, item: Columns) -> int:
        return self.names.jobs[item.event.job].id if item.event.job is not None else 0

    def _past(self, key: Key) -> Any:  # noqa: ANN401 - a Fetch
        dataset, job = key
        by_id = {entity.id: name for name, entity in self.names.datasets.items()}
        job_names = {entity.id: name for name, entity in self.names.jobs.items()}

        def fetch(span: Span) -> list[Point]:
            points = []
            for event in past_events(self.session, self.realm_id, dataset, span):
                if event.job != job_names.get(job):
                    continue
                for ref in event.datasets:
                    facet = ref.facets.get("columnLineage")
                    if ref.name == by_id[dataset] and facet and extract.column_digest(facet) == span.content:
                        points.append(Point((event.us, event.arrival), span.content))
            return points

        return fetch

    def _write(self, spans: Spans, contents: dict[tuple[Key, bytes], Columns]) -> None:
        changed = spans.changed()
        twins = self._twins({key for key, span in changed if span.holder is None})
        edges: list[dict[str, Any]] = []
        for key, span in changed:
            content = (key, span.content)
            if span.holder is None and content not in twins:
                twins[content] = span.row
                edges += [self._edge(span.row or 0, item) for item in contents[content].inputs]
            span.holder = span.holder if span.holder is not None else twins[content]
        rows = [spans.row(key, span) | {"edges_of": span.holder} for key, span in changed]
        connection = self.session.connection()
        update = ("digest", "edges_of", "first_at", "first_event", "last_at", "last_event")
        insert_rows(connection, ColumnSet.__table__, rows, conflict=("id",), update=update)
        for id_, edge in zip(allocate(connection, ColumnEdge.__table__, len(edges)), edges, strict=True):
            edge["id"] = id_
        insert_rows(connection, ColumnEdge.__table__, edges)

    def _edge(self, set_id: int, item: extract.ColumnInput) -> dict[str, Any]:
        return {
            "realm_id": self.realm_id,
            "set_id": set_id,
            "output_column": item.output,
            "dataset_id": self.names.datasets[item.dataset].id,
            "column": item.column,
            "kinds": item.kinds,
        }

    def _twins(self, keys: set[Key]) -> dict[tuple[Key, Any], int | None]:
        found: dict[tuple[Key, Any], int | None] = {}
        for part in _batched(keys):
            rows = self.session.connection().execute(
                select(ColumnSet.dataset_id, ColumnSet.job_id, ColumnSet.digest, ColumnSet.edges_of).where(
                    ColumnSet.realm_id == self.realm_id, tuple_(ColumnSet.dataset_id, ColumnSet.job_id).in_(part)
                )
            )
            for dataset, job, digest, edges_of in rows:
                found[(dataset, job), digest] = edges_of
        return found


def _batched(keys: set[Key]) -> Iterable[list[Key]]:
    items = list(keys)
    return (items[start : start + 500] for start in range(0, len(items), 500))
