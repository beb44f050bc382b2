"""A page to try an event on: what it would create and change, with nothing stored."""

from flask import Flask, current_app, g, request
from flask.typing import ResponseReturnValue

from app.changes.actor import current_actor
from app.db import db
from app.lineage.ingest import Arrival, read
from app.lineage.openlineage.deviations import deviations
from app.lineage.openlineage.place import mark
from app.lineage.openlineage.problem import BadEvent
from app.lineage.preview import preview
from app.lineage.store.batch import Origin
from app.web.blueprints import realm_blueprint
from app.web.guard import needs, unlogged
from app.web.nav import nav_item
from app.web.page import page

bp = realm_blueprint("inspect", __name__, "/lineage/inspect")


def init(app: Flask) -> None:
    """Register the navigation."""
    del app
    nav_item("Intake", "Inspect", "inspect.index", ("lineage.read",), "eye", 50)


@bp.get("")
@needs("lineage.read")
def index() -> ResponseReturnValue:
    """Show the form."""
    return page("lineage/inspect/index.html", text="", bad=None, found=None)


@bp.post("")
@needs("lineage.read")
@unlogged("nothing is stored")
def check() -> ResponseReturnValue:
    """Show what the event would do, or 422 with every reason why it would be refused."""
    text = request.form.get("event", "").strip()
    event = read(Arrival(text.encode(), Origin("http")), mask=current_app.config["SETTINGS"].mask == "store")
    if isinstance(event, BadEvent):
        marked = mark(text, event.path, event.problems[0].detail)
        return page("lineage/inspect/index.html", 422, text=text, bad=event, marked=marked, found=None)
    session = db.session()
    found = preview(session, g.realm.id, event, current_actor())
    session.rollback()
    return page("lineage/inspect/index.html", text=text, bad=None, found=found, deviations=deviations(text))
