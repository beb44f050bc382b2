"""Hand-made subgraphs: chains, hubs, layers, columns, names nobody would choose."""

from datetime import UTC, datetime
from itertools import pairwise
from random import Random
from typing import Any

from app.lineage.graph.model import Column, ColumnLine, Line, Node, Question, Subgraph, Token

NOW = datetime(2026, 3, 1, 10, 2, tzinfo=UTC)


def token(name: str) -> Token:
    """Return ``d3`` as dataset:3, ``j4`` as job:4, ``g5`` as group:5, ``s6`` as stub:6."""
    return Token({"d": "dataset", "j": "job", "g": "group", "s": "stub", "r": "run"}[name[0]], name[1:])


def node(name: str, distance: int = 0, **more: Any) -> Node:
    """Return a node; its label is ``name`` unless given."""
    one = token(name)
    given: dict[str, Any] = {"namespace": "postgres://db:5432", "name": name, "label": name, "place": "warehouse"}
    if one.kind == "dataset":
        given["platform"] = "postgres"
    return Node(one, one.kind, one.id, distance=distance, **(given | more))


def line(source: str, target: str, evidence: str = "operation", **more: Any) -> Line:
    """Return a line with a little of everything that is told about lines."""
    given: dict[str, Any] = {"types": ["APPEND"], "runs": 12, "rows": 1000, "first_seen": NOW, "last_seen": NOW}
    return Line(token(source), token(target), evidence, **(given | more))


def subgraph(nodes: list[Node], lines: list[Line], start: str = "", **asked: Any) -> Subgraph:
    """Return a subgraph that starts at ``start``, else at the first node of distance 0."""
    first = token(start) if start else next(one.token for one in nodes if one.distance == 0)
    return Subgraph(Question((first,), **asked), {one.token: one for one in nodes}, lines)


def chain(length: int = 4, **asked: Any) -> Subgraph:
    """Return D1-J1-D2-J2-... with the start in its middle."""
    names = [f"{'dj'[at % 2]}{at // 2 + 1}" for at in range(2 * length - 1)]
    middle = length - length % 2
    nodes = [node(name, at - middle) for at, name in enumerate(names)]
    return subgraph(nodes, [line(one, other) for one, other in pairwise(names)], **asked)


def hub(readers: int = 120, **asked: Any) -> Subgraph:
    """Return one dataset with many readers, and a stub for the rest."""
    nodes = [node("d1"), *(node(f"j{at}", 1, state="completed") for at in range(readers))]
    nodes.append(node("s1", 1, label="1,880 more", of=token("d1")))
    return subgraph(nodes, [line("d1", f"j{at}") for at in range(readers)], **asked)


def layered(layers: int = 10, wide: int = 25, seed: int = 1, **asked: Any) -> Subgraph:
    """Return layers of datasets and jobs in turn, each fed by up to three of the layer before."""
    dice = Random(seed)
    names = [[f"{'dj'[layer % 2]}{layer * wide + at}" for at in range(wide)] for layer in range(layers)]
    nodes = [
        node(name, layer - layers // 2, label=f"shop.mart_{layer}.a_table_of_{name}", hidden_down=dice.randrange(4))
        for layer, group in enumerate(names)
        for name in group
    ]
    lines = {(dice.choice(above), name) for above, group in pairwise(names) for name in group for _ in range(3)}
    return subgraph(nodes, [line(*pair) for pair in sorted(lines)], **asked)


def columned(**asked: Any) -> Subgraph:
    """Return three datasets with columns, one edge masked, one indirect, one of a whole box."""
    listed = {"d1": ("id", "email", "total"), "d2": ("id", "hash", "total"), "d3": ("revenue",)}
    nodes = [
        node(name, at - 1, columns=[Column(each, "varchar") for each in names], columns_in_all=len(names) + 9 * at)
        for at, (name, names) in enumerate(listed.items())
    ]
    graph = subgraph(nodes, [line("d1", "d2"), line("d2", "d3")], data="column", jobs="hidden", **asked)
    one, two, three = (token(name) for name in listed)
    graph.column_lines = [
        ColumnLine(one, "id", two, "id", "IDENTITY", is_direct=True, is_masked=False),
        ColumnLine(one, "email", two, "hash", "HASH", is_direct=True, is_masked=True),
        ColumnLine(one, "id", two, None, "FILTER", is_direct=False, is_masked=False),
        ColumnLine(two, "total", three, "revenue", "SUM", is_direct=True, is_masked=False),
    ]
    return graph


def everything() -> Subgraph:
    """Return one of each kind of node, state, mark and line."""
    nodes = [
        node("d1", -2, label="raw.orders", hidden_up=12, state="completed"),
        node("g2", -2, label="s3://lake/events (34 partitions)", platform="s3"),
        node("d3", -2, label="raw.customers_with_a_very_long_name_that_nobody_would_type", is_late=True),
        node("j1", -1, label="build_core_tables", platform="AIRFLOW", state="failed", runs=30),
        node("d4", 0, label="core.orders", quality="error", state="completed", hidden_up=2),
        node("j2", 1, label="report", platform="SPARK", state="running", runs=1),
        node("j3", 1, label="train", platform="DBT", state="completed", marks=frozenset({"reads_and_writes"})),
        node("d5", 2, label="mart.revenue", quality="warn", hidden_down=120),
        node("d6", 2, label="features", marks=frozenset({"streaming"}), platform="kafka"),
        node("s7", 2, label="120 more", of=token("j2")),
        node("d8", 2, label="old.orders", marks=frozenset({"dropped"}), state="unknown"),
    ]
    evidence = [("d1", "j1"), ("g2", "j1"), ("d3", "j1"), ("j1", "d4"), ("d4", "j2"), ("d4", "j3"), ("j3", "d6")]
    lines = [line(*pair) for pair in evidence]
    lines += [
        line("j2", "d5", running_since=NOW),
        line("d4", "d6", "possible"),
        line("d1", "d4", "declared"),
        line("j3", "d8", "renamed"),
        line("d6", "d4", "control"),
    ]
    return subgraph(nodes, lines, select=None)
