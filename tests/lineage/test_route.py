"""Ways between two nodes: the shortest first, each without a node twice, and all nodes on any of them."""

from itertools import pairwise, permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from app.lineage.graph.reach.route import between, shortest

Edges = dict[int, list[int]]


def every_way(edges: Edges, source: int, target: int) -> list[list[int]]:
    """Try all orders of all nodes."""
    others = sorted({*edges, *(node for targets in edges.values() for node in targets)} - {source, target})
    return [
        [source, *middle, target]
        for size in range(len(others) + 1)
        for middle in permutations(others, size)
        if all(other in edges.get(one, ()) for one, other in pairwise([source, *middle, target]))
    ]


def test_the_shortest_way_comes_first() -> None:
    edges = {0: [1, 2], 1: [3], 2: [4], 4: [3], 3: [5]}
    assert shortest(edges, 0, 5) == [[0, 1, 3, 5], [0, 2, 4, 3, 5]]


def test_no_more_than_five_ways_are_told() -> None:
    edges = {0: list(range(1, 9))} | {node: [9] for node in range(1, 9)}
    assert shortest(edges, 0, 9) == [[0, node, 9] for node in range(1, 6)]
    assert between(edges, 0, 9) == set(range(10))


def test_where_there_is_no_way_there_is_none() -> None:
    assert shortest({0: [1], 2: [1]}, 0, 2) == []
    assert between({0: [1], 2: [1]}, 0, 2) == set()


def test_many_cycles_do_not_keep_it_from_ending() -> None:
    edges = {node: [other for other in range(40) if other != node] for node in range(40)}
    assert [len(way) for way in shortest(edges, 0, 39)] == [2, 3, 3, 3, 3]


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.integers(0, 5), st.lists(st.integers(0, 5), max_size=3, unique=True), max_size=6))
def test_any_graph_gives_the_ways_of_trying_everything(edges: Edges) -> None:
    found, every = shortest(edges, 0, 5), every_way(edges, 0, 5)
    assert len(found) == min(5, len(every))
    assert all(way in every for way in found)
    assert [len(way) for way in found] == sorted(map(len, every))[:5]
    reachable = shortest(edges, 0, 5, most=1)
    assert (5 in between(edges, 0, 5)) == bool(reachable)
