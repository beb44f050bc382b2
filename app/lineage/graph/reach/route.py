"""Ways from one node to another along the flow of data: the shortest ones, and all nodes on any of them."""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import pairwise
from typing import Final, TypeVar

from app.lineage.graph.model import MOST_NODES
from app.lineage.graph.reach.onward import Onward, Spot, key_of
from app.lineage.graph.reach.spread import Reach, Step, spread
from app.lineage.graph.walk.around import Around, Tally
from app.lineage.graph.walk.weigh import Weigh

MOST_PATHS: Final = 5
MOST_TRIED: Final = 20_000
Place = TypeVar("Place", bound=Spot | int)
Edges = dict[Place, list[Place]]


@dataclass(frozen=True, slots=True)
class Leg:
    """One edge of a way, with the strongest evidence for it and the sums of its days."""

    source: Spot
    target: Spot
    evidence: str
    tally: Tally


@dataclass(slots=True)
class Route:
    """The ways between two nodes.

    ``nodes`` are those drawn with their distance from the source, ``left_out`` how many more lie on some way.
    ``truncated`` says that the search ended before it had seen everything.
    """

    source: Spot
    target: Spot
    paths: list[list[Spot]] = field(default_factory=list)
    nodes: dict[Spot, int] = field(default_factory=dict)
    legs: dict[tuple[Spot, Spot], Leg] = field(default_factory=dict)
    left_out: int = 0
    truncated: bool = False


def route(around: Around, source: Spot, target: Spot, *, every: bool = False) -> Route:
    """Return up to five shortest ways from one node to another; with ``every`` the nodes of all ways, nearest first.

    Statements are bounded by the depth of what lies downstream of the source.
    """
    found = Route(source, target)
    edges: Edges[Spot] = {}
    reach = spread([source], _remembering(Onward(around, "down"), edges))
    found.truncated = reach.truncated
    if source == target or target not in reach.nodes:
        found.paths = [[source]] if source == target else []
        found.nodes = {source: 0} if source == target else {}
        return found
    found.paths = shortest(edges, source, target)
    wanted = between(edges, source, target) if every else {spot for path in found.paths for spot in path}
    degrees = {source: 0} | {spot: node.degree for spot, node in reach.nodes.items()}
    kept = sorted(wanted, key=lambda spot: (degrees[spot], spot))
    found.nodes = {spot: degrees[spot] for spot in kept[:MOST_NODES]}
    found.left_out = max(0, len(kept) - MOST_NODES)
    steps = ((one, other) for one in found.nodes for other in edges.get(one, ()) if other in found.nodes)
    if not every:
        steps = (pair for path in found.paths for pair in pairwise(path))
    found.legs = legs(around, steps)
    return found


def legs(around: Around, pairs: Iterable[tuple[Spot, Spot]]) -> dict[tuple[Spot, Spot], Leg]:
    """Return what is known of edges, each from its source to its target; at most three loads."""
    wanted = list(dict.fromkeys(pairs))
    around.load((key_of(source), "down") for source, _ in wanted)
    jobs = {key_of(spot) for pair in wanted for spot in pair if spot.kind == "job"}
    around.load((job, "down") for job in sorted(jobs))
    outputs = {other for job in jobs for other in around.beside(job, "down")}
    around.load((output, "up") for output in sorted(outputs))
    weigh, found = Weigh(around), {}
    for source, target in wanted:
        tally = around.beside(key_of(source), "down")[key_of(target)]
        evidence = weigh.evidence(key_of(source), key_of(target), tally) or min(tally.evidence)
        found[source, target] = Leg(source, target, evidence, tally)
    return found


def common_upstream(around: Around, one: Spot, other: Spot) -> tuple[list[Spot], list[Spot]] | None:
    """Return the ways from the nearest node upstream of both to each of them, None where nothing feeds both."""
    step = Onward(around, "up")
    above = [spread([spot], step) for spot in (one, other)]
    shared = above[0].nodes.keys() & above[1].nodes.keys()
    if not shared:
        return None
    nearest = min(shared, key=lambda spot: (_sum(above, spot), spot.kind != "dataset", spot))
    ways = [reach.way(nearest)[::-1] for reach in above]
    return ways[0], ways[1]


def _sum(reaches: Sequence[Reach[Spot]], spot: Spot) -> int:
    return sum(reach.nodes[spot].degree for reach in reaches)


def _remembering(step: Step[Spot], edges: Edges[Spot]) -> Step[Spot]:
    def remembered(level: Sequence[Spot]) -> list[tuple[Spot, Spot]]:
        pairs = list(step(level))
        for source, target in pairs:
            edges.setdefault(source, []).append(target)
        return pairs

    return remembered


def shortest(
    edges: Mapping[Place, Sequence[Place]], source: Place, target: Place, most: int = MOST_PATHS
) -> list[list[Place]]:
    """Return up to ``most`` ways without a node twice, the shortest first, equal ones in the order of their nodes.

    Looks only where the target can still be reached, by the distance left (A*); gives up after 20,000 beginnings.
    """
    left = _distances(_turned(edges), target)
    waiting: list[tuple[int, tuple[Place, ...]]] = [(left[source], (source,))] if source in left else []
    found: list[list[Place]] = []
    for _ in range(MOST_TRIED):
        if not waiting or len(found) == most:
            break
        _, way = heappop(waiting)
        if way[-1] == target:
            found.append(list(way))
            continue
        for other in edges.get(way[-1], ()):
            if other in left and other not in way:
                heappush(waiting, (len(way) + left[other], (*way, other)))
    return found


def between(edges: Mapping[Place, Sequence[Place]], source: Place, target: Place) -> set[Place]:
    """Return every node that lies on some way from source to target, both included."""
    return _distances(edges, source).keys() & _distances(_turned(edges), target).keys()


def _turned(edges: Mapping[Place, Sequence[Place]]) -> Edges[Place]:
    found: Edges[Place] = defaultdict(list)
    for source, targets in edges.items():
        for target in targets:
            found[target].append(source)
    return found


def _distances(edges: Mapping[Place, Sequence[Place]], start: Place) -> dict[Place, int]:
    found, waiting = {start: 0}, deque([start])
    while waiting:
        one = waiting.popleft()
        for other in edges.get(one, ()):
            if other not in found:
                found[other] = found[one] + 1
                waiting.append(other)
    return found
