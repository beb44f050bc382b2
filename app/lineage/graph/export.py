"""A subgraph as text for other programs: DOT, Mermaid, CSV; valid for any name. Pure."""

import csv
import io
from typing import Final

from app.lineage.graph.draw.text import clean
from app.lineage.graph.draw.words import KINDS
from app.lineage.graph.model import Line, Node, Subgraph, Token
from app.web.export import cell

SHAPES: Final = {"dataset": "box", "group": "box3d", "stub": "plaintext"}
DASHED: Final = {"declared", "control", "renamed", "possible"}
FENCES: Final = {"dataset": ("[", "]"), "group": ("[[", "]]"), "stub": (">", "]")}
HEAD: Final = (
    *(f"{end}{part}" for end in ("from", "to") for part in ("", "_kind", "_namespace", "_name", "_distance")),
    *("evidence", "types", "runs", "rows", "bytes", "files", "first_seen", "last_seen", "running_since"),
    *("condition", "change"),
)


def dot(graph: Subgraph) -> str:
    """Return the graph in the language of Graphviz."""
    number = _numbers(graph)
    lines = ["digraph lineage {", "  rankdir=LR;", '  node [fontname="sans-serif"];']
    for token, node in graph.nodes.items():
        look = f"shape={SHAPES.get(node.kind, 'box')}" + ("" if node.kind in SHAPES else ",style=rounded")
        lines.append(f"  {number[token]} [label={_quoted(name_of(node))},tooltip={_quoted(whole_of(node))},{look}];")
    for line in _known(graph):
        look = "dotted" if line.running_since else "dashed" if line.evidence in DASHED else "solid"
        lines.append(
            f"  {number[line.source]} -> {number[line.target]} [style={look},tooltip={_quoted(line.evidence)}];"
        )
    return "\n".join([*lines, "}", ""])


def mermaid(graph: Subgraph) -> str:
    """Return the graph as a Mermaid flowchart."""
    number = _numbers(graph)
    lines = ["flowchart LR"]
    for token, node in graph.nodes.items():
        left, right = FENCES.get(node.kind, ("([", "])"))
        lines.append(f'  {number[token]}{left}"{_entities(name_of(node))}"{right}')
    for line in _known(graph):
        arrow = "-.->" if line.running_since or line.evidence in DASHED else "-->"
        lines.append(f"  {number[line.source]} {arrow} {number[line.target]}")
    return "\n".join([*lines, ""])


def table(graph: Subgraph) -> str:
    """Return the lines of the graph as CSV, then nodes that no line touches; what a spreadsheet runs is escaped."""
    known = _known(graph)
    touched = {token for line in known for token in (line.source, line.target)}
    alone = [node for token, node in graph.nodes.items() if token not in touched]
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(HEAD)
    rows.writerows([cell(value) for value in _told(graph, line)] for line in known)
    rows.writerows([cell(value) for value in (*_end(node), *[None] * (len(HEAD) - len(_end(node))))] for node in alone)
    return text.getvalue()


def _told(graph: Subgraph, line: Line) -> tuple[object, ...]:
    ends = (*_end(graph.nodes[line.source]), *_end(graph.nodes[line.target]))
    counters = (line.runs, line.rows, line.bytes, line.files)
    seen = (line.first_seen, line.last_seen, line.running_since, line.condition, line.change)
    return (*ends, line.evidence, ", ".join(line.types), *counters, *seen)


def name_of(node: Node) -> str:
    """Return the name a document shows."""
    return clean(node.label or node.name) or "(no name)"


def whole_of(node: Node) -> str:
    """Return kind, namespace and name."""
    return " ".join((KINDS.get(node.kind, node.kind), clean(node.namespace), clean(node.name, 1000)))


def _known(graph: Subgraph) -> list[Line]:
    return [line for line in graph.lines if {line.source, line.target} <= graph.nodes.keys()]


def _numbers(graph: Subgraph) -> dict[Token, str]:
    return {token: f"n{number}" for number, token in enumerate(graph.nodes)}


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _entities(text: str) -> str:
    """Return the text with everything but letters, digits and blanks of little meaning as the entities of Mermaid."""
    return "".join(letter if letter.isalnum() or letter in " .,_-/:" else f"#{ord(letter)};" for letter in text)


def _end(node: Node) -> tuple[object, ...]:
    return str(node.token), node.kind, node.namespace, node.name or node.label, node.distance
