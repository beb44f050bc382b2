"""Deliveries and workers for programs."""

from uuid import UUID

from flask import jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.changes.actor import current_actor
from app.db import db
from app.delivery import asked, fields
from app.delivery.actions import deliveries as acts
from app.delivery.models import Delivery
from app.delivery.queries import deliveries as queries
from app.delivery.reads.working import working
from app.web.answers import items, shown
from app.web.blueprints import api_blueprint
from app.web.export import plain
from app.web.guard import needs
from app.web.keyset import keyset
from app.web.shell import may

bp = api_blueprint("api_deliveries", __name__, "/api/v1/delivery")


@bp.get("/deliveries")
@needs("delivery.write", "report")
def index() -> ResponseReturnValue:
    """Answer one page of deliveries; the filters are those of the page."""
    listing, wanted = asked.deliveries(request.args)
    rest = queries.narrower(listing.q)
    return items(keyset(queries.deliveries(wanted), listing, queries.SORTS, rest=rest), fields.DELIVERY)


@bp.get("/deliveries/<uuid:delivery_id>")
@needs("delivery.write", "report")
def show(delivery_id: UUID) -> ResponseReturnValue:
    """Answer one delivery with its attempts; bodies for holders of delivery.write."""
    delivery = _delivery(delivery_id)
    attempts = list(db.session.scalars(queries.attempts(delivery_id)))
    return shown(delivery, fields.whole(delivery, attempts, bodies=may("delivery.write")))


@bp.post("/deliveries/<uuid:delivery_id>/replay")
@needs("delivery.write")
def replay(delivery_id: UUID) -> ResponseReturnValue:
    """Send a delivery that ended once more, under its old id; 409 when it has not ended."""
    delivery = _delivery(delivery_id)
    acts.replay(db.session(), delivery, current_actor())
    db.session.commit()
    return shown(delivery, fields.DELIVERY)


@bp.post("/deliveries/<uuid:delivery_id>/cancellation")
@needs("delivery.write")
def cancel(delivery_id: UUID) -> ResponseReturnValue:
    """Give up a delivery that waits; 409 when it ended."""
    delivery = _delivery(delivery_id)
    acts.cancel(db.session(), delivery, current_actor())
    db.session.commit()
    return shown(delivery, fields.DELIVERY)


@bp.get("/worker")
@needs("config", "delivery.write")
def worker() -> ResponseReturnValue:
    """Answer workers, how far behind they are, and what is parked."""
    now = working(db.session())
    rows = ((now.workers, fields.WORKER), (now.turns, fields.TURN))
    workers, turns = ([{name: plain(make(row)) for name, make in of.items()} for row in found] for found, of in rows)
    numbers = {name: plain(getattr(now, name)) for name in ("lag", "queued", "oldest_due_at", "last_sign_at")}
    parked = [{"id": str(one.id), "label": one.label, "error": one.fault} for one in now.parked]
    return jsonify({**numbers, "workers": workers, "tasks": turns, "parked": parked})


def _delivery(delivery_id: UUID) -> Delivery:
    found: Delivery | None = db.session.scalar(queries.delivery(delivery_id))
    if found is None:
        raise NotFound
    return found
