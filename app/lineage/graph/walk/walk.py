"""A walk from its starts, upstream and downstream apart: what is drawn, what is left out and why."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from app.lineage.graph.walk.around import SIDES, Around, Key
from app.lineage.graph.walk.deeds import Deeds
from app.lineage.graph.walk.hidden import DataOnly
from app.lineage.graph.walk.weigh import Weigh

SECONDS: Final = 5.0
SIGN: Final = {"up": -1, "down": 1}


class Walk:
    """A walk under way.

    ``drawn``: nodes with their signed distance; ``cut``: by (node, side) the neighbours there was no room for;
    ``left_out``: nodes not shown by reason (noise, evidence, hidden).
    """

    def __init__(self, around: Around, clock: Callable[[], float]) -> None:
        self.around = around
        self.asked = around.asked
        self.weigh = Weigh(around)
        self.drawn: dict[Key, int] = {}
        self.cut: dict[tuple[Key, str], set[Key]] = {}
        self.left_out: dict[str, set[Key]] = {"noise": set(), "evidence": set(), "hidden": set()}
        self.opened: set[tuple[Key, str]] = set()
        self.stopped = False
        self._clock = clock
        self._until = clock() + SECONDS

    def begin(self, nodes: Iterable[Key]) -> None:
        """Draw the starts, whatever would hide them."""
        for node in nodes:
            if len(self.drawn) < self.asked.max:
                self.drawn[node] = 0
            else:
                first = next(iter(self.drawn))
                self.cut.setdefault((first, "down"), set()).add(node)

    def go(self) -> None:
        """Walk level by level until the depth, the room or the time is used up."""
        sides = SIDES if self.asked.direction == "both" else (self.asked.direction,)
        frontier = {side: list(self.drawn) for side in sides}
        seen = {side: set(self.drawn) for side in sides}
        for level in range(1, self.asked.depth + 1):
            if not any(frontier.values()) or self.cut:
                return
            if self._clock() > self._until:
                self.stopped = True
                return
            self._load((node, side) for side in sides for node in frontier[side])
            found = {side: self._neighbours(frontier[side], side, seen[side]) for side in sides}
            self._draw(found, dict.fromkeys(self.drawn, 0), level)
            frontier = {side: [node for node in found[side] if node in self.drawn] for side in sides}
            for side in sides:
                seen[side].update(frontier[side])

    def open(self) -> None:
        """Add the neighbours of nodes opened one by one, also of those that opening another one drew."""
        waiting = list(self.asked.opened)
        while waiting:
            tokens = {self.around.names.token(node): node for node in self.drawn}
            ready = [(tokens[token], side) for token, side in waiting if token in tokens]
            waiting = [(token, side) for token, side in waiting if token not in tokens]
            if not ready:
                return
            self.opened.update(ready)
            self._load(ready)
            for node, side in ready:
                self._draw({side: self._neighbours([node], side, set())}, self.drawn, 1)

    def _load(self, pairs: Iterable[tuple[Key, str]]) -> None:
        wanted = list(pairs)
        self.around.load(wanted)
        if self.weigh.must_know:
            beside = {other for node, side in wanted for other in self.around.beside(node, side)}
            both = {*beside, *(node for node, _ in wanted)}
            if not isinstance(self.around, DataOnly | Deeds):
                self.around.load((job, side) for job in sorted(both, key=str) if job[0] == "j" for side in SIDES)
            elif isinstance(self.around, DataOnly):
                self.around.load((node, "up") for node in sorted(both, key=str))

    def _neighbours(self, nodes: list[Key], side: str, seen: set[Key]) -> dict[Key, list[Key]]:
        """Return what is shown beside ``nodes`` and not seen yet, each with the nodes it was found from."""
        found: dict[Key, list[Key]] = {}
        for node in nodes:
            for other, tally in self.around.beside(node, side).items():
                if other in seen:
                    continue
                refusal = self.weigh.refusal(node, other, side, tally)
                if refusal is None:
                    found.setdefault(other, []).append(node)
                else:
                    self.left_out[refusal].add(other)
        return found

    def _draw(self, found: dict[str, dict[Key, list[Key]]], base: dict[Key, int], steps: int) -> None:
        """Draw what was found, ``steps`` beyond ``base``, as long as there is room, the newest first; cut the rest."""
        new: dict[Key, int] = {}
        for side, nodes in found.items():
            for node, origins in nodes.items():
                if node not in self.drawn:
                    new.setdefault(node, base[origins[0]] + steps * SIGN[side])
        room = self.asked.max - len(self.drawn)
        kept = self._fair(new, found)
        self.drawn |= {node: new[node] for node in kept[:room]}
        rest = set(kept[room:])
        for side, nodes in found.items() if rest else ():
            for node in rest.intersection(nodes):
                self.cut.setdefault((nodes[node][0], side), set()).add(node)

    def _fair(self, new: dict[Key, int], found: dict[str, dict[Key, list[Key]]]) -> list[Key]:
        """Return new nodes in order, both sides in turn: a thousand readers must not push the one writer out."""
        ordered = sorted(new, key=lambda node: self._order(node, found))
        place = Counter[bool]()
        ranks: dict[Key, int] = {}
        for node in ordered:
            ranks[node] = place[new[node] < 0]
            place[new[node] < 0] += 1
        return sorted(ordered, key=ranks.__getitem__)

    def _order(self, node: Key, found: dict[str, dict[Key, list[Key]]]) -> tuple[float, str, str, str]:
        newest = [
            self.around.beside(origin, side)[node].newest
            for side, nodes in found.items()
            for origin in nodes.get(node, ())
        ]
        named = self.around.names.named(node)
        return (-max(newest), named.name, named.namespace, str(node))

    def hidden(self, node: Key, side: str) -> int:
        """Return how many nodes opening that side of a drawn node adds."""
        return sum(
            1
            for other, tally in self.around.beside(node, side).items()
            if other not in self.drawn and self.weigh.refusal(node, other, side, tally) is None
        )

    def omitted(self) -> dict[str, int]:
        """Return how many nodes are left out, by reason."""
        counts = Counter({reason: len(nodes - set(self.drawn)) for reason, nodes in self.left_out.items()})
        counts["max"] = len({node for nodes in self.cut.values() for node in nodes} - set(self.drawn))
        return dict(counts)
