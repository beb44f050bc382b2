"""Neighbours at run and operation level: what each run or operation read and wrote, the newest first.

A node is ("r", run number) or ("o", operation number) beside those of data.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time
from typing import Any, Final

from app.driver import read
from app.lineage.graph.walk.around import SIDES, Around, Key, Tally
from app.lineage.graph.walk.names import Named
from app.lineage.queries import graph_deeds as queries
from app.lineage.queries.graph_sql import array

KIND: Final = {"run": "r", "operation": "o"}


class Deeds(Around):
    """jobs=run and jobs=operation; a dataset tells at most ``max`` + 1 of its newest interactions on each side."""

    @property
    def kind(self) -> str:
        """Return the kind of node that stands for work: r or o."""
        return KIND[self.asked.jobs]

    def learn(self, numbers: Iterable[int]) -> None:
        """Load the names of runs or operations not yet known."""
        new = sorted({number for number in numbers if (self.kind, number) not in self.names.deeds})
        if not new:
            return
        for row in self.facts(new):
            name = row.name or row.job
            self.names.deeds[self.kind, row.number] = (str(row.id), Named(row.namespace, name, row.type))

    def facts(self, numbers: Sequence[int]) -> Sequence[Any]:
        """Return what boxes of runs or operations show."""
        params = {"realm_id": self.realm_id, "ids": array(numbers, self.dialect)}
        return self.session.execute(queries.facts(self.dialect, runs=self.kind == "r"), params).all()

    def load(self, wanted: Iterable[tuple[Key, str]]) -> None:
        """Load neighbours of data and of work in one statement, then the names of both."""
        fresh = [pair for pair in dict.fromkeys(wanted) if pair not in self._known]
        if not fresh:
            return
        asked: dict[tuple[str, str], list[int]] = {(side, kind): [] for side in SIDES for kind in "dj"}
        for node, side in fresh:
            self._known[node, side] = {}
            asked[side, "d" if node[0] in "dg" else "j"] += self.names.members(node)
        rows = self._fetch(asked)
        self.names.learn({row[4] for row in rows if row[3] == "d"}, ())
        self.learn(row[4] for row in rows if row[3] == self.kind)
        for row in rows:
            self._add(row)

    def _count(self, tally: Tally, row: Any) -> None:
        tally.add_deed(row)

    def _fetch(self, asked: dict[tuple[str, str], list[int]]) -> list[Any]:
        view = self.asked.view
        statement = queries.around(
            self.dialect,
            runs=self.kind == "r",
            datasets=bool(asked["up", "d"] or asked["down", "d"]),
            deeds=bool(asked["up", "j"] or asked["down", "j"]),
            current=view == "current",
            claims=view if "claims" in self.settings.has else "",
        )
        begins = datetime.combine(max(self.period.first, self.period.since.date()), time.min, UTC)
        from_ = max(begins, self.period.since)
        return read(self.session, statement.text, self.params(asked) | {"from_": from_, "most": self.asked.max + 1})
