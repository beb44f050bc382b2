"""The whole graph of a realm at job level, for exports: every dataset with its jobs, no picture."""

from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from app.lineage.graph.model import Node, Question, Subgraph
from app.lineage.graph.reach.drawn import line_of
from app.lineage.graph.reach.onward import KINDS, Spot, surroundings
from app.lineage.graph.reach.route import legs
from app.lineage.graph.walk.around import SIDES, Key
from app.lineage.graph.walk.nodes import Nodes
from app.lineage.queries import rules as queries

AT_ONCE: Final = 1_000


def whole(session: Session, realm_id: int, asked: Question, now: datetime) -> Subgraph:
    """Return all datasets (the newest 20,000) with their jobs and edges in the view of a question; start is unused."""
    around = surroundings(session, realm_id, asked, now)
    rows = session.execute(queries.names()).all()
    ids = [row.id for row in rows[: queries.MOST_NAMES]]
    around.names.learn(ids, ())
    keys: list[Key] = [("d", id_) for id_ in ids]
    around.load((key, side) for key in keys for side in SIDES)
    jobs = sorted({other for key in keys for side in SIDES for other in around.beside(key, side) if other[0] == "j"})
    around.load((job, side) for job in jobs for side in SIDES)
    pairs = [(key, other) for key in (*keys, *jobs) for other in sorted(around.beside(key, "down"))]
    found = legs(around, ((Spot(KINDS[one[0]], one[1]), Spot(KINDS[other[0]], other[1])) for one, other in pairs))
    boxes: list[Node] = []
    nodes = [*keys, *jobs]
    for start in range(0, len(nodes), AT_ONCE):
        boxes += Nodes(around).make(dict.fromkeys(nodes[start : start + AT_ONCE], 0)).values()
    boxes.sort(key=lambda box: (box.kind, box.namespace, box.name))
    lines = sorted((line_of(leg) for leg in found.values()), key=lambda line: (line.source, line.target))
    return Subgraph(asked, {box.token: box for box in boxes}, lines, truncated=len(rows) > queries.MOST_NAMES)
