"""Exact reach on made-up graphs: against a search in memory that knows nothing of the walk."""

from collections import defaultdict
from collections.abc import Iterator
from random import Random

import pytest
from sqlalchemy.orm import Session

from app.realms.models import Realm
from tests.databases import Database
from tests.lineage.graph_rows import Io, Rows
from tests.lineage.intake import Store
from tests.lineage.walks import Asked, Graphs


def chain(length: int) -> list[Io]:
    return [io for n in range(length) for io in ((n, n, "input"), (n, n + 1, "output"))]


def cycle(length: int) -> list[Io]:
    return [io for n in range(length) for io in ((n, n, "input"), (n, (n + 1) % length, "output"))]


def diamond(width: int) -> list[Io]:
    fan = [io for n in range(width) for io in ((n, 0, "input"), (n, n + 1, "output"))]
    return [*fan, *((width, n + 1, "input") for n in range(width)), (width, width + 1, "output")]


def hub(readers: int) -> list[Io]:
    return [(readers, 0, "output"), *(io for n in range(readers) for io in ((n, 0, "input"), (n, n + 1, "output")))]


def layers(depth: int, width: int, seed: int) -> list[Io]:
    chance = Random(seed)
    found: list[Io] = []
    for layer in range(1, depth):
        for place in range(width):
            job = layer * width + place
            found.append((job, job, "output"))
            found += [(job, (layer - 1) * width + n, "input") for n in chance.sample(range(width), min(3, width))]
    return found


def anything(seed: int) -> list[Io]:
    chance = Random(seed)
    count = chance.randint(1, 40)
    directions = ("input", "output")
    return [(chance.randrange(12), chance.randrange(15), chance.choice(directions)) for _ in range(count)]


MADE = {
    "chain": chain(9),
    "cycle": cycle(4),
    "diamond": diamond(5),
    "hub": hub(12),
    "layers": layers(5, 6, 1),
    **{f"random {seed}": anything(seed) for seed in range(12)},
}


class Model:
    """A graph in memory, walked the plain way."""

    def __init__(self, edges: list[Io]) -> None:
        self.next: dict[str, dict[str, set[str]]] = {"up": defaultdict(set), "down": defaultdict(set)}
        for job, data, direction in set(edges):
            ends = (f"d{data}", f"j{job}") if direction == "input" else (f"j{job}", f"d{data}")
            self.next["down"][ends[0]].add(ends[1])
            self.next["up"][ends[1]].add(ends[0])

    def reach(self, start: str, side: str, depth: int) -> dict[str, int]:
        found, level = {start: 0}, {start}
        for distance in range(1, depth + 1):
            level = {other for node in level for other in self.next[side][node]} - set(found)
            found |= dict.fromkeys(level, distance)
        return found

    def around(self, start: str, direction: str, depth: int) -> dict[str, int]:
        """Return signed distances, the shorter where both ways lead to a node, upstream where they are equal."""
        up = self.reach(start, "up", depth) if direction != "down" else {start: 0}
        down = self.reach(start, "down", depth) if direction != "up" else {start: 0}
        return {
            node: -up[node] if node in up and up[node] <= down.get(node, depth + 1) else down[node]
            for node in {**up, **down}
        }

    def lines(self, nodes: set[str]) -> set[tuple[str, str]]:
        """Return the edges between nodes; of a job that reads what it writes only the write."""
        found = {(one, other) for one in nodes for other in self.next["down"][one] & nodes}
        return {ends for ends in found if not (ends[0][0] == "d" and ends[::-1] in found)}


@pytest.fixture
def graphs(database: Database, realm: Realm, store: Store) -> Graphs:
    return Graphs(database, realm, store)


def ask(graphs: Graphs, start: str, ids: dict[str, int], *more: tuple[str, str]) -> Asked:
    token = f"{'job' if start[0] == 'j' else 'dataset'}:{ids[start]}"
    return graphs.raw([("start", token), *({"view": "ever", "max": "250"} | dict(more)).items(), *_again(more)])


