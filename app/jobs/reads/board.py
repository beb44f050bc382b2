"""The board: what runs, what failed, what waits; six statements however many runs there are."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from app.db import utcnow
from app.jobs.endless import ENDLESS
from app.jobs.models import Job, Run, RunStatus
from app.jobs.queries import runs as queries
from app.jobs.timing import seconds

DAY = timedelta(hours=24)
SHOWN = 30
COUNTED = 10_000
GROUPED = 200
IN_GROUP = 5
# A time of day or a number with a fraction, as tools put into messages: 05:45:00.372453, 1046.86; no address of a host.
VARYING: Final = re.compile(r"(?<![\d.:])(?:\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?|\d+\.\d+)(?![\d.:])")
ORDER = (RunStatus.RUNNING, RunStatus.QUEUED, RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.COMPLETED)


@dataclass(frozen=True, slots=True)
class Row:
    """A run on the board with its parent, and how long it took or has been going in seconds."""

    run: Run
    job: Job
    parent: Run | None
    parent_job: Job | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Group:
    """Runs that failed with the same first line but for times in it; ``rows`` are the newest of ``count``."""

    line: str
    rows: list[Row]
    count: int
    newest: datetime


@dataclass(frozen=True, slots=True)
class Board:
    """What the board shows; counts are of runs that go on, and of ended ones begun since ``since``, at most 10,000."""

    running: list[Row]
    queued: list[Row]
    streaming: list[Row]
    failed: list[Group]
    counts: list[tuple[str, int, bool]]
    since: datetime
    now: datetime

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is going on and nothing happened within a day."""
        return not (self.running or self.queued or self.streaming or any(count for _, count, _ in self.counts))


def board(session: Session) -> Board:
    """Return the board of the realm."""
    now = utcnow()
    since = now - DAY
    active = _rows(session, queries.recent(SHOWN * 2, "running"), now)
    endless = [row for row in active if row.run.processing_type in ENDLESS]
    running = [row for row in active if row not in endless]
    failed = _rows(session, queries.recent(GROUPED, "failed", since=since), now)
    counts = session.execute(
        queries.counted([(word, since if word.is_final else None) for word in ORDER], COUNTED)
    ).one()
    return Board(
        running=running[:SHOWN],
        queued=_rows(session, queries.recent(SHOWN, "queued"), now),
        streaming=endless[:SHOWN],
        failed=grouped(failed),
        counts=[(str(word), count, count >= COUNTED) for word, count in zip(ORDER, counts, strict=True)],
        since=since,
        now=now,
    )


def nothing() -> Board:
    """Return the board of somebody who sees no runs."""
    now = utcnow()
    return Board([], [], [], [], [(str(word), 0, False) for word in ORDER], now - DAY, now)


def grouped(rows: list[Row]) -> list[Group]:
    """Return runs by the first line of their error, the most frequent first, newest among equals."""
    lines = [VARYING.sub("#", first_line(row.run.ended_reason)) for row in rows]
    groups = []
    for shape, count in Counter(lines).items():
        mine = [row for row, of in zip(rows, lines, strict=True) if of == shape]
        line = first_line(mine[0].run.ended_reason)
        groups.append(Group(line, mine[:IN_GROUP], count, max(row.run.ended_at or row.run.began_at for row in mine)))
    return sorted(groups, key=lambda group: (group.count, group.newest), reverse=True)


def first_line(reason: str | None) -> str:
    """Return the first line of an error that says anything, else words that say there is none."""
    lines = (line.strip() for line in (reason or "").splitlines())
    return next((line for line in lines if line), "No error message")


def _rows(session: Session, select: Any, now: datetime) -> list[Row]:
    return [Row(row[0], row[1], row[2], row[3], seconds(row[0], now)) for row in session.execute(select)]
