"""The graph for programs: the same questions as the page, answered as JSON or as a file."""

from typing import Final

import msgspec
from flask import Response, g, request
from flask.typing import ResponseReturnValue

from app.db import db, utcnow
from app.lineage.graph.answer import told
from app.lineage.graph.ask import question
from app.lineage.graph.subgraph import answered
from app.lineage.views.graph_files import FORMATS, TYPES, exported
from app.lineage.views.graph_shown import links
from app.refusal import Problem, Refused
from app.web.blueprints import api_blueprint
from app.web.guard import needs

bp = api_blueprint("api_graph", __name__, "/api/v1/lineage")
JSON: Final = "application/json"


@bp.get("/graph")
@needs("lineage.read")
def graph() -> ResponseReturnValue:
    """Answer the part of the graph asked for: 404 for an unknown start, 422 naming each bad parameter."""
    session, now, form = db.session(), utcnow(), wanted()
    asked = question(request.args, now, also=("format",))
    found = answered(session, g.realm.id, asked, now)
    if form != "json":
        return exported(found, form, links(asked, full=True), now)
    return Response(msgspec.json.encode(told(found, now)), content_type=JSON)


def wanted() -> str:
    """Return the form of the answer: ``format``, else what Accept likes best, else JSON."""
    given = request.args.get("format", "")
    if given:
        if given not in {*FORMATS, "json"}:
            raise Refused(Problem("unknown_format", f"Use one of json, {', '.join(FORMATS)}.", "format", given[:100]))
        return given
    types = {JSON: "json"} | {kind.partition(";")[0]: form for form, kind in TYPES.items()}
    return types[request.accept_mimetypes.best_match(types, JSON) or JSON]
