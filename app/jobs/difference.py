"""Two texts line by line, and two sets of named values beside each other. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any, Literal

from app.jobs.timing import change
from app.web.panels import Panel

CONTEXT = 3
MOST_LINES = 4_000
Kind = Literal["same", "added", "removed", "gap"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a comparison with its number in either text; a gap stands for ``text`` equal lines left out."""

    kind: Kind
    before: int | None
    after: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Diff:
    """How one text became another, three equal lines around each change."""

    lines: list[Line]

    @property
    def added(self) -> int:
        """Return how many lines are new."""
        return sum(line.kind == "added" for line in self.lines)

    @property
    def removed(self) -> int:
        """Return how many lines are gone."""
        return sum(line.kind == "removed" for line in self.lines)

    @property
    def pairs(self) -> list[tuple[Line | None, Line | None]]:
        """Return the lines side by side: what went beside what came in its place."""
        found: list[tuple[Line | None, Line | None]] = []
        gone, come = list[Line](), list[Line]()
        for line in (*self.lines, Line("gap", None, None, "")):
            if line.kind in ("added", "removed"):
                (come if line.kind == "added" else gone).append(line)
                continue
            found.extend(zip_longest(gone, come))
            gone, come = [], []
            found.append((line, line))
        return found[:-1]


def diff(before: str, after: str) -> Diff:
    """Return how ``before`` became ``after``; texts of more than 4,000 lines are shown as wholly replaced."""
    old, new = before.split("\n"), after.split("\n")
    if len(old) + len(new) > MOST_LINES:
        return Diff([*_gone(old, 0), *_come(new, 0)])
    groups = SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(CONTEXT)
    found, reached = list[Line](), 0
    for group in groups:
        if group[0][1] > reached:
            found.append(Line("gap", None, None, str(group[0][1] - reached)))
        for tag, start, end, into, until in group:
            if tag == "equal":
                pairs = enumerate(old[start:end])
                found.extend(Line("same", start + at + 1, into + at + 1, text) for at, text in pairs)
                continue
            found.extend((*_gone(old[start:end], start), *_come(new[into:until], into)))
        reached = group[-1][2]
    if found and reached < len(old):
        found.append(Line("gap", None, None, str(len(old) - reached)))
    return Diff(found)


def _gone(lines: Sequence[str], start: int) -> list[Line]:
    return [Line("removed", start + at + 1, None, text) for at, text in enumerate(lines)]


def _come(lines: Sequence[str], start: int) -> list[Line]:
    return [Line("added", None, start + at + 1, text) for at, text in enumerate(lines)]


@dataclass(frozen=True, slots=True)
class Row:
    """One value before and after; None where that side has none. ``unit`` is seconds, bytes, count or empty."""

    name: str
    before: Any
    after: Any
    aspect: str = ""
    unit: str = ""
    url: str | None = None
    is_equal: bool | None = None

    @property
    def change(self) -> str:
        """Return equal, added, removed or changed."""
        if self.before == self.after if self.is_equal is None else self.is_equal:
            return "equal"
        return "added" if self.before is None else "removed" if self.after is None else "changed"

    @property
    def percent(self) -> float | None:
        """Return the growth of a number in percent, None where there is none."""
        if not self.unit or self.before is None or self.after is None:
            return None
        return change(float(self.after), float(self.before))

    @property
    def json(self) -> dict[str, Any]:
        """Return the row for programs."""
        told = {"name": self.name, "aspect": self.aspect, "change": self.change}
        return told | {"before": self.before, "after": self.after, "percent": self.percent}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a comparison: what differs, and what is equal."""

    key: str
    rows: list[Row]

    @property
    def differing(self) -> list[Row]:
        """Return the rows that are not equal."""
        return [row for row in self.rows if row.change != "equal"]

    @property
    def equal(self) -> list[Row]:
        """Return the rows that are equal."""
        return [row for row in self.rows if row.change == "equal"]


def beside(before: Mapping[str, Any], after: Mapping[str, Any], aspect: str = "", unit: str = "") -> list[Row]:
    """Return a row for each name of either side, in the order of ``before``, then of ``after``."""
    names = dict.fromkeys((*before, *after))
    return [Row(name, before.get(name), after.get(name), aspect, unit) for name in names]


def numbered(names: Iterable[str]) -> list[str]:
    """Return names with a number behind each repetition: ``load``, ``load (2)``."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found


def part_panel(key: str, title: str, rows: list[Row], **more: Any) -> Panel | None:
    """Return the panel of a part, None when neither side has anything; ``more`` goes into context and JSON."""
    if not rows and not more:
        return None
    part = Part(key, rows)
    told = {"key": key, "title": title, "equal": not part.differing, "rows": [row.json for row in rows]}
    return Panel(title, "jobs/compare/_part.html", {"part": part, **more}, told)
