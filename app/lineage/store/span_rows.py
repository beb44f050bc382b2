"""Stretches of time in the database: read those a batch may touch, and the events inside one."""

from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, select

from app.bulk import Asked, allocate, ask
from app.driver import execute
from app.lineage.models import Interaction, RawEvent
from app.lineage.openlineage.parse import Event, parse_value
from app.lineage.openlineage.spans import Span
from app.lineage.openlineage.times import micros, moment

Key = tuple[int, Any]
FIRST = "0001-01-01 00:00:00+00"


class Spans:
    """Spans of one table for the keys of a batch: loads those that the batch may touch, writes what changed."""

    def __init__(self, connection: Connection, realm_id: int, model: Any, shape: "Shape") -> None:
        self.connection = connection
        self.realm_id = realm_id
        self.model = model
        self.shape = shape
        self.by_key: dict[Key, list[Span]] = {}
        self.asked = Asked()

    def ask(self, keys: Iterable[Key], since: int) -> None:
        """Ask for the spans of ``keys`` that reach to ``since`` (us) or later, and for each the one before."""
        self.by_key = {key: [] for key in keys}
        datasets = {dataset for dataset, _ in self.by_key}
        columns, extra = self.model.__table__.columns, _reaching(self.model.__tablename__, self.shape.key)
        args = (columns, self.realm_id, self.model.dataset_id, datasets, extra, (moment(since),))
        self.asked = ask(self.connection, *args)

    def load(self) -> None:
        """Take in what was asked for."""
        for row in self.asked.rows():
            self._take(row)

    def _take(self, row: Any) -> None:
        spans = self.by_key.get((row.dataset_id, getattr(row, self.shape.key)))
        if spans is not None:
            first, last = (micros(row.first_at), row.first_event), (micros(row.last_at), row.last_event)
            holder = row.edges_of if self.shape.has_holder else None
            spans.append(Span(getattr(row, self.shape.content), first, last, row.id, holder=holder))

    def changed(self) -> list[tuple[Key, Span]]:
        """Return the spans to write, with ids for the new ones."""
        changed = [(key, span) for key, spans in self.by_key.items() for span in spans if span.changed]
        new = [span for _, span in changed if span.row is None]
        for id_, span in zip(allocate(self.connection, self.model.__table__, len(new)), new, strict=True):
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


@cache
def _reaching(table: str, key: str) -> str:
    same = " AND ".join(f"e.{name} = {table}.{name}" for name in ("realm_id", "dataset_id", key))
    before = f"SELECT max(e.last_at) FROM {table} e WHERE {same} AND e.last_at < ?"
    return f"AND last_at >= coalesce(({before}), '{FIRST}') ORDER BY first_at, first_event"


SCHEMAS = Shape("direction", "schema_id", has_holder=False)
COLUMNS = Shape("job_id", "digest", has_holder=True)


def past_events(connection: Connection, realm_id: int, dataset: int, span: Span) -> list[Event]:
    """Return the stored events within a span whose run touched the dataset, or that are about it alone."""
    raw = RawEvent.__table__
    runs = select(Interaction.operation).where(Interaction.realm_id == realm_id, Interaction.dataset_id == dataset)
    rows = execute(
        connection,
        select(raw.c.id, raw.c.body)
        .where(
            raw.c.realm_id == realm_id,
            raw.c.event_time >= moment(span.first[0]),
            raw.c.event_time <= moment(span.last[0]),
            raw.c.run.in_(runs) | (raw.c.kind != "run"),
        )
        .order_by(raw.c.id),
    )
    events = []
    for id_, body in rows:
        event = parse_value(msgspec.json.decode(body), mask=False)
        event.arrival = id_
        events.append(event)
    return events
