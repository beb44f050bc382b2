"""The change log for programs; it can only be read."""

from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.changes import queries
from app.changes.views import FIELDS, found
from app.db import db
from app.web.answers import items, shown
from app.web.blueprints import api_blueprint
from app.web.guard import needs

bp = api_blueprint("api_changes", __name__, "/api/v1/changes")


@bp.get("")
@needs("report", "auth", "root")
def index() -> ResponseReturnValue:
    """Answer one page of changes as {"items", "next"}; the filters are those of the page."""
    return items(found().page(), FIELDS)


@bp.get("/<int:change_id>")
@needs("report", "auth", "root")
def show(change_id: int) -> ResponseReturnValue:
    """Answer one change, or 404."""
    change = db.session.scalar(queries.change(change_id))
    if change is None:
        raise NotFound
    return shown(change, FIELDS)
