"""Everything that can be reached from a node in one direction: each node once, with its distance and the one before."""

import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

MOST: Final = 10_000
SECONDS: Final = 5.0
Place = TypeVar("Place", bound=Hashable)
Step = Callable[[Sequence[Place]], Iterable[tuple[Place, Place]]]


@dataclass(frozen=True, slots=True)
class Reached(Generic[Place]):
    """A node that was reached: ``degree`` edges from the start, ``via`` the node before it on a shortest way."""

    place: Place
    degree: int
    via: Place


@dataclass(slots=True)
class Reach(Generic[Place]):
    """What was reached, nearest first, the start left out.

    ``truncated`` says that there is more: everything up to ``complete_to`` edges away is here, and some beyond.
    """

    start: tuple[Place, ...]
    nodes: dict[Place, Reached[Place]] = field(default_factory=dict)
    truncated: bool = False
    complete_to: int = 0

    def way(self, place: Place) -> list[Place]:
        """Return the nodes from a start to ``place``, both included."""
        found = [place]
        while found[-1] in self.nodes:
            found.append(self.nodes[found[-1]].via)
        return found[::-1]


def spread(
    start: Iterable[Place],
    step: Step[Place],
    *,
    most: int = MOST,
    seconds: float = SECONDS,
    clock: Callable[[], float] = time.monotonic,
) -> Reach[Place]:
    """Return what ``step`` leads to, level by level.

    ``step`` takes the nodes of a level and returns pairs (node of the level, neighbour), in an order that does not
    change: of several shortest ways the one by the node found first is told. Ends at ``most`` nodes or after
    ``seconds``.
    """
    began = clock()
    reach = Reach(tuple(dict.fromkeys(start)))
    seen, level, degree = set(reach.start), list(reach.start), 0
    while level:
        if clock() - began > seconds:
            reach.truncated = True
            break
        fresh = _first_of(level, step(level), seen)
        room = most - len(reach.nodes)
        if len(fresh) > room:
            reach.truncated = True
        degree += 1
        level = list(fresh)[:room]
        for place in level:
            reach.nodes[place] = Reached(place, degree, fresh[place])
        if reach.truncated:
            break
        reach.complete_to = degree if level else reach.complete_to
    return reach


def _first_of(level: list[Place], pairs: Iterable[tuple[Place, Place]], seen: set[Place]) -> dict[Place, Place]:
    """Return the nodes not seen before with the earliest node of the level that leads to each; marks them as seen."""
    order = {place: index for index, place in enumerate(level)}
    found: dict[Place, Place] = {}
    for source, target in sorted(pairs, key=lambda pair: order[pair[0]]):
        if target not in seen:
            seen.add(target)
            found[target] = source
    return found
