"""Boxes of runs and operations."""

from datetime import UTC, datetime
from typing import Any

from app.jobs.endless import ENDLESS
from app.lineage.graph.model import Node
from app.lineage.graph.walk.around import Key
from app.lineage.graph.walk.deeds import Deeds
from app.lineage.graph.walk.names import KINDS


def deed_boxes(
    around: Deeds, nodes: list[Key], distances: dict[Key, int]
) -> tuple[dict[Key, Node], dict[Key, datetime]]:
    """Return the boxes of runs or operations, and when those began that ran at the moment asked; one statement."""
    found, running = {}, {}
    for row in around.facts([node[1] for node in nodes]):
        node: Key = (around.kind, row.number)
        box = _box(around, node, row, distances[node])
        found[node] = box
        if box.state == "running":
            running[node] = row.began_at
    return found, running


def _box(around: Deeds, node: Key, row: Any, distance: int) -> Node:
    state = around.state(row)
    return Node(
        around.names.token(node),
        KINDS[around.kind],
        str(row.id),
        row.namespace,
        row.name or row.job,
        row.name or row.job,
        distance,
        place=f"{row.began_at.astimezone(UTC):%Y-%m-%d %H:%M}",
        platform=(row.integration or row.platform).lower(),
        type=row.type,
        state=state,
        last_at=row.ended_at if row.ended_at is not None and state != "running" else row.began_at,
        runs=1,
        marks=frozenset({"streaming"} if row.processing_type in ENDLESS else ()),
        members=[row.number],
    )
