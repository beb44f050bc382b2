"""Deliveries: the log, one with its attempts, tests and repetitions."""

import json
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.changes.actor import current_actor
from app.db import db
from app.delivery import asked, fields
from app.delivery.actions import deliveries as acts
from app.delivery.models import Delivery, Hook, State
from app.delivery.queries import deliveries as queries
from app.delivery.queries import hooks as hook_queries
from app.delivery.testing import sent_now
from app.refusal import Problem, Refused
from app.web.blueprints import realm_blueprint
from app.web.export import export
from app.web.guard import needs
from app.web.keyset import keyset
from app.web.kinds import label_of, url_of
from app.web.page import page
from app.web.shell import may
from app.web.whole import whole

bp = realm_blueprint("deliveries", __name__, "/delivery")
BIGGEST = 2**62


@bp.get("/deliveries")
@needs("delivery.write", "report")
def index() -> ResponseReturnValue:
    """List deliveries, newest first; filters hook, state, type, since and until hold together."""
    listing, wanted = asked.deliveries(request.args)
    select, rest = queries.deliveries(wanted), queries.narrower(listing.q)
    if listing.format:
        return export(listing, select, queries.SORTS, fields.DELIVERY, name="deliveries", rest=rest)
    rows = keyset(select, listing, queries.SORTS, rest=rest)
    hooks = db.session.execute(hook_queries.names()).all()
    return page("delivery/deliveries/index.html", listing=listing, rows=rows, hooks=hooks, states=list(State))


@bp.get("/deliveries/<uuid:delivery_id>")
@needs("delivery.write", "report")
def show(delivery_id: UUID) -> ResponseReturnValue:
    """Show one delivery: what it is about, what was sent, and every answer."""
    delivery = _delivery(delivery_id)
    return page(
        "delivery/deliveries/show.html",
        delivery=delivery,
        attempts=db.session.scalars(queries.attempts(delivery_id)).all(),
        bodies=may("delivery.write"),
        sent=readable(delivery.request_body or ""),
        label_of=label_of,
        url_of=url_of,
    )


@bp.post("/deliveries/<uuid:delivery_id>/replay")
@needs("delivery.write")
def replay(delivery_id: UUID) -> ResponseReturnValue:
    """Send a delivery that ended once more, under its old id: 303, 409."""
    acts.replay(db.session(), _delivery(delivery_id), current_actor())
    db.session.commit()
    flash("It is sent once more, under its old id.")
    return redirect(url_for(".show", delivery_id=delivery_id), 303)


@bp.post("/deliveries/<uuid:delivery_id>/cancellation")
@needs("delivery.write")
def cancel(delivery_id: UUID) -> ResponseReturnValue:
    """Give up a delivery that waits: 303, 409."""
    acts.cancel(db.session(), _delivery(delivery_id), current_actor())
    db.session.commit()
    flash("The delivery was given up.")
    return redirect(url_for(".show", delivery_id=delivery_id), 303)


@bp.post("/hooks/<uuid:hook_id>/test")
@needs("delivery.write")
def test(hook_id: UUID) -> ResponseReturnValue:
    """Send a ping, or the change ``seq``, now: 303 to how it went."""
    seq = _seq("seq")
    made = acts.test(db.session(), _hook(hook_id), seq, current_actor())
    tried = sent_now(db.session(), made)
    flash(f"The test was sent: {tried.delivery.state}.")
    return redirect(url_for(".show", delivery_id=made.id), 303)


@bp.get("/hooks/<uuid:hook_id>/replay")
@needs("delivery.write")
def ask_replay(hook_id: UUID) -> ResponseReturnValue:
    """Show how many deliveries of a hook the range in the URL would send once more."""
    hook, state = _hook(hook_id), _state(request.args.get("state", "failed"))
    low, high = _seq("from_seq"), _seq("to_seq")
    count = acts.replay_range(db.session(), hook, current_actor(), states=[state], low=low, high=high, dry_run=True)
    most = acts.MOST_REPLAYS
    return page("delivery/hooks/replay.html", hook=hook, state=state, low=low, high=high, count=count, most=most)


@bp.post("/hooks/<uuid:hook_id>/replay")
@needs("delivery.write")
def replay_range(hook_id: UUID) -> ResponseReturnValue:
    """Send the deliveries of a range once more: 303 to the log."""
    hook, state = _hook(hook_id), _state(request.form.get("state", ""))
    low, high = _seq("from_seq"), _seq("to_seq")
    count = acts.replay_range(db.session(), hook, current_actor(), states=[state], low=low, high=high)
    db.session.commit()
    flash(f"{count:,} deliveries of “{hook.name}” are sent once more.")
    return redirect(url_for(".index", hook=hook.id), 303)


def readable(body: str) -> str:
    """Return JSON laid out over lines, other text as it is."""
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except ValueError:
        return body


def _hook(hook_id: UUID) -> Hook:
    found: Hook | None = db.session.scalar(hook_queries.hook(hook_id))
    if found is None:
        raise NotFound
    return found


def _delivery(delivery_id: UUID) -> Delivery:
    found: Delivery | None = db.session.scalar(queries.delivery(delivery_id))
    if found is None:
        raise NotFound
    return found


def _state(text: str) -> State:
    if text not in list(State):
        raise Refused(Problem("unknown_state", f"Use one of {', '.join(acts.FINAL)}.", "state", text[:100]))
    return State(text)


def _seq(name: str) -> int | None:
    text = request.values.get(name, "").strip()
    number = whole(text, BIGGEST) if text else None
    if text and number is None:
        raise Refused(Problem("bad_number", "Enter the number of a change.", name, text[:100]))
    return number
