"""Impact for programs: the list of the page, whole unless a limit or a cursor asks for a part."""

from flask import g, jsonify, request
from flask.typing import ResponseReturnValue

from app.db import db, utcnow
from app.lineage.asked import asked, part
from app.lineage.effects import effects, judged, shown
from app.lineage.graph.reach.impact import totals
from app.lineage.views.impact import COUNTED, exported, head, told
from app.refusal import Problem, Refused
from app.web.blueprints import api_blueprint
from app.web.guard import needs

bp = api_blueprint("api_impact", __name__, "/api/v1/lineage")


@bp.get("/impact")
@needs("lineage.read")
def impact() -> ResponseReturnValue:
    """Answer everything reachable from ``start``: 404 for an unknown start; filters are those of the page."""
    session, now = db.session(), utcnow()
    given = asked(request.args, now)
    if given.question is None:
        raise Refused(Problem("missing", "Name a node to start from, such as dataset:17.", "start"))
    found = effects(session, g.realm.id, given.question, given.how, now)
    rows = shown(session, given, found, now)
    is_part = given.cursor is not None or "limit" in request.args
    here = part(given, rows) if is_part else None
    judged(session, rows if here is None else here.rows, now)
    if given.format == "csv":
        return exported(given, found, rows)
    sums = {name: dict(totals(found.rows, given.chosen, name, now)) for name in COUNTED}
    return jsonify(
        {
            **head(found),
            "totals": sums,
            "items": [told(row) for row in (rows if here is None else here.rows)],
            "next": here.next.encode() if here is not None and here.next else None,
        }
    )
