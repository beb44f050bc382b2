"""Stretches of time in the database: read those a batch may touch, and the events inside one."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from app.bulk import allocate
from app.lineage.models import Interaction, RawEvent
from app.lineage.openlineage.parse import Event, parse_value
from app.lineage.openlineage.spans import Span
from app.lineage.openlineage.times import micros, moment

Key = tuple[int, Any]
EPOCH = moment(0)


class Spans:
    """Spans of one table for the keys of a batch: loads those that the batch may touch, writes what changed."""

    def __init__(self, session: Session, realm_id: int, model: Any, shape: "Shape") -> None:
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
def _span_query(table: Any, shape: Shape, count: int) -> Any:
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
