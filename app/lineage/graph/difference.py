"""Two days in one picture: what came, what went, and what is another than it was. Pure."""

from dataclasses import replace
from typing import Any

from app.lineage.graph.model import ColumnLine, Line, Node, Subgraph

CAME, WENT, CHANGED = "came", "went", "changed"


def difference(before: Subgraph, after: Subgraph) -> Subgraph:
    """Return ``after`` with what only ``before`` has added to it, each node and line marked by its ``change``.

    A line changed when its types or its condition did, a node when its state did; counters grow every day and say
    nothing. Boxes that stand for what the limit left out are those of ``after``.
    """
    found = Subgraph(after.question, omitted=after.omitted, truncated=before.truncated or after.truncated)
    found.notes = [*after.notes, *(note for note in before.notes if note not in after.notes)]
    for token, node in after.nodes.items():
        found.nodes[token] = _node(before.nodes.get(token), node)
    for token, node in before.nodes.items():
        if token not in after.nodes and node.kind != "stub":
            found.nodes[token] = replace(node, change=WENT, hidden_up=0, hidden_down=0)
    found.lines = _merged(before.lines, after.lines, _line)
    found.column_lines = _merged(before.column_lines, after.column_lines, _column_line)
    drawn = found.nodes.keys()
    found.lines = [line for line in found.lines if line.source in drawn and line.target in drawn]
    return found


def counts(graph: Subgraph) -> dict[str, int]:
    """Return how many nodes and lines came, went and changed, those that are none left out."""
    told: list[Node | Line | ColumnLine] = [*graph.nodes.values(), *graph.lines, *graph.column_lines]
    return {word: number for word in (CAME, WENT, CHANGED) if (number := sum(one.change == word for one in told))}


def _node(was: Node | None, node: Node) -> Node:
    if node.kind == "stub":
        return node
    if was is None:
        return replace(node, change=CAME)
    return replace(node, change=CHANGED, was=was.state) if was.state != node.state else node


def _line(was: Line, line: Line) -> str:
    return CHANGED if (sorted(was.types), was.condition) != (sorted(line.types), line.condition) else ""


def _column_line(was: ColumnLine, line: ColumnLine) -> str:
    return CHANGED if was.kinds != line.kinds else ""


def _merged(before: list[Any], after: list[Any], changed: Any) -> list[Any]:
    old = {_key(line): line for line in before}
    new = {_key(line) for line in after}
    told = [replace(line, change=changed(old[_key(line)], line) if _key(line) in old else CAME) for line in after]
    return told + [replace(line, change=WENT) for line in before if _key(line) not in new]


def _key(line: Line | ColumnLine) -> tuple[object, ...]:
    if isinstance(line, Line):
        return line.source, line.target, line.evidence
    return line.source, line.source_column, line.target, line.target_column
