"""How earlier attempts of a job went: what ``DurationStat.runs`` holds as JSON text, an attempt a line."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

KEPT: Final = 50  # how many completed attempts an estimate looks at
LINES: Final = 80  # from how many on a text is tidied
SHORTEST: Final = 3
SEPARATOR: Final = ",\n"


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
    return Past(run, ended, _seconds(ended - began), reached, list(gaps), dict(steps or {}))


def read(text: str) -> list[Past]:
    """Return the newest attempts of a text, newest first; of two for one run the one added last."""
    known: dict[int, Past] = {}
    for one in msgspec.json.decode(text, type=list[Past]):
        known.setdefault(one.run, one)
    return _newest(known.values())


def write(history: Sequence[Past]) -> str:
    """Return a history as JSON text."""
    return f"[{SEPARATOR.join(map(_line, history))}]"


def add(text: str, one: Past) -> str:
    """Return the text with one more attempt, in place of the same run; costs no reading of the others."""
    line = _line(one)
    if text == "[]":
        return f"[{line}]"
    longer = f"[{line}{SEPARATOR}{text[1:]}"
    return write(read(longer)) if longer.count("\n") >= LINES else longer


def remember(history: Sequence[Past], one: Past) -> list[Past]:
    """Return the history with one more attempt (in place of the same run), the newest 50, whatever the order."""
    known = {item.run: item for item in history} | {one.run: one}
    return _newest(known.values())


def forget(history: Sequence[Past], run: int) -> list[Past]:
    """Return the history without a run, for one that turned out not to be completed."""
    return [item for item in history if item.run != run]


def _newest(history: Iterable[Past]) -> list[Past]:
    return sorted(history, key=lambda item: (item.ended, item.run), reverse=True)[:KEPT]


def _line(one: Past) -> str:
    """Return an attempt as JSON without what is empty at its end: most are a few numbers."""
    values: list[object] = [one.run, one.ended, one.seconds, one.points, one.gaps, one.steps]
    while not values[-1] and len(values) > SHORTEST:
        values.pop()
    return msgspec.json.encode(values).decode()


def _seconds(us: int) -> float:
    return round(max(us, 0) / 1_000_000, 3)