def _again(pairs: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """Return what the last of equally named parameters would hide."""
    last = dict(pairs)
    return [(name, value) for name, value in pairs if last[name] != value]


def made(session: Session, realm: Realm, edges: list[Io]) -> dict[str, int]:
    jobs, data = Rows(session, realm).write(edges)
    return {f"j{n}": id_ for n, id_ in jobs.items()} | {f"d{n}": id_ for n, id_ in data.items()}


def starts(ids: dict[str, int]) -> Iterator[str]:
    """Return a few nodes to start from: both ends and the middle of each kind."""
    for kind in "dj":
        names = sorted((name for name in ids if name[0] == kind), key=lambda name: int(name[1:]))
        yield from dict.fromkeys((names[0], names[len(names) // 2], names[-1])) if names else ()


@pytest.mark.parametrize("name", MADE)
def test_every_node_within_reach_is_drawn_once_at_its_distance(
    graphs: Graphs, session: Session, realm: Realm, name: str
) -> None:
    ids, model = made(session, realm, MADE[name]), Model(MADE[name])

    for start in starts(ids):
        for direction in ("up", "down", "both"):
            for depth in (1, 2, 3, 5, 20):
                found = ask(graphs, start, ids, ("direction", direction), ("depth", str(depth)))
                assert found.distances == model.around(start, direction, depth), (start, direction, depth)
                assert set(found.lines) == model.lines(found.names)
                assert len(found.found.nodes) == len(found.names)


@pytest.mark.parametrize("name", [name for name in MADE if "random" in name or name == "layers"])
def test_an_expander_counts_exactly_what_opening_it_adds(
    graphs: Graphs, session: Session, realm: Realm, name: str
) -> None:
    ids = made(session, realm, MADE[name])
    start = next(starts(ids))
    before = ask(graphs, start, ids, ("depth", "2"))

    for box in before.nodes.values():
        for side, count in (("up", box.hidden_up), ("down", box.hidden_down)):
            after = ask(graphs, start, ids, ("depth", "2"), ("open", f"{box.token}.{side}"))
            assert len(after.names - before.names) == count, (box.name, side)
            assert before.names <= after.names
            assert {name: after.distances[name] for name in before.names} == before.distances


def test_a_node_opened_next_to_an_opened_one_is_found(graphs: Graphs, session: Session, realm: Realm) -> None:
    ids = made(session, realm, chain(6))
    opened = [("open", f"dataset:{ids['d1']}.down"), ("open", f"job:{ids['j0']}.down")]
    found = ask(graphs, "d0", ids, ("direction", "down"), *opened)

    assert found.distances == {"d0": 0, "j0": 1, "d1": 2, "j1": 3}


def test_a_hidden_node_is_left_out_and_what_is_behind_it_too(graphs: Graphs, session: Session, realm: Realm) -> None:
    ids = made(session, realm, diamond(3))
    found = ask(graphs, "d0", ids, ("depth", "2"), ("hide", f"job:{ids['j1']}"))

    assert found.names == {"d0", "j0", "j2", "d1", "d3"}
    assert found.found.omitted["hidden"] == 1
    assert ask(graphs, "d0", ids, ("hide", f"dataset:{ids['d0']}")).names == {"d0", "j0", "j1", "j2"}


def test_a_hub_is_cut_at_max_and_its_stub_counts_the_rest(graphs: Graphs, session: Session, realm: Realm) -> None:
    ids = made(session, realm, hub(600))
    found = ask(graphs, "d0", ids, ("depth", "3"), ("max", "50"))

    assert len(found.names) == 50
    (stub,) = found.stubs
    assert (stub.label, stub.hidden_down, stub.of) == ("552 more", 552, found["d0"].token)
    assert found.found.omitted["max"] == 552
    assert found.found.truncated


def statements(database: Database, graphs: Graphs, pairs: list[tuple[str, str]]) -> int:
    watch = database.app.extensions["test.watch"]
    before: int = watch.count
    graphs.raw(pairs)
    return int(watch.count - before)


def test_statements_depend_on_depth_and_never_on_width(
    graphs: Graphs, session: Session, realm: Realm, database: Database
) -> None:
    hubs = [(job + first, data + first, way) for n, first in ((200, 1000), (3, 5000)) for job, data, way in hub(n)]
    ids = made(session, realm, [*layers(6, 12, 3), *hubs])
    start = ("start", f"dataset:{ids['d40']}")
    for depth in (1, 3, 5, 10):
        for more in ([], [("jobs", "hidden")]):
            pairs = [start, ("depth", str(depth)), ("max", "250"), *more]
            assert statements(database, graphs, pairs) <= 8 + 2 * depth
    counts = {
        statements(database, graphs, [("start", f"dataset:{ids[name]}"), ("max", "250")]) for name in ("d1000", "d5000")
    }
    assert len(counts) == 1
