"""What stands beside the picture when a node is selected: its facts, its lines, its links."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from app.lineage.graph.model import Line, Node, Subgraph
from app.lineage.queries import datasets as queries
from app.lineage.reads.listed import Listed, listed


@dataclass(frozen=True, slots=True)
class Panel:
    """A selected node with the lines to and from it; ``row`` is what lists tell of it when it is a dataset."""

    node: Node
    row: Listed | None = None
    before: list[tuple[Node, Line]] = field(default_factory=list)
    after: list[tuple[Node, Line]] = field(default_factory=list)


def panel(session: Session, graph: Subgraph, now: datetime) -> Panel | None:
    """Return the panel of the selected node, None when none is selected or it is not drawn; at most six statements."""
    node = graph.nodes.get(graph.question.select) if graph.question.select else None
    if node is None:
        return None
    before = [(graph.nodes[line.source], line) for line in graph.lines if line.target == node.token]
    after = [(graph.nodes[line.target], line) for line in graph.lines if line.source == node.token]
    return Panel(node, _row(session, node, now), before, after)


def _row(session: Session, node: Node, now: datetime) -> Listed | None:
    if node.kind != "dataset":
        return None
    rows = session.execute(queries.dataset(int(node.entity_id))).all()
    return next(iter(listed(session, rows, now)), None)
