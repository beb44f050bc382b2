"""The report: one line for every event, read in pieces so that its length does not matter."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy.orm import Session

from app.db import utcnow
from app.jobs.queries import report as queries
from app.jobs.queries.report import Wanted
from app.jobs.queries.sight import Sight
from app.jobs.shown import status
from app.web.export import cell, line

CHUNK: Final = 1_000
COUNTED: Final = 10_000
COLUMNS: Final = (
    "run", "external_id", "attempt", "job", "version", "provider", "customer", "status", "event", "kind", "step",
    "step_name", "points", "name", "metadata", "occurred_at", "received_at",
)  # fmt: skip


def lines(session: Session, wanted: Wanted, sight: Sight) -> Iterator[str]:
    """Yield the report as CSV, its head first, some lines at a time; cells are safe in spreadsheets."""
    head = line(COLUMNS)
    for rows in chunks(session, wanted, sight):
        yield head + "".join(line([cell(value) for value in each]) for each in rows)
        head = ""
    if head:
        yield head


def chunks(session: Session, wanted: Wanted, sight: Sight) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the values of the lines in the order of ``COLUMNS``, a thousand at a time."""
    after: queries.Place | None = None
    while True:
        found = session.execute(queries.events(wanted, sight, after, CHUNK)).all()
        if found:
            yield [_values(row) for row in found]
        if len(found) < CHUNK:
            return
        last = found[-1][0]
        after = (last.occurred_at, last.id)
        session.expunge_all()


def first(session: Session, wanted: Wanted, sight: Sight, limit: int) -> list[dict[str, Any]]:
    """Return the first lines as objects: one statement."""
    found = session.execute(queries.events(wanted, sight, None, limit)).all()
    return [dict(zip(COLUMNS, _values(row), strict=True)) for row in found]


def counted(session: Session, wanted: Wanted, sight: Sight) -> int:
    """Return how many lines there are, at most 10,000: one statement."""
    return len(session.scalars(queries.counted(wanted, sight, COUNTED)).all())


def _values(row: Any) -> tuple[Any, ...]:
    event, run, job, version, points, step_name, provider, customer = row
    return (
        run.number, run.external_id, run.attempt, job, version, provider, customer, status(run, utcnow()), event.id,
        event.kind, event.step, step_name, points, event.name, event.event_metadata, event.occurred_at,
        event.received_at,
    )  # fmt: skip
