"""What is remembered of the reports of an attempt."""

from typing import Final

import msgspec

Place = tuple[int, int]
MILLION: Final = 1_000_000
MARKS: Final = 20  # in how many parts the way of a step is remembered


class Report(msgspec.Struct, frozen=True):
    """One event: ``at`` is when it happened in us; kind, state and ends are those of ``words.Kind``.

    ``fraction`` is 0 to 1 of its step, ``progress`` 0 to 100 of the run; ``metadata`` is JSON text; ``replaces`` is the
    sequence of the report it stands in for.
    """

    at: int
    sequence: int
    kind: str
    state: str | None = None
    step: str | None = None
    fraction: float | None = None
    progress: float | None = None
    ends: str | None = None
    reason: str | None = None
    by: str | None = None
    metadata: str | None = None
    replaces: int | None = None


class Way(msgspec.Struct, array_like=True):
    """How something grew: the greatest value in millionths with its first time, and when each mark was first passed."""

    best: int = 0
    at: int = 0
    marks: dict[int, int] = {}

    def reach(self, value: float, at: int) -> None:
        """Take in that a value from 0 to 1 was reached."""
        part = round(min(max(value, 0.0), 1.0) * MILLION) if value == value else 0  # noqa: PLR0124 - not a number
        if part > self.best or (part == self.best and at < self.at):
            self.best, self.at = part, at
        mark = part * MARKS // MILLION
        if mark:
            self.marks[mark] = min(at, self.marks.get(mark, at))

    def moves(self) -> list[tuple[int, int]]:
        """Return (time, millionths) of everything remembered."""
        known = [(at, mark * MILLION // MARKS) for mark, at in self.marks.items()]
        return [*known, (self.at, self.best)] if self.best else known


class StepFold(msgspec.Struct, array_like=True):
    """What is known of one step: newest state with its time, beginning, first completion, and how it grew.

    Places are those of reports that were updated: ``at`` is the time of the update.
    """

    first: Place
    state: str | None = None
    place: Place | None = None
    at: int | None = None
    began: int | None = None
    done: int | None = None
    way: Way = msgspec.field(default_factory=Way)
    metadata: str | None = None
    told: Place | None = None


class Said(msgspec.Struct, array_like=True):
    """The newest report of some sort: where it stands, when it was given and what it said."""

    place: Place
    at: int
    what: str
    reason: str | None = None
    by: str | None = None
    step: str | None = None


class Kept(msgspec.Struct, omit_defaults=True):
    """The state of an attempt: ``newest`` is its newest report but pending and info, ``end`` its newest explicit end.

    ``completed`` is the first time an explicit end completed was given, ``began`` the first sign of work.
    """

    steps: dict[str, StepFold] = {}
    newest: Said | None = None
    end: Said | None = None
    began: int | None = None
    completed: int | None = None
    way: Way | None = None
