"""GET /api/v1/lineage/events, rejections and facts: what came in, what was refused, what it amounts to."""

from flask import g, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.changes.actor import current_actor
from app.db import db
from app.lineage.api.sender import settings
from app.lineage.arrivals import found_events, found_rejections
from app.lineage.facts import SHAPES
from app.lineage.fields import EVENTS, REJECTIONS
from app.lineage.models import RawEvent, Rejection
from app.lineage.queries import events as queries
from app.lineage.rejections import replay
from app.lineage.show import shown_body
from app.refusal import Problem, Refused
from app.web.answers import items, shown
from app.web.blueprints import api_blueprint
from app.web.guard import needs

bp = api_blueprint("lineage_arrived", __name__, "/api/v1/lineage")


@bp.get("/events")
@needs("lineage.read")
def events() -> ResponseReturnValue:
    """List events newest first; ``since``, ``until``, ``run``, ``job``, ``kind``, ``type``, ``source`` narrow it."""
    return items(found_events().page(), EVENTS)


@bp.get("/events/<int:event_id>")
@needs("lineage.read")
def event(event_id: int) -> ResponseReturnValue:
    """Answer one event with its body, secrets masked."""
    select = queries.events(queries.Wanted()).where(RawEvent.id == event_id)
    row = db.session.execute(select).one_or_none()
    found = db.session.scalar(queries.event(event_id))
    if row is None or found is None:
        raise NotFound
    return shown(row, {**EVENTS, "body": lambda _row: shown_body(found.body)})


@bp.get("/rejections")
@needs("lineage.write")
def rejections() -> ResponseReturnValue:
    """List refused bodies newest first, without those that were replayed."""
    return items(found_rejections().page(), REJECTIONS)


@bp.get("/rejections/<int:rejection_id>")
@needs("lineage.write")
def rejection(rejection_id: int) -> ResponseReturnValue:
    """Answer one refused body."""
    return shown(_rejection(rejection_id), {**REJECTIONS, "body": lambda row: row.body})


@bp.post("/rejections/<int:rejection_id>/replay")
@needs("lineage.write")
def replay_one(rejection_id: int) -> ResponseReturnValue:
    """Send a refused body through ingest again: 200 with the event, 409 without a replay, 422 if still refused."""
    row = _rejection(rejection_id)
    done = replay(db.session(), g.realm.id, [row], current_actor(), mask=settings().mask == "store")
    if done.refused:
        db.session.rollback()
        raise Refused(done.refused[0][1])
    db.session.commit()
    return jsonify({"status": "accepted", "event": done.events[0]})


@bp.get("/facts")
@needs("lineage.read")
def facts() -> ResponseReturnValue:
    """Answer what all events of the realm amount to; ``shape`` is sets (default) or full."""
    make = SHAPES.get(request.args.get("shape", "sets"))
    if make is None:
        raise Refused(Problem("unknown_shape", f"Use one of {', '.join(SHAPES)}.", "shape"))
    return jsonify(make(db.session(), g.realm.id))


def _rejection(rejection_id: int) -> Rejection:
    row = db.session.scalar(queries.rejection(rejection_id))
    if row is None:
        raise NotFound
    return row
