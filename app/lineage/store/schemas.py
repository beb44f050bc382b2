"""Schemas of datasets as stretches of time."""

from functools import lru_cache
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from app.bulk import Asked, allocate, ask, insert_rows, select_in
from app.driver import bound
from app.lineage.models import DatasetSchema, RawEvent, Schema
from app.lineage.openlineage import extract
from app.lineage.openlineage.decode import encode, encode_sorted, once
from app.lineage.openlineage.parse import Event, Name
from app.lineage.openlineage.spans import Point, Span, observe
from app.lineage.store.columns import save_fields
from app.lineage.store.names import Names
from app.lineage.store.span_rows import SCHEMAS, Spans, past_events


def schema_digest(fields: list[Any]) -> UUID:
    """Return the UUIDv5 of schema fields as sent: field order counts, key order does not."""
    return _uuid_of(encode_sorted(fields).decode())


def _digest_of(facet: dict[str, Any]) -> UUID:
    return schema_digest(facet["fields"])


@lru_cache(maxsize=500)
def _uuid_of(text: str) -> UUID:
    return uuid5(NAMESPACE_URL, text)


class Schemas:
    """Schema facets of a batch -> Schema rows, spans per dataset and direction, and the current schema."""

    def __init__(self, session: Session, realm_id: int, names: Names) -> None:
        self.connection = bound(session)
        self.realm_id = realm_id
        self.names = names
        self.ids: dict[UUID, int] = {}
        self.of_ref: dict[tuple[int, int], int] = {}
        self.seen: list[Any] = []
        self.fields: dict[UUID, list[Any]] = {}
        self.asked = Asked()
        self.spans = Spans(self.connection, realm_id, DatasetSchema, SCHEMAS)
        self.changed: list[tuple[Name, int | None, int | None]] = []

    def ask(self, events: list[Event]) -> None:
        """Send the questions about schemas that ``intern`` and ``fold`` wait for."""
        self.seen, self.fields = self._gather(events)
        self.asked = ask(self.connection, (Schema.id, Schema.digest), self.realm_id, Schema.digest, self.fields)
        if self.seen:
            keys = {(dataset, direction) for dataset, direction, *_ in self.seen}
            self.spans.ask(keys, min(item[2][0] for item in self.seen))

    def intern(self) -> None:
        """Write the contents of schemas; fills ``of_ref``: (arrival, position of the dataset) -> schema id."""
        self._intern(self.fields)
        for _, _, at, digest, place in self.seen:
            if digest is not None:
                self.of_ref[at[1], place] = self.ids[digest]

    def fold(self, runs: dict[int, int]) -> None:
        """Write the history, after the interactions of the batch; ``runs`` maps arrival -> run number."""
        seen = self.seen
        if not seen:
            return
        spans = self.spans
        spans.load()
        for dataset, direction, at, digest, _ in seen:
            content = self.ids[digest] if digest is not None else None
            fetch = _Past(self.connection, self.realm_id, dataset, direction, self.ids)
            observe(spans.by_key[dataset, direction], Point(at, content), fetch)
        rows = [spans.row(*item) for item in spans.changed()]
        earlier = {row["last_event"] for row in rows} - runs.keys()
        found = select_in(self.connection, (RawEvent.id, RawEvent.run), self.realm_id, RawEvent.id, earlier)
        runs = runs | {row.id: row.run for row in found if row.run is not None}
        for row in rows:
            row["last_run"] = runs.get(row["last_event"])
        update = ("schema_id", "first_at", "first_event", "last_at", "last_event", "last_run")
        insert_rows(self.connection, DatasetSchema.__table__, rows, conflict=("id",), update=update)
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
                    digest = once(_digest_of, facet)
                    found[digest] = fields
                direction = ref.direction if event.kind == "run" else "static"
                seen.append((self.names.datasets[ref.name].id, direction, (event.us, event.arrival), digest, place))
        return seen, found

    def _intern(self, fields: dict[UUID, list[Any]]) -> None:
        for row in self.asked.rows():
            self.ids[row.digest] = row.id
        connection = self.connection
        new = [digest for digest in fields if digest not in self.ids]
        rows = []
        for id_, digest in zip(allocate(connection, Schema.__table__, len(new)), new, strict=True):
            self.ids[digest] = id_
            rows.append({"id": id_, "realm_id": self.realm_id, "digest": digest, "fields": encode(fields[digest])})
        insert_rows(connection, Schema.__table__, rows)
        save_fields(connection, self.realm_id, {self.ids[digest]: fields[digest] for digest in new})

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

    def __init__(
        self, connection: Connection, realm_id: int, dataset: int, direction: str, ids: dict[UUID, int]
    ) -> None:
        self.connection = connection
        self.realm_id = realm_id
        self.dataset = dataset
        self.direction = direction
        self.ids = ids

    def __call__(self, span: Span) -> list[Point]:
        known = {id_: digest for digest, id_ in self.ids.items()}
        if span.content is not None and span.content not in known:
            rows = select_in(self.connection, (Schema.id, Schema.digest), self.realm_id, Schema.id, [span.content])
            known |= {row.id: row.digest for row in rows}
        points = []
        for event in past_events(self.connection, self.realm_id, self.dataset, span):
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
