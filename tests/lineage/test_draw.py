"""What a picture says: boxes in order, curves by evidence, the chosen path, files for other programs."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.lineage.graph.ask import params
from app.lineage.graph.draw.model import Links
from app.lineage.graph.draw.picture import Picture, drawn
from app.lineage.graph.draw.text import clean, fitting, starting, width
from app.lineage.graph.export import dot, mermaid, name_of, table
from app.lineage.graph.model import Node, Subgraph
from app.web.filters import shorten
from tests.house import ROOT
from tests.lineage import graphs

DRAWING = '{% from "components/graph.html" import graph %}{{ graph(picture) }}'
NAMES = st.text(min_size=1, max_size=60) | st.sampled_from(
    ["x" * 4000, "]]>", "\x00\x1b", "<b>&\"'", "\ud800", "🦆" * 40]
)


@pytest.fixture(scope="module")
def jinja() -> Environment:
    env = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["shorten"] = shorten
    return env


def picture(graph: Subgraph) -> Picture:
    def change(**changes: Any) -> str:
        return f"?{urlencode(params(graph.question, **changes))}"

    def page(node: Node) -> str:
        return f"/page/{node.entity_id}"

    return drawn(graph, Links(change, page))


def svg(jinja: Environment, graph: Subgraph) -> str:
    return jinja.from_string(DRAWING).render(picture=picture(graph))


def boxes(graph: Subgraph) -> Mapping[str, Any]:
    return {str(box.token): box for box in picture(graph).boxes}


@settings(max_examples=40, deadline=None)
@given(names=st.lists(NAMES, min_size=4, max_size=4))
def test_a_picture_is_xml_whatever_things_are_called(jinja: Environment, names: list[str]) -> None:
    graph = graphs.everything()
    for node, name in zip(graph.nodes.values(), names, strict=False):
        node.name = node.label = node.namespace = node.place = name
        node.names = [(name, name), (name, name)]
    graph.lines[0].types, graph.lines[0].condition = [names[0]], names[1]

    ET.fromstring(svg(jinja, graph))  # noqa: S314 - our own


def test_links_come_in_the_order_of_layers_and_say_what_they_are(jinja: Environment) -> None:
    graph = graphs.everything()
    tree = ET.fromstring(svg(jinja, graph))  # noqa: S314 - our own
    groups = [each for each in tree.iterfind(".//{*}g[@data-t]") if each.get("data-t") != "stub:7"]
    distance = [next(n.distance for t, n in graph.nodes.items() if str(t) == each.get("data-t")) for each in groups]

    assert distance == sorted(distance)
    for link in tree.iterfind(".//{*}a"):
        assert link.get("href")
        assert link.findtext("{*}title")


def test_the_same_subgraph_has_the_same_bytes(jinja: Environment) -> None:
    assert svg(jinja, graphs.layered(5, 6)) == svg(jinja, graphs.layered(5, 6))


def test_big_pictures_stay_small(jinja: Environment) -> None:
    assert len(svg(jinja, graphs.layered())) < 300_000
    assert len(svg(jinja, graphs.hub(98))) < 100_000


def test_only_what_needs_attention_is_coloured_and_everything_is_said_in_words() -> None:
    found = boxes(graphs.everything())

    assert "bad" in found["job:1"].css
    assert "last run failed" in found["job:1"].title
    assert "warn" in found["dataset:3"].css
    assert "late" in found["dataset:3"].title
    assert "checks: error" in found["dataset:4"].title
    assert "reads and writes it" in found["job:3"].title
    assert found["dataset:1"].css == "node dataset"


def test_expanders_count_and_an_opened_side_can_be_closed() -> None:
    graph = graphs.everything()
    token = graphs.token("d1")
    (side,) = boxes(graph)["dataset:1"].sides
    assert (side.side, side.text) == ("up", "+12")
    assert "open=dataset%3A1.up" in side.href

    graph.question = replace(graph.question, opened=((token, "up"),))
    graph.nodes[token].hidden_up = 0
    (side,) = boxes(graph)["dataset:1"].sides
    assert side.text == "−"
    assert "open=" not in side.href


def test_lines_are_styled_by_how_they_are_known() -> None:
    styles = {
        curve.title.split("known by ")[-1].split(" ·")[0]: curve.css for curve in picture(graphs.everything()).curves
    }

    assert styles["possible"] == "possible"
    assert styles["declared"] == "declared"
    assert styles["control"] == "control"
    assert any(curve.css == "running" and "since 10:02" in curve.title for curve in picture(graphs.everything()).curves)


def test_what_lies_on_a_path_through_the_selected_stays_bright() -> None:
    graph = graphs.chain(4)
    graph.nodes[graphs.token("d9")] = graphs.node("d9", 1)
    graph.lines.append(graphs.line("d3", "d9"))
    graph.question = replace(graph.question, select=graphs.token("j3"))

    bright = {str(box.token) for box in picture(graph).boxes if box.is_on}

    assert bright == {"dataset:3", "job:3", "dataset:4"}
    assert {curve.ends for curve in picture(graph).chosen} <= {curve.ends for curve in picture(graph).curves}
    assert len(picture(graph).chosen) == 2


def test_a_column_in_focus_brightens_exactly_its_path() -> None:
    found = boxes(graphs.columned(column="total"))

    on = {(token, row.name) for token, box in found.items() for row in box.rows if row.is_on}
    assert on == {("dataset:2", "total"), ("dataset:3", "revenue")}
    assert not found["dataset:1"].is_on


def test_column_lines_go_from_row_to_row_with_a_lock_where_values_are_masked() -> None:
    curves = picture(graphs.columned()).curves

    assert [curve.css for curve in curves] == ["column direct", "column direct", "column control", "column direct"]
    assert [curve.lock is not None for curve in curves] == [False, True, False, False]
    assert "indirect" in curves[2].title


@given(text=st.text(max_size=400), room=st.integers(8, 300))
def test_text_is_cut_to_its_room(text: str, room: int) -> None:
    for cut in (fitting(text, 12, room), starting(text, 12, room)):
        assert width(cut, 12) <= room or len(cut) <= 1


def test_names_are_cut_in_the_middle_and_hold_no_control_characters() -> None:
    assert fitting("analytics.core.orders_by_customer", 12, 120).count("…") == 1
    assert clean("a\x00b\tc\u202ed") == "a\ufffdb c\ufffdd"
    assert len(clean("x" * 9000)) == 300


@pytest.mark.skipif(shutil.which("dot") is None, reason="no Graphviz")
@settings(max_examples=20, deadline=None)
@given(names=st.lists(NAMES, min_size=4, max_size=4))
def test_dot_takes_what_we_write(names: list[str]) -> None:
    graph = graphs.everything()
    for node, name in zip(graph.nodes.values(), names, strict=False):
        node.name = node.label = name

    subprocess.run(["dot", "-Tplain"], input=dot(graph).encode(), check=True, capture_output=True)


MERMAID_NODE = re.compile(r'  (n\d+)(\(\[|\[\[|\[|>)"((?:[\w .,/:-]|#\d+;)*)"(\]\)|\]\]|\])')
MERMAID_EDGE = re.compile(r"  (n\d+) (-->|-\.->) (n\d+)")


@settings(max_examples=30, deadline=None)
@given(
    names=st.lists(
        NAMES | st.sampled_from(['a"]; end %% `x` #1 <b>', "end", "x\n--> n1", "(名)[é]🙂", "#35;"]), min_size=4
    )
)
def test_mermaid_reads_back_as_the_nodes_and_edges_it_tells(names: list[str]) -> None:
    graph = graphs.everything()
    for node, name in zip(graph.nodes.values(), names, strict=False):
        node.name = node.label = name

    head, *lines = mermaid(graph).splitlines()
    nodes = [found.groups() for line in lines if (found := MERMAID_NODE.fullmatch(line))]
    edges = [found.groups() for line in lines if (found := MERMAID_EDGE.fullmatch(line))]
    read = [re.sub(r"#(\d+);", lambda found: chr(int(found[1])), text) for _, _, text, _ in nodes]

    assert (head, len(nodes) + len(edges)) == ("flowchart LR", len(lines))
    assert read == [name_of(node) for node in graph.nodes.values()]
    assert [(source, target) for source, _, target in edges] == [
        tuple(f"n{list(graph.nodes).index(end)}" for end in (line.source, line.target)) for line in graph.lines
    ]


def test_csv_has_every_line_and_escapes_formulas() -> None:
    graph = graphs.chain(2)
    graph.nodes[graphs.token("d7")] = graphs.node("d7", 1)
    next(iter(graph.nodes.values())).name = "=cmd()"

    rows = table(graph).splitlines()

    assert len(rows) == 1 + len(graph.lines) + 1
    assert ",'=cmd()," in rows[1]
    assert rows[-1].startswith("dataset:7,dataset,")
