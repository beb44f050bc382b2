"""The board: what runs, what needs somebody, what failed, what waits; six statements however many runs there are."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from app.db import utcnow
from app.jobs.endless import ENDLESS
from app.jobs.models import Job, Run, RunStatus
from app.jobs.queries import board as queries
from app.jobs.queries.sight import EVERYTHING, Sight
from app.jobs.reads.run_head import Head, head
from app.jobs.timing import seconds

DAY = timedelta(hours=24)
SHOWN = 30
COUNTED = 10_000
GROUPED = 200
IN_GROUP = 5
# A time of day or a number with a fraction, as tools put into messages: 05:45:00.372453, 1046.86; no address of a host.
VARYING: Final = re.compile(r"(?<![\d.:])(?:\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?|\d+\.\d+)(?![\d.:])")
BESIDE = ("stalled", "late")
GOING = 2
ORDER = (RunStatus.RUNNING, RunStatus.QUEUED, RunStatus.FAILED, RunStatus.CANCELLED, RunStatus.COMPLETED)


@dataclass(frozen=True, slots=True)
class Row:
    """A run on the board with its parent, how long it took or has been going in seconds, and how it stands."""

    run: Run
    job: Job
    parent: Run | None
    parent_job: Job | None
    seconds: float | None
    head: Head


@dataclass(frozen=True, slots=True)
class Group:
    """Runs that failed with the same first line but for times in it; ``rows`` are the newest of ``count``."""

    line: str
    rows: list[Row]
    count: int
    newest: datetime


@dataclass(frozen=True, slots=True)
class Board:
    """What the board shows; counts are of runs that go on, and of ended ones begun since ``since``, at most 10,000.

    ``alarmed`` are stalled, late or at risk, wherever else they stand.
    """

    alarmed: list[Row]
    running: list[Row]
    queued: list[Row]
    streaming: list[Row]
    failed: list[Group]
    counts: list[tuple[str, int, bool]]
    since: datetime
    now: datetime

    def well(self, rows: list[Row]) -> list[Row]:
        """Return those of the rows that need nobody."""
        known = {row.run.number for row in self.alarmed}
        return [row for row in rows if row.run.number not in known]

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is going on and nothing happened within a day."""
        going = self.alarmed or self.running or self.queued or self.streaming
        return not (going or any(count for _, count, _ in self.counts))


def board(session: Session, sight: Sight = EVERYTHING) -> Board:
    """Return the board of the realm as somebody sees it."""
    now = utcnow()
    since = now - DAY
    active = _rows(session, queries.recent(sight, SHOWN * 2, "running"), now)
    endless = [row for row in active if row.run.processing_type in ENDLESS]
    failed = _rows(session, queries.recent(sight, GROUPED, "failed", since=since), now)
    moments = [(word, since if word.is_final else None) for word in ORDER]
    counts = session.execute(queries.counted(sight, moments, now, COUNTED)).one()
    return Board(
        alarmed=_needy(session, sight, now),
        running=[row for row in active if row not in endless][:SHOWN],
        queued=_rows(session, queries.recent(sight, SHOWN, "queued"), now),
        streaming=endless[:SHOWN],
        failed=grouped(failed),
        counts=_counts(list(counts)),
        since=since,
        now=now,
    )


def nothing() -> Board:
    """Return the board of somebody who sees no runs."""
    now = utcnow()
    return Board([], [], [], [], [], _counts([0] * (len(ORDER) + len(BESIDE))), now - DAY, now)


def _needy(session: Session, sight: Sight, now: datetime) -> list[Row]:
    """Return stalled runs, then late ones and those at risk, each once."""
    silent = _rows(session, queries.silent(sight, now, SHOWN), now)
    known = {row.run.number for row in silent}
    due = _rows(session, queries.alarmed(sight, now, SHOWN), now)
    return [*silent, *(row for row in due if row.run.number not in known)]


def _counts(numbers: list[int]) -> list[tuple[str, int, bool]]:
    """Return (word, number, whether there are more): what goes on, what is wrong with it, what has ended."""
    words = [*map(str, ORDER), *BESIDE]
    found = dict(zip(words, numbers, strict=True))
    turn = [*words[:GOING], *BESIDE, *words[GOING : len(ORDER)]]
    return [(word, found[word], found[word] >= COUNTED) for word in turn]


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
    found = session.execute(select)
    return [Row(row[0], row[1], row[2], row[3], seconds(row[0], now), _head(row[0], now)) for row in found]


def _head(run: Run, now: datetime) -> Head:
    return head(run, 0, now, is_streaming=run.processing_type in ENDLESS)
