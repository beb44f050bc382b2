"""Whether a dataset is late: from the rhythm of its writes, or from what a person expects of it; a pure rule."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final, Literal
from zoneinfo import ZoneInfo

FEWEST: Final = 4
GRACE: Final = timedelta(hours=1)
STREAM_GAPS: Final = 5
DAY: Final = timedelta(days=1)
Word = Literal["fresh", "late", "streaming", "unknown", "never", "dropped"]


@dataclass(frozen=True, slots=True)
class Stream:
    """A running stream that writes: when it last reported, and how far apart its reports usually are."""

    last_at: datetime
    gap: timedelta | None


@dataclass(frozen=True, slots=True)
class Expected:
    """What a person expects: a write every so often, or by a time of day (``HH:MM``) in a zone (an IANA name), or both.

    ``since`` is when it was set: the start for a dataset that was never written.
    """

    since: datetime
    every: timedelta | None = None
    by: str | None = None
    zone: str | None = None
    min_rows: int | None = None

    @property
    def has_time(self) -> bool:
        """Return whether it says anything of time, so that it wins over the rhythm."""
        return self.every is not None or self.by is not None

    def due_after(self, last: datetime) -> datetime:
        """Return when the write after ``last`` should be there at the latest.

        With a time of day that is its first occurrence no earlier than an interval (a day, when none is set) after
        ``last``, counted on the clock of the zone: a daily write of 05:50 due by 06:30 is due on the next day at 06:30.
        """
        every = self.every if self.every is not None else DAY
        if self.by is None:
            return last + every
        zone = ZoneInfo(self.zone or "UTC")
        earliest = last.astimezone(zone) + every
        hour, minute = (int(part) for part in self.by.split(":"))
        deadline = earliest.replace(hour=hour, minute=minute, second=0, microsecond=0)
        return (deadline if deadline >= earliest else deadline + DAY).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Freshness:
    """The verdict: ``due_at`` is when the next write should be there at the latest, None where nobody can tell.

    ``expected`` is what a person set, whether or not it decided.
    """

    word: Word
    last_at: datetime | None = None
    interval: timedelta | None = None
    due_at: datetime | None = None
    expected: Expected | None = None

    @property
    def about(self) -> float | None:
        """Return the interval in seconds for words in its largest unit; 3 % more, so that 23 h 59 min reads 1 d."""
        return None if self.interval is None else self.interval.total_seconds() * 1.03

    @property
    def is_late(self) -> bool:
        """Return whether a write is missing."""
        return self.word == "late"


def freshness(
    writes: Sequence[datetime],
    now: datetime,
    *,
    stream: Stream | None = None,
    dropped: bool = False,
    expected: Expected | None = None,
) -> Freshness:
    """Judge by the newest writes that ended well, newest first, at most 20 of them.

    The interval is the median gap; late is later than twice the interval, or the interval and an hour, whichever is
    longer. Fewer than 4 writes are not enough to tell. A stream is late after 5 of its usual reporting gaps. What a
    person expects wins over all of that; what was dropped is never late.
    """
    last = stream.last_at if stream else writes[0] if writes else None
    if dropped:
        return Freshness("dropped", last, expected=expected)
    learned = _streaming(stream, now) if stream is not None else _learned(writes, now)
    if expected is None or not expected.has_time:
        return replace(learned, expected=expected)
    due = expected.due_after(last or expected.since)
    word: Word = "late" if now > due else "streaming" if stream else "never" if last is None else "fresh"
    return replace(learned, word=word, due_at=due, expected=expected)


def _learned(writes: Sequence[datetime], now: datetime) -> Freshness:
    if not writes:
        return Freshness("never")
    if len(writes) < FEWEST:
        return Freshness("unknown", writes[0])
    gaps = [(newer - older).total_seconds() for newer, older in pairwise(writes)]
    interval = timedelta(seconds=median(gaps))
    due = writes[0] + max(2 * interval, interval + GRACE)
    return Freshness("late" if now > due else "fresh", writes[0], interval, due)


def _streaming(stream: Stream, now: datetime) -> Freshness:
    if stream.gap is None:
        return Freshness("streaming", stream.last_at)
    due = stream.last_at + STREAM_GAPS * stream.gap
    return Freshness("late" if now > due else "streaming", stream.last_at, stream.gap, due)
