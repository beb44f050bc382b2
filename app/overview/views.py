"""The overview of a realm."""

from flask import request
from flask.typing import ResponseReturnValue

from app.db import db, utcnow
from app.jobs import asked
from app.overview.reads import is_empty, overview
from app.web.blueprints import realm_blueprint
from app.web.guard import needs
from app.web.page import page
from app.web.shell import may

bp = realm_blueprint("overview", __name__, "/overview")


@bp.get("")
@needs("lineage.read", "jobs.read")
def index() -> ResponseReturnValue:
    """Show how the realm is; one without events shows how to send the first."""
    session = db.session()
    if is_empty(session):
        return page("overview/empty.html", server=request.host_url.rstrip("/"))
    view = overview(session, utcnow(), sees_runs=asked.sees_all(), sees_data=may("lineage.read"))
    return page("overview/index.html", view=view)
