"""Reach on made graphs against an independent search: every node once, right degree, a way that exists."""

from collections import deque
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.lineage.graph.reach.spread import Reach, spread

Edges = dict[int, list[int]]


def step_of(edges: Edges) -> "Counted":
    return Counted(edges)


class Counted:
    """A step over made edges that counts how often it was asked."""

    def __init__(self, edges: Edges) -> None:
        self.edges = edges
        self.asked = 0

    def __call__(self, level: Sequence[int]) -> Iterable[tuple[int, int]]:
        self.asked += 1
        return [(one, other) for one in level for other in self.edges.get(one, ())]


def distances(edges: Edges, start: int) -> dict[int, int]:
    """Search on its own, node by node."""
    found, waiting = {start: 0}, deque([start])
    while waiting:
        one = waiting.popleft()
        for other in edges.get(one, ()):
            if other not in found:
                found[other] = found[one] + 1
                waiting.append(other)
    del found[start]
    return found


def agrees(edges: Edges, start: int, reach: Reach[int]) -> bool:
    return {place: node.degree for place, node in reach.nodes.items()} == distances(edges, start) and all(
        place in edges[node.via] for place, node in reach.nodes.items()
    )


def test_a_chain_of_a_thousand_is_walked_to_its_end() -> None:
    edges = {number: [number + 1] for number in range(1_000)}
    step = step_of(edges)
    reach = spread([0], step)
    assert agrees(edges, 0, reach)
    assert (reach.complete_to, step.asked, reach.truncated) == (1_000, 1_001, False)
    assert reach.way(1_000) == list(range(1_001))


def test_a_hub_of_two_thousand_takes_two_questions() -> None:
    edges = {0: list(range(1, 2_001))}
    step = step_of(edges)
    assert agrees(edges, 0, spread([0], step))
    assert step.asked == 2


def test_ten_thousand_nodes_in_layers_are_all_found() -> None:
    edges = {
        layer * 1_000 + one: [(layer + 1) * 1_000 + (one * 7 + more) % 1_000 for more in range(3)]
        for layer in range(-1, 9)
        for one in range(1_000)
    }
    edges[-1] = list(range(1_000))
    reach = spread([-1], step_of(edges))
    assert agrees(edges, -1, reach)
    assert len(reach.nodes) == 10_000
    assert not reach.truncated


def test_beyond_the_most_nodes_it_stops_and_tells_how_far_it_is_complete() -> None:
    edges = {0: [1, 2], 1: [3, 4], 2: [5, 6]}
    reach = spread([0], step_of(edges), most=4)
    assert list(reach.nodes) == [1, 2, 3, 4]
    assert (reach.truncated, reach.complete_to) == (True, 1)


def test_exactly_the_most_nodes_is_all_of_it() -> None:
    reach = spread([0], step_of({0: [1, 2], 1: [3, 4]}), most=4)
    assert not reach.truncated


def test_when_time_is_up_it_tells_what_it_has() -> None:
    ticks = iter(range(0, 100, 3))
    reach = spread([0], step_of({0: [1], 1: [2], 2: [3]}), seconds=5, clock=lambda: next(ticks))
    assert (list(reach.nodes), reach.truncated, reach.complete_to) == ([1], True, 1)


def test_cycles_end_and_the_start_is_not_reached_again() -> None:
    reach = spread([0], step_of({0: [0, 1], 1: [0, 2], 2: [1]}))
    assert {place: node.degree for place, node in reach.nodes.items()} == {1: 1, 2: 2}


@pytest.mark.parametrize("starts", [[0, 1], [1, 0], [0, 1, 0]])
def test_several_starts_spread_together(starts: list[int]) -> None:
    reach = spread(starts, step_of({0: [2], 1: [3], 2: [3, 4]}))
    assert {place: node.degree for place, node in reach.nodes.items()} == {2: 1, 3: 1, 4: 2}


@settings(deadline=None)
@given(st.dictionaries(st.integers(0, 15), st.lists(st.integers(0, 15), max_size=4), max_size=16))
def test_any_graph_agrees_with_the_search(edges: Edges) -> None:
    assert agrees(edges, 0, spread([0], step_of(edges)))
