"""How earlier attempts of a job went: what ``DurationStat.runs`` holds as JSON text, newest first."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

KEPT: Final = 50  # how many completed attempts an estimate looks at


class Past(msgspec.Struct, omit_defaults=True):
    """A completed attempt: number of its run, when it ended (us), how long it took.

    ``points`` are [progress, seconds left] as each value was first reached, ``gaps`` [seconds, how often] of silence,
    ``steps`` seconds by tag.
    """

    run: int
    ended: int
    seconds: float
    points: list[tuple[float, float]] = []
    gaps: list[tuple[float, int]] = []
    steps: dict[str, float] = {}


def past(
    run: int,
    began: int,
    ended: int,
    points: Sequence[tuple[float, int]] = (),
    gaps: Sequence[tuple[float, int]] = (),
    steps: Mapping[str, float] | None = None,
) -> Past:
    """Return an attempt as remembered, from when it began, ended and reached each progress (us)."""
    reached = [(value, _seconds(ended - at)) for value, at in points if at <= ended]
    return Past(run, ended, _seconds(ended - began), reached, list(gaps), dict(steps or {}))


def read(text: str) -> list[Past]:
    """Return what ``write`` wrote."""
    return msgspec.json.decode(text, type=list[Past])


def write(history: Sequence[Past]) -> str:
    """Return a history as JSON text."""
    return msgspec.json.encode(history).decode()


def remember(history: Sequence[Past], one: Past) -> list[Past]:
    """Return the history with one more attempt (in place of the same run), the newest 50, whatever the order."""
    known = {item.run: item for item in history} | {one.run: one}
    return sorted(known.values(), key=lambda item: (item.ended, item.run), reverse=True)[:KEPT]


def forget(history: Sequence[Past], run: int) -> list[Past]:
    """Return the history without a run, for one that turned out not to be completed."""
    return [item for item in history if item.run != run]


def _seconds(us: int) -> float:
    return round(max(us, 0) / 1_000_000, 3)
