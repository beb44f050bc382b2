"""Bars over time for a run and the runs below it. Pure: rows in, numbers for SVG out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

WIDTH = 1000.0
THINNEST = 4.0
TICKS = 4


@dataclass(frozen=True, slots=True)
class Span:
    """Something with a beginning; ``ended`` None means it still goes on, or nobody said when it ended."""

    started: datetime | None
    ended: datetime | None
    is_open: bool


@dataclass(frozen=True, slots=True)
class Bar:
    """Where a span lies on a line of WIDTH units; ``offset`` is its beginning after the first one."""

    x: float
    width: float
    offset: timedelta
    length: timedelta | None


@dataclass(frozen=True, slots=True)
class Gantt:
    """One bar per span in the given order (None where nothing is known), and what the line stands for."""

    bars: list[Bar | None]
    begins: datetime | None
    total: timedelta
    ticks: list[timedelta]


def gantt(spans: Sequence[Span], now: datetime) -> Gantt:
    """Lay spans on one line from the first beginning to the last end; what is open grows until ``now``."""
    known = [(span.started, _end(span, now)) for span in spans if span.started is not None]
    if not known:
        return Gantt([None] * len(spans), None, timedelta(0), [])
    first = min(start for start, _ in known)
    last = max(max(end or start, start) for start, end in known)
    total = last - first
    bars = [_bar(span, first, total, now) for span in spans]
    return Gantt(bars, first, total, [total * part / TICKS for part in range(TICKS + 1)])


def _end(span: Span, now: datetime) -> datetime | None:
    return span.ended or (now if span.is_open else None)


def _bar(span: Span, first: datetime, total: timedelta, now: datetime) -> Bar | None:
    if span.started is None:
        return None
    end = _end(span, now)
    offset = span.started - first
    length = max(end - span.started, timedelta(0)) if end else None
    whole = total.total_seconds()
    x = WIDTH * offset.total_seconds() / whole if whole else 0.0
    width = WIDTH * length.total_seconds() / whole if length and whole else 0.0
    width = max(width, THINNEST) if whole else WIDTH
    x = min(x, WIDTH - width)
    return Bar(round(x, 1), round(width, 1), offset, length)
