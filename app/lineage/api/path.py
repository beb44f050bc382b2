"""The path between two things for programs."""

from itertools import pairwise
from typing import Any

from flask import g, jsonify, request
from flask.typing import ResponseReturnValue

from app.db import db, utcnow
from app.lineage.graph.model import Node
from app.lineage.graph.reach.onward import Spot
from app.lineage.ways import Ways, ask, ways
from app.web.blueprints import api_blueprint
from app.web.export import plain
from app.web.guard import needs

bp = api_blueprint("api_path", __name__, "/api/v1/lineage")


@bp.get("/path")
@needs("lineage.read")
def path() -> ResponseReturnValue:
    """Answer up to five shortest ways from ``from`` to ``to``; with ``all=1`` also the nodes of all ways."""
    session = db.session()
    now = utcnow()
    answer = ways(session, g.realm.id, ask(request.args, now), now)
    route = answer.route
    common = answer.common
    return jsonify(
        {
            "from": str(route.source.token),
            "to": str(route.target.token),
            "paths": [_way(answer, way) for way in route.paths],
            "nodes": [_node(answer.boxes[spot], degree) for spot, degree in route.nodes.items()],
            "edges": [_step(answer, *pair) for pair in route.legs],
            "reversed": _way(answer, answer.reversed) if answer.reversed else None,
            "common_upstream": [_way(answer, way) for way in common] if common else None,
            "omitted": {"max": route.left_out},
            "truncated": route.truncated,
        }
    )


def _way(answer: Ways, way: list[Spot]) -> dict[str, Any]:
    return {
        "length": len(way) - 1,
        "nodes": [str(spot.token) for spot in way],
        "steps": [_step(answer, *pair) for pair in pairwise(way)],
    }


def _step(answer: Ways, source: Spot, target: Spot) -> dict[str, Any]:
    line = answer.lines[source, target]
    return {
        "from": str(line.source),
        "to": str(line.target),
        "evidence": line.evidence,
        "types": line.types,
        "runs": line.runs,
        "rows": line.rows,
        "bytes": line.bytes,
        "first_seen": plain(line.first_seen),
        "last_seen": plain(line.last_seen),
    }


def _node(box: Node, degree: int) -> dict[str, Any]:
    named = {"namespace": box.namespace, "name": box.name, "label": box.label}
    return {"id": str(box.token), "kind": box.kind, **named, "distance": degree}
