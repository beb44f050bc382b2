"""Stretches of time with one content, built from observations that may come in any order. Pure.

A span lists the first and the last observation of its content with nothing else between them. An observation inside a
span of other content splits it, and needs the observations inside that span: ``points`` fetches them.
"""

from bisect import bisect_right
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

Moment = tuple[int, int]


class Point(NamedTuple):
    """An observation: when (us, arrival) and what."""

    at: Moment
    content: Any


class Span(msgspec.Struct):
    """One content from ``first`` to ``last``; ``row`` is its database id, None while new.

    ``holder`` is what the row says about where its content is kept; copied when a span is split.
    """

    content: Any
    first: Moment
    last: Moment
    row: int | None = None
    changed: bool = False
    holder: int | None = None


Fetch = Callable[[Span], list[Point]]


def observe(spans: list[Span], point: Point, fetch: Fetch) -> None:
    """Add an observation to ``spans``, kept in order of time; ``fetch`` returns the known points inside a span."""
    place = bisect_right(spans, point.at, key=lambda span: span.first)
    before = spans[place - 1] if place else None
    after = spans[place] if place < len(spans) else None
    if before is not None and point.at <= before.last and before.content != point.content:
        _split(spans, place - 1, point, fetch)
    elif before is not None and before.content == point.content:
        if point.at > before.last:
            before.last, before.changed = point.at, True
    elif after is not None and after.content == point.content:
        after.first, after.changed = point.at, True
    else:
        spans.insert(place, Span(point.content, point.at, point.at, changed=True))


def _split(spans: list[Span], index: int, point: Point, fetch: Fetch) -> None:
    span = spans[index]
    inside = sorted(p.at for p in fetch(span) if p.content == span.content and span.first <= p.at <= span.last)
    times = sorted({span.first, *inside, span.last})
    left = [at for at in times if at < point.at]
    right = [at for at in times if at > point.at]
    parts = [Span(point.content, point.at, point.at, changed=True)]
    span.changed = True
    if right:
        parts.append(Span(span.content, right[0], right[-1], changed=True, holder=span.holder))
    if left:
        span.last = left[-1]
        spans[index + 1 : index + 1] = parts
    else:
        parts[-1].row, span.row = span.row, None
        spans[index : index + 1] = parts
