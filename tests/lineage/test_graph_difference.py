"""Two days compared: what came, went and changed."""

from dataclasses import replace

from app.lineage.graph.difference import counts, difference
from app.lineage.graph.model import ColumnLine, Line, Node, Question, Subgraph, Token

ORDERS, LOAD, SALES, OLD = Token("dataset", "1"), Token("job", "2"), Token("dataset", "3"), Token("dataset", "4")


def graph(*nodes: Token, lines: tuple[tuple[Token, Token], ...] = (), state: str | None = None) -> Subgraph:
    found = Subgraph(Question((LOAD,)))
    for place, one in enumerate(nodes):
        found.nodes[one] = Node(one, one.kind, one.id, "ns", f"name {one.id}", one.id, place, state=state)
    found.lines = [Line(source, target, "operation", types=["READ"]) for source, target in lines]
    return found


def test_what_only_one_day_has_came_or_went() -> None:
    before = graph(LOAD, OLD, lines=((LOAD, OLD),))
    after = graph(LOAD, SALES, lines=((LOAD, SALES),))

    found = difference(before, after)

    assert {str(token): node.change for token, node in found.nodes.items()} == {
        "job:2": "",
        "dataset:3": "came",
        "dataset:4": "went",
    }
    assert [(str(line.target), line.change) for line in found.lines] == [("dataset:3", "came"), ("dataset:4", "went")]
    assert counts(found) == {"came": 2, "went": 2}


def test_another_type_or_state_is_a_change_and_counters_are_none() -> None:
    before = graph(ORDERS, LOAD, lines=((ORDERS, LOAD),), state="completed")
    after = graph(ORDERS, LOAD, lines=((ORDERS, LOAD),), state="failed")
    after.nodes[ORDERS] = replace(after.nodes[ORDERS], state="completed")
    after.lines[0].runs, after.lines[0].rows = 40, 4_000

    found = difference(before, after)

    assert (found.nodes[LOAD].change, found.nodes[LOAD].was) == ("changed", "completed")
    assert counts(found) == {"changed": 1}
    after.lines[0].types = ["READ", "MERGE"]
    assert counts(difference(before, after)) == {"changed": 2}


def test_equal_days_differ_in_nothing() -> None:
    one = graph(ORDERS, LOAD, SALES, lines=((ORDERS, LOAD), (LOAD, SALES)))

    assert counts(difference(one, one)) == {}
    assert difference(one, one).lines == one.lines


def test_column_edges_are_compared_by_their_kinds() -> None:
    before, after = graph(ORDERS, SALES), graph(ORDERS, SALES)
    edge = ColumnLine(ORDERS, "at", SALES, "day", "DIRECT:IDENTITY", is_direct=True, is_masked=False)
    before.column_lines = [edge, replace(edge, source_column="id")]
    after.column_lines = [replace(edge, kinds="DIRECT:TRANSFORMATION")]

    found = difference(before, after)

    assert [(line.source_column, line.change) for line in found.column_lines] == [("at", "changed"), ("id", "went")]


def test_a_stub_of_the_day_before_is_not_drawn() -> None:
    before, after = graph(ORDERS, LOAD, lines=((ORDERS, LOAD),)), graph(ORDERS)
    before.nodes[LOAD].kind = "stub"

    found = difference(before, after)

    assert list(found.nodes) == [ORDERS]
    assert not found.lines
