"""Pages of events as they came: the list, and one with what it set."""

from flask import Flask, Response
from flask.typing import ResponseReturnValue

from app.db import db
from app.lineage.arrivals import event_listing, found_events
from app.lineage.bodies import ndjson
from app.lineage.openlineage.decode import encode
from app.lineage.openlineage.deviations import deviations
from app.lineage.queries import events as queries
from app.lineage.reads.kept import taken
from app.lineage.reads.provenance import touched
from app.lineage.show import shown_body
from app.lineage.views.retention import gone
from app.web.blueprints import realm_blueprint
from app.web.guard import needs
from app.web.kinds import entity_kind
from app.web.nav import nav_item
from app.web.page import page

bp = realm_blueprint("events", __name__, "/lineage/events")


def init(app: Flask) -> None:
    """Register navigation and the kind."""
    del app
    nav_item("Intake", "Events", "events.index", ("lineage.read",), "scroll-text", 20)
    entity_kind("event", label="Event", endpoint="events.show", arg="event_id")


@bp.get("")
@needs("lineage.read")
def index() -> ResponseReturnValue:
    """List events, newest first; ``?format=csv|json`` exports what is told of them."""
    kept = taken(db.session()).get("events")
    return found_events().answer("lineage/events/index.html", taken=kept, kinds=queries.KINDS, sources=queries.SOURCES)


@bp.get("/ndjson")
@needs("lineage.read")
def bodies() -> Response:
    """Export the events of the list themselves, one a line."""
    return ndjson(event_listing())


@bp.get("/<int:event_id>")
@needs("lineage.read")
def show(event_id: int) -> ResponseReturnValue:
    """Show one event, what it set, and where it departs from the specification."""
    event = db.session.scalar(queries.event(event_id))
    if event is None:
        return gone("events")
    body = shown_body(event.body)
    return page(
        "lineage/events/show.html",
        event=event,
        body=body,
        text=encode(body),
        touched=touched(db.session(), event),
        deviations=deviations(event.body),
    )
