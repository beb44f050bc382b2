"""The cause: from something late or failed to what went wrong first upstream of it, as a sentence and a way."""

from flask import g, request
from flask.typing import ResponseReturnValue

from app.db import db, utcnow
from app.lineage.causes import began, cause_of, trouble
from app.lineage.graph.ask import BadValueError, token
from app.lineage.graph.model import Question
from app.lineage.views.path import picture
from app.lineage.ways import KINDS, Ask, ways
from app.refusal import Problem, Refused
from app.web.blueprints import realm_blueprint
from app.web.guard import needs
from app.web.page import page

bp = realm_blueprint("cause", __name__, "/lineage/cause")


@bp.get("")
@needs("lineage.read")
def index() -> ResponseReturnValue:
    """Show what went wrong first upstream of ``of``: 404 for an unknown node, 422 for a text that names none."""
    session, now = db.session(), utcnow()
    try:
        start = token(request.args.get("of", ""))
    except BadValueError as bad:
        raise Refused(Problem("bad_value", str(bad), "of", request.args.get("of", "")[:100])) from None
    if start.kind not in KINDS:
        raise Refused(Problem("bad_value", f"Use one of {', '.join(KINDS)}.", "of", str(start)[:100]))
    cause = cause_of(session, g.realm.id, start, now)
    source, answer = cause.way_from, None
    if source is not None:
        asked = Ask((source, cause.start.spot.token), Question((start,), direction="down"))
        answer = ways(session, g.realm.id, asked, now)
    return page(
        "lineage/path/cause.html",
        cause=cause,
        ways=answer,
        picture=picture(answer.picture) if answer is not None else None,
        trouble=trouble,
        began=began,
    )
