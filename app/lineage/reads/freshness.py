"""Whether a dataset is late, from the rhythm of its writes; a pure rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final, Literal

FEWEST: Final = 4
GRACE: Final = timedelta(hours=1)
STREAM_GAPS: Final = 5
Word = Literal["fresh", "late", "streaming", "unknown", "never", "dropped"]


@dataclass(frozen=True, slots=True)
class Stream:
    """A running stream that writes: when it last reported, and how far apart its reports usually are."""

    last_at: datetime
    gap: timedelta | None


@dataclass(frozen=True, slots=True)
class Freshness:
    """The verdict: ``due_at`` is when the next write should be there at the latest, None where nobody can tell."""

    word: Word
    last_at: datetime | None = None
    interval: timedelta | None = None
    due_at: datetime | None = None

    @property
    def about(self) -> float | None:
        """Return the interval in seconds for words in its largest unit; 3 % more, so that 23 h 59 min reads 1 d."""
        return None if self.interval is None else self.interval.total_seconds() * 1.03

    @property
    def is_late(self) -> bool:
        """Return whether a write is missing."""
        return self.word == "late"


def freshness(
    writes: Sequence[datetime], now: datetime, *, stream: Stream | None = None, dropped: bool = False
) -> Freshness:
    """Judge by the newest writes that ended well, newest first, at most 20 of them.

    The interval is the median gap; late is later than twice the interval, or the interval and an hour, whichever is
    longer. Fewer than 4 writes are not enough to tell. A stream is late after 5 of its usual reporting gaps.
    """
    last = stream.last_at if stream else writes[0] if writes else None
    if dropped:
        return Freshness("dropped", last)
    if stream is not None:
        return _streaming(stream, now)
    if last is None:
        return Freshness("never")
    if len(writes) < FEWEST:
        return Freshness("unknown", last)
    gaps = [(newer - older).total_seconds() for newer, older in pairwise(writes)]
    interval = timedelta(seconds=median(gaps))
    due = last + max(2 * interval, interval + GRACE)
    return Freshness("late" if now > due else "fresh", last, interval, due)


def _streaming(stream: Stream, now: datetime) -> Freshness:
    if stream.gap is None:
        return Freshness("streaming", stream.last_at)
    due = stream.last_at + STREAM_GAPS * stream.gap
    return Freshness("late" if now > due else "streaming", stream.last_at, stream.gap, due)
