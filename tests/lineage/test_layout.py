"""Where boxes go: layers by distance, the same places every time, a picture whatever becomes of the program."""

import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.lineage.graph.draw import dot, layout
from app.lineage.graph.draw.boxes import sizes_of
from app.lineage.graph.draw.layout import laid_out
from app.lineage.graph.draw.model import Layout, Place, Size
from app.lineage.graph.model import Subgraph
from tests.lineage import graphs

MAKERS: list[Callable[[], Subgraph]] = [
    graphs.chain, graphs.hub, graphs.layered, graphs.columned, graphs.everything,
]  # fmt: skip


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    """Nothing is remembered from one test to the next."""
    layout._placed.cache_clear()  # noqa: SLF001
    yield
    layout._placed.cache_clear()  # noqa: SLF001


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """A program that never ends by itself; holds what was asked of it."""
    asked: list[list[str]] = []
    run = subprocess.run

    def waits(command: list[str], **given: Any) -> Any:
        asked.append(command)
        return run(["sleep", "30"], **{**given, "timeout": 0.05})

    monkeypatch.setattr(subprocess, "run", waits)
    return asked


def placed(graph: Subgraph) -> Layout:
    lines = [(str(line.source), str(line.target)) for line in graph.lines]
    return laid_out(sizes_of(graph).values(), lines)


def overlap(one: Place, other: Place) -> bool:
    beside = one.right <= other.x or other.right <= one.x
    return not beside and one.y < other.y + other.height and other.y < one.y + one.height


def check(graph: Subgraph, found: Layout) -> None:
    """Every box has a place of its own inside the picture; what is further downstream is further to the right."""
    places = {node.distance: [] for node in graph.nodes.values()}  # type: dict[int, list[Place]]
    for node in graph.nodes.values():
        place = found.places[str(node.token)]
        assert place.x >= 0
        assert place.y >= 0
        assert place.right <= found.width
        assert place.y + place.height <= found.height
        assert not any(overlap(place, other) for other in places[node.distance])
        places[node.distance].append(place)
    layers = [places[distance] for distance in sorted(places)]
    assert all(len({place.x for place in layer}) == 1 for layer in layers)
    assert [layer[0].x for layer in layers] == sorted(layer[0].x for layer in layers)


@pytest.mark.parametrize("make", MAKERS)
def test_the_program_places_every_box_in_its_layer(make: Callable[[], Subgraph]) -> None:
    found = placed(make())

    check(make(), found)
    assert not found.is_simple


@pytest.mark.parametrize("make", MAKERS)
def test_without_a_program_our_own_layers_stand_in(
    make: Callable[[], Subgraph], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dot, "PROGRAMS", ())
    found = placed(make())

    check(make(), found)
    assert found.is_simple


@pytest.mark.parametrize("programs", [("dot",), ("graphviz-pure",), ()])
def test_the_same_boxes_get_the_same_places_in_any_order(
    programs: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dot, "PROGRAMS", programs)
    graph = graphs.layered(6, 8)
    first = placed(graph)
    layout._placed.cache_clear()  # noqa: SLF001
    graph.lines.reverse()
    graph.nodes = dict(reversed(graph.nodes.items()))

    assert placed(graph) == first


def test_a_program_that_takes_too_long_is_ended_and_a_picture_comes_all_the_same(slow: list[list[str]]) -> None:
    found = placed(graphs.layered(4, 6))

    check(graphs.layered(4, 6), found)
    assert found.is_simple
    assert len(slow) == 1


@pytest.mark.parametrize("answer", [b"", b"{}", b'{"objects":[]}', b'{"objects":[{"_gvid":0,"name":"n0","pos":"x"}]}'])
def test_an_answer_that_makes_no_sense_is_no_layout(answer: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    told = subprocess.CompletedProcess([], 0, stdout=answer)
    monkeypatch.setattr(subprocess, "run", lambda *_args, **_given: told)

    assert placed(graphs.chain()).is_simple


def test_a_layout_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    placed(graphs.chain())
    monkeypatch.setattr(subprocess, "run", lambda *_args, **_given: pytest.fail("asked again"))

    assert not placed(graphs.chain()).is_simple


def test_layers_stay_when_what_joined_them_is_hidden() -> None:
    sizes = [Size("a", -3, 100, 40), Size("b", 0, 100, 40), Size("c", 2, 100, 40)]
    found = laid_out(sizes, [])

    assert found.places["a"].x < found.places["b"].x < found.places["c"].x


def test_a_line_back_and_a_line_within_a_layer_move_nothing() -> None:
    sizes = [Size("a", 0, 100, 40), Size("b", 1, 100, 40), Size("c", 1, 100, 40)]
    found = laid_out(sizes, [("a", "b"), ("b", "a"), ("b", "c"), ("a", "a"), ("a", "nowhere")])

    assert found.places["a"].x < found.places["b"].x == found.places["c"].x


def test_a_line_over_several_layers_has_a_curve() -> None:
    sizes = [Size(name, at, 100, 40) for at, name in enumerate("abcd")]
    found = laid_out(sizes, [("a", "b"), ("b", "c"), ("c", "d"), ("a", "d")])

    assert list(found.routes) == [("a", "d")]
    assert len(found.routes["a", "d"]) % 3 == 1


def test_nothing_takes_no_room() -> None:
    assert laid_out([], []) == Layout()
