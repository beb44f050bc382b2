"""How the background is doing, and what was parked."""

from uuid import UUID

from flask import current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.changes.actor import current_actor
from app.db import db, utcnow
from app.delivery.actions import deliveries as acts
from app.delivery.actions import parked
from app.delivery.queries import parked as queries
from app.delivery.reads.working import SILENT, nobody_works, working
from app.web.blueprints import realm_blueprint
from app.web.guard import needs
from app.web.page import page
from app.web.shell import may

bp = realm_blueprint("worker", __name__, "/delivery/worker")
SILENCE = "No worker was seen for a minute: nothing is sent, and nothing is told late. Start one with: headwater worker"


@bp.get("")
@needs("config")
def show() -> ResponseReturnValue:
    """Show workers, how far behind they are, tasks, and what is parked."""
    return page("delivery/worker/show.html", found=working(db.session()))


@bp.post("/deliveries/<uuid:delivery_id>/resumption")
@needs("config")
def resume(delivery_id: UUID) -> ResponseReturnValue:
    """Try a parked delivery again, or give it up with ``drop=1``: 303."""
    delivery = db.session.scalar(queries.parked_delivery(delivery_id))
    if delivery is None:
        raise NotFound
    again = request.form.get("drop") != "1"
    acts.unpark(db.session(), delivery, current_actor(), again=again)
    db.session.commit()
    flash("It is tried again." if again else "The delivery was given up.")
    return redirect(url_for(".show"), 303)


@bp.post("/tasks/<name>/resumption")
@needs("config")
def resume_task(name: str) -> ResponseReturnValue:
    """Let a parked task run at the next turn: 303."""
    turn = db.session.scalar(queries.turn_of(name))
    if turn is None:
        raise NotFound
    parked.resume_task(db.session(), turn, current_actor())
    db.session.commit()
    flash(f"The task {name} is tried again.")
    return redirect(url_for(".show"), 303)


def banner() -> str | None:
    """Return the words over pages of holders of config while nobody works: one statement for them, none for others.

    A process says nothing within its first minute, nor one that does not serve.
    """
    since = current_app.extensions.get("headwater.serving_since")
    if since is None or utcnow() - since < SILENT or "realm" not in g or not may("config"):
        return None
    return SILENCE if nobody_works(db.session()) else None
