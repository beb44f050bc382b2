"""What stands next to nodes of the graph, loaded for many at once and remembered.

A node is a pair: ("d", canonical dataset id), ("j", id of a job after folding), ("g", digest) for datasets that a group
rule makes one. Everything a walk, a path or an impact list needs: ``Around.load`` and ``Around.beside``.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any, Final

from sqlalchemy.orm import Session

from app.driver import read
from app.lineage.graph.model import Question
from app.lineage.graph.walk.names import Names
from app.lineage.graph.walk.period import Period, period
from app.lineage.graph.walk.settings import GraphSettings
from app.lineage.queries import graph as queries
from app.lineage.queries.graph_sql import array

Key = tuple[str, Any]
SIDES: Final = ("up", "down")


@dataclass(slots=True)
class Tally:
    """What is known of one edge: its evidence, and the sums of its days."""

    evidence: set[str] = field(default_factory=set)
    types: set[str] = field(default_factory=set)
    runs: int = 0
    rows: int | None = None
    bytes: int | None = None
    files: int | None = None
    first: date = date.max
    last: date = date.min
    began: datetime | None = None
    seen: datetime | None = None
    condition: str | None = None

    @property
    def newest(self) -> float:
        """Return a number that is greater the later the edge was seen last."""
        return self.last.toordinal() * 86_400.0 if self.seen is None else self.seen.timestamp()

    def unite(self, other: "Tally") -> None:
        """Add what is known of another edge."""
        self.evidence |= other.evidence
        self.types |= other.types
        self.runs += other.runs
        self.count(other.rows, other.bytes, other.files)
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)

    def count(self, rows: int | None, size: int | None, files: int | None) -> None:
        """Add counters; None is not known and adds nothing."""
        self.rows, self.bytes, self.files = plus(self.rows, rows), plus(self.bytes, size), plus(self.files, files)

    def add(self, row: Any) -> None:
        """Add a row of ``queries.around``; days do not tell 0 from what nobody counted."""
        _, _, _, _, _, evidence, type_, runs, rows, size, files, first, last = row[:13]
        self.evidence.add(evidence)
        if type_:
            self.types.add(type_)
        self.runs += runs
        if rows or size or files:
            self.count(int(rows) or None, int(size) or None, int(files) or None)
        self.first, self.last = min(self.first, as_day(first)), max(self.last, as_day(last))

    def add_deed(self, row: Any) -> None:
        """Add a row of ``graph_deeds.around``."""
        self.evidence.add(row[5])
        self.types.update(filter(None, row[6].split(",")))
        self.runs += row[7]
        self.count(row[8], row[9], row[10])
        began, seen = as_moment(row[11]), as_moment(row[12])
        self.began, self.seen = min(self.began or began, began), max(self.seen or seen, seen)
        self.first, self.last = self.began.date(), self.seen.date()
        self.condition = row[13] or self.condition


def plus(one: int | None, other: int | None) -> int | None:
    """Return the sum of what is known."""
    return other if one is None else one if other is None else one + other


def as_moment(value: datetime | str) -> datetime:
    """Return a moment as the database gave it."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


@cache
def _read(text: str) -> date:
    return date.fromisoformat(text)


def as_day(value: date | str) -> date:
    """Return a day as the database gave it."""
    return _read(value) if isinstance(value, str) else value


def midnight(day: date) -> datetime | None:
    """Return the first moment of a UTC day, None for the bounds of a tally that no day was added to."""
    return None if day in {date.min, date.max} else datetime.combine(day, time.min, UTC)


class Around:
    """Neighbours of nodes under one question, one or two statements for each call of ``load``."""

    def __init__(
        self, session: Session, realm_id: int, asked: Question, now: datetime, settings: GraphSettings
    ) -> None:
        self.session = session
        self.realm_id = realm_id
        self.asked = asked
        self.settings = settings
        self.dialect = session.get_bind().dialect.name
        self.period: Period = period(asked, now, settings.current_days)
        self.names = Names(session, realm_id, self.dialect, asked, settings)
        self._known: dict[tuple[Key, str], dict[Key, Tally]] = {}

    def beside(self, node: Key, side: str) -> dict[Key, Tally]:
        """Return the neighbours of a loaded node on one side, itself left out, with the edge to each."""
        return self._known.get((node, side), {})

    def load(self, wanted: Iterable[tuple[Key, str]]) -> None:
        """Load the neighbours of nodes, each with a side; what is known already is not asked again."""
        fresh = [pair for pair in dict.fromkeys(wanted) if pair not in self._known]
        if not fresh:
            return
        asked: dict[tuple[str, str], list[int]] = defaultdict(list)
        for node, side in fresh:
            self._known[node, side] = {}
            kind = "j" if node[0] == "j" else "d"
            asked[side, kind] += self.names.members(node)
        rows = self._fetch(asked)
        self.names.learn({row[4] for row in rows if row[3] == "d"}, {row[4] for row in rows if row[3] == "j"})
        for row in rows:
            self._add(row)

    def shape(self, asked: dict[tuple[str, str], list[int]]) -> queries.Shape:
        """Return what a statement for these sides and kinds looks for."""
        has, is_data = self.settings.has, self.asked.evidence != {"control"}
        return queries.Shape(
            self.dialect,
            self.asked.view,
            self.asked.fold,
            datasets=any(kind == "d" for _, kind in asked),
            jobs=any(kind == "j" for _, kind in asked),
            claims="claims" in has and is_data,
            columns="columns" in has and is_data,
            control="control" in self.asked.evidence,
        )

    def params(self, asked: dict[tuple[str, str], list[int]]) -> dict[str, Any]:
        """Return the parameters of such a statement."""
        days = {"first": self.period.first, "last": self.period.last}
        moments = {"as_of": self.period.as_of, "since": self.period.since}
        ids = {f"{side}_{kind}": array(asked[side, kind], self.dialect) for side in SIDES for kind in "dj"}
        return {"realm_id": self.realm_id, **days, **moments, **ids}

    def state(self, run: Any) -> str:
        """Return the status of a run, given as a row, at the moment asked."""
        asked = self.asked.as_of
        is_open = asked is not None and run.ended_at is not None and run.ended_at > self.period.as_of
        return "running" if is_open else str(run.status)

    def _fetch(self, asked: dict[tuple[str, str], list[int]]) -> list[Any]:
        return read(self.session, queries.around(self.shape(asked)).text, self.params(asked))

    def _add(self, row: Any) -> None:
        key = self.names.key
        node, other = key(row[0], row[1]), key(row[3], row[4])
        if node is None or other is None or node == other:
            return
        into = self._known.setdefault((node, row[2]), {})
        tally = into.get(other)
        if tally is None:
            tally = into[other] = Tally()
        self._count(tally, row)

    def _count(self, tally: Tally, row: Any) -> None:
        tally.add(row)
