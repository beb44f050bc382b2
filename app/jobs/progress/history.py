"""How earlier attempts of a job went: what ``DurationStat.runs`` holds as JSON lines, an attempt a line."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

KEPT: Final = 50  # how many completed attempts an estimate looks at
POINTS: Final = 25  # of the progress of one attempt, spread over it
LINES: Final = 80  # from how many on a text is tidied
SHORTEST: Final = 3
NOTHING: Final = "[]"  # what the column holds before the first attempt


class Past(msgspec.Struct, array_like=True):
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
    if len(reached) > POINTS:
        reached = [reached[place * (len(reached) - 1) // (POINTS - 1)] for place in range(POINTS)]
    return Past(run, ended, _seconds(ended - began), reached, list(gaps), dict(steps or {}))


_DECODER: Final = msgspec.json.Decoder(Past)


def read(text: str) -> list[Past]:
    """Return the newest attempts of a text, newest first; of two lines of one run the upper one holds."""
    known: dict[int, Past] = {}
    for one in _DECODER.decode_lines(text) if text != NOTHING else ():
        known.setdefault(one.run, one)
    return newest(known.values())


def write(history: Iterable[Past]) -> str:
    """Return attempts as text; put before another text it adds them to that, or replaces them there."""
    return "".join(map(_line, history))


def is_long(text: str) -> bool:
    """Return whether a text grew by so many lines that it should be read and written anew."""
    return text.count("\n") >= LINES


def remember(history: Sequence[Past], one: Past) -> list[Past]:
    """Return the history with one more attempt (in place of the same run), the newest 50, whatever the order."""
    known = {item.run: item for item in history} | {one.run: one}
    return newest(known.values())


def forget(history: Sequence[Past], run: int) -> list[Past]:
    """Return the history without a run, for one that turned out not to be completed."""
    return [item for item in history if item.run != run]


def newest(history: Iterable[Past]) -> list[Past]:
    """Return the attempts that ended last, newest first, as many as are kept."""
    return sorted(history, key=lambda item: (item.ended, item.run), reverse=True)[:KEPT]


def _line(one: Past) -> str:
    """Return a line of JSON without what is empty at its end: most are a few numbers."""
    values: list[object] = [one.run, one.ended, one.seconds, one.points, one.gaps, one.steps]
    while not values[-1] and len(values) > SHORTEST:
        values.pop()
    return msgspec.json.encode(values).decode() + "\n"


def _seconds(us: int) -> float:
    return round(max(us, 0) / 1_000_000, 3)
