"""Neighbours when one kind of node is hidden: datasets joined directly, or jobs joined by the data between them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from app.driver import read
from app.lineage.graph.model import EVIDENCE, STRONG
from app.lineage.graph.walk.around import SIDES, Around, Key, Tally
from app.lineage.queries import graph_hidden as queries


class DataOnly(Around):
    """jobs=hidden: a dataset's neighbours are datasets; what a job with strong evidence merely read is only possible.

    ``_via`` knows which jobs stand behind an edge, by (source, target) and whether their evidence is strong.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._via: dict[tuple[Key, Key, bool], set[int]] = defaultdict(set)

    def _fetch(self, asked: dict[tuple[str, str], list[int]]) -> list[Any]:
        params = self.params(asked) | {"runs_from": self.settings.kept_from.get("runs", date.min)}
        return read(self.session, queries.joined(self.shape(asked), tests=self.asked.noise).text, params)

    def _add(self, row: Any) -> None:
        super()._add(row)
        node, other = self.names.key("d", row[1]), self.names.key("d", row[4])
        if node is not None and other is not None:
            ends = (other, node) if row[2] == "up" else (node, other)
            self._via[*ends, row[5] in STRONG].add(row[13])

    def sources(self, target: Key, source: Key) -> set[Key] | None:
        """Return the strong sources of a target if every job behind an edge from ``source`` has such; else None."""
        above = self.beside(target, "up")
        strong = {one for one, tally in above.items() if tally.evidence & STRONG}
        told = {job for one in strong for job in self._via.get((one, target, True), ())}
        # A dataset's own word (0) speaks for every job that writes it.
        jobs = self._via.get((source, target, False), set())
        return strong if strong and (0 in told or jobs <= told) else None


class JobsOnly(Around):
    """data=hidden: a job's neighbours are jobs, put together from two steps over the data between."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._joined: dict[tuple[Key, str], dict[Key, Tally]] = {}

    def beside(self, node: Key, side: str) -> dict[Key, Tally]:
        """Return the jobs on one side of a loaded job."""
        return self._joined.get((node, side), {})

    def load(self, wanted: Iterable[tuple[Key, str]]) -> None:
        """Load the jobs beside jobs."""
        fresh = [pair for pair in dict.fromkeys(wanted) if pair not in self._joined]
        super().load(fresh)
        between: dict[str, dict[Key, None]] = {side: {} for side in SIDES}
        for node, side in fresh:
            for data in super().beside(node, side):
                if data[0] != "j" and (self.asked.noise or not self.names.is_noise(data)):
                    between[side][data] = None
        super().load((data, side) for side in SIDES for data in between[side])
        for node, side in fresh:
            self._joined[node, side] = self._join(node, side, between[side])

    def _join(self, node: Key, side: str, between: dict[Key, None]) -> dict[Key, Tally]:
        found: dict[Key, Tally] = {}
        for data, near in super().beside(node, side).items():
            if data[0] == "j":
                found.setdefault(data, Tally()).unite(near)
            for other, far in super().beside(data, side).items() if data in between else ():
                if other[0] == "j" and other != node:
                    into = found.setdefault(other, Tally())
                    into.unite(near if side == "down" else far)
                    into.evidence -= near.evidence | far.evidence
                    into.evidence.add(max(_strongest(near), _strongest(far), key=EVIDENCE.index))
        return found


def _strongest(tally: Tally) -> str:
    return next(one for one in EVIDENCE if one in tally.evidence)
