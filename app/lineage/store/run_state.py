"""A run in hand while a batch is folded: its columns, facets, counts, and how an event changes its state."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from app.jobs.models import Run
from app.jobs.naming import run_digest
from app.lineage.openlineage.extract import EMPTY
from app.lineage.openlineage.parse import Event, Facets
from app.lineage.openlineage.roles import Kind
from app.lineage.openlineage.times import micros, moment, parse_time

__all__ = ["COLUMNS", "JOB_FACETS", "TIMES", "RunState", "about", "fold_status", "run_digest", "stored", "us_of"]
ENDS = {"COMPLETE": "completed", "FAIL": "failed", "ABORT": "cancelled"}
OPEN = {"START": "running", "RUNNING": "running", "OTHER": "queued"}
RANK = {"unknown": 0, "queued": 1, "running": 2}
JOB_FACETS = ("jobType", "sql", "sourceCodeLocation")
COLUMNS = tuple(column.name for column in Run.__table__.columns)
TIMES = (
    "began_at", "started_at", "ended_at", "nominal_start_at", "nominal_end_at", "first_event_at", "last_event_at",
    "last_seen_at", "silent_until", "eta_at", "eta_high_at", "deadline_at",
)  # fmt: skip


class RunState(msgspec.Struct, eq=False):
    """A run in hand: its columns (times as microseconds), facets, event counts and job names."""

    row: dict[str, Any]
    facets: dict[str, list[Any]]
    events: dict[str, int]
    jobs: dict[int, list[int]]
    is_new: bool
    before: dict[str, Any] = {}
    kind: Kind = Kind(None, None, None)
    is_touched: bool = False
    is_revived: bool = False

    @property
    def number(self) -> int:
        """Return the key of the run."""
        return int(self.row["number"])

    def facet(self, name: str) -> dict[str, Any]:
        """Return the current body of a facet, or an empty object."""
        found = self.facets.get(name)
        return EMPTY if found is None or found[2].get("_deleted") is True else found[2]

    def bodies(self) -> Facets:
        """Return all current run facets."""
        return {name: item[2] for name, item in self.facets.items() if not name.startswith("job:")}


def in_hand(row: Any) -> RunState:
    """Return a stored run as a batch takes it in hand; details and job names are not there yet."""
    values = row._asdict()
    for key in TIMES:
        values[key] = micros(values[key]) if values[key] is not None else None
    return RunState(values, {}, {}, {}, is_new=False, before=dict(values))


def fold_status(row: dict[str, Any], event: Event) -> None:
    """Let an event change the status: the newest end decides, else the furthest state seen (spec 3.6)."""
    us, type_ = event.us, event.type or ""
    if type_ in ENDS:
        if row["ended_at"] is None or us >= row["ended_at"]:
            row.update(status=ENDS[type_], ended_at=us, end_event=event.arrival)
    elif type_ in OPEN and row["status"] in RANK and RANK[OPEN[type_]] > RANK[row["status"]]:
        row["status"] = OPEN[type_]
    if type_ == "START":
        row["started_at"] = us if row["started_at"] is None else min(us, row["started_at"])


def stored(key: str, value: Any) -> Any:
    """Return a column as the database takes it: microseconds become moments."""
    return moment(value) if key in TIMES and value is not None else value


def us_of(value: object) -> int | None:
    """Return a reported time as microseconds, None when it cannot be read."""
    at = parse_time(value)
    return micros(at) if at is not None else None


def about(reported_id: str) -> int | None:
    """Return the time inside a UUIDv7 run id (us): only for placeholders, real times come from events."""
    try:
        uuid = UUID(reported_id)
    except ValueError:
        return None
    if uuid.version != 7:  # noqa: PLR2004 - only version 7 holds a Unix time
        return None
    us = (uuid.int >> 80) * 1_000
    return us if us < micros(datetime(2100, 1, 1, tzinfo=UTC)) else None
