"""The part of a picture that stays bright: what lies on a path from the start through the chosen node. Pure."""

from dataclasses import dataclass, field

from app.lineage.graph.model import Subgraph, Token
from app.lineage.graph.steps import reached, steps


@dataclass(frozen=True, slots=True)
class Path:
    """What is bright: nodes, and columns as (node, name)."""

    nodes: frozenset[Token]
    columns: frozenset[tuple[Token, str]] = field(default_factory=frozenset)


def starts(graph: Subgraph) -> list[Token]:
    """Return the nodes the picture starts from, also those asked for by another name or as part of a place."""
    asked = graph.question.start
    named = {token.id for token in asked if token.kind == "dataset"}
    found = [
        token
        for token, node in graph.nodes.items()
        if token in asked or (node.kind in ("dataset", "group") and named & set(map(str, node.members)))
    ]
    return found or [token for token, node in graph.nodes.items() if node.distance == 0 and node.kind != "stub"]


def chosen(graph: Subgraph) -> Path | None:
    """Return what is bright, None where all is: no node is selected and no column is in focus."""
    asked = graph.question
    focus = frozenset(_focus(graph)) if asked.column is not None and graph.column_lines else frozenset()
    if focus and asked.select is None:
        return Path(frozenset({*(token for token, _ in focus), *starts(graph)}), focus)
    if asked.select is None or asked.select not in graph.nodes:
        return None
    nodes = frozenset(_through(graph, asked.select))
    rows = {(token, column.name) for token in nodes for column in graph.nodes[token].columns}
    return Path(nodes, frozenset(rows))


def _through(graph: Subgraph, select: Token) -> set[Token]:
    pairs = [(line.source, line.target) for line in graph.lines]
    pairs += [(line.source, line.target) for line in graph.column_lines]
    down, up = steps(pairs)
    first = starts(graph)
    before: set[Token] = reached([select], up)
    after: set[Token] = reached([select], down)
    found: set[Token] = {select}
    if select in first:
        return before | after
    below: set[Token] = reached(first, down)
    above: set[Token] = reached(first, up)
    if before & set(first):
        found |= (before & below) | after
    if after & set(first):
        found |= (after & above) | before
    return found


def _focus(graph: Subgraph) -> set[tuple[Token, str]]:
    """Return the columns that the focus column comes from and goes to."""
    asked = graph.question
    first = [(token, asked.column) for token in starts(graph) if asked.column is not None]
    pairs = [
        ((line.source, line.source_column), (line.target, line.target_column))
        for line in graph.column_lines
        if line.source_column is not None
    ]
    down, up = steps(pairs)
    return {(token, name) for token, name in reached(first, down) | reached(first, up) if name is not None}
