"""Deliveries are tried out, repeated and given up; callbacks end them."""

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload
from uuid_utils.compat import uuid7

from app.accounts import tokens
from app.changes.actor import Actor
from app.changes.log import record
from app.changes.models import Change
from app.db import unscoped, utcnow
from app.delivery.models import Delivery, Hook, State
from app.delivery.queries import deliveries as queries
from app.refusal import Problem, Refused

PING = "test.ping"
MOST_REPLAYS = 1_000
ENDS = {"finished": State.SUCCEEDED, "succeeded": State.SUCCEEDED, "failed": State.FAILED}
FINAL = (State.SUCCEEDED, State.FAILED, State.SKIPPED, State.CANCELLED)


def test(session: Session, hook: Hook, seq: int | None, actor: Actor) -> Delivery:
    """Write down a ping, or a past change again, marked as a test; the caller leases and sends it. Flushes."""
    change, now = None, utcnow()
    if seq is not None:
        change = session.scalar(select(Change).where(Change.id == seq))
        if change is None:
            raise Refused(Problem("unknown_change", f"There is no change {seq}.", "/seq", seq))
    about = (change.kind, change.entity_id, change.label) if change else ("hook", str(hook.id), hook.name)
    delivery = Delivery(
        id=uuid7(), realm_id=hook.realm_id, hook_id=hook.id, seq=seq, type=change.verb if change else PING,
        kind=about[0], entity_id=about[1], label=about[2][:300], test=True, state=State.PENDING, next_attempt_at=now,
        deadline_at=now + timedelta(seconds=hook.timeout),
    )  # fmt: skip
    delivery.hook = hook
    session.add(delivery)
    record(session, "hook.used", "hook", hook.id, hook.name, actor, fields=[("test", None, delivery.type)])
    session.flush()
    return delivery


def replay(session: Session, delivery: Delivery, actor: Actor) -> None:
    """Send a delivery that ended once more, under its old id. Flushes; raises Refused (409) when it has not ended."""
    if not delivery.state.is_final or delivery.test:
        words = (
            "A test is not repeated." if delivery.test else f"This delivery is {delivery.state}; it did not end yet."
        )
        raise Refused(Problem("not_ended", words), status=409)
    _again(delivery, utcnow())
    fields = [("replays", delivery.replays - 1, delivery.replays)]
    record(session, "delivery.repeated", "delivery", delivery.id, delivery.label or delivery.type, actor, fields=fields)
    session.flush()


def replay_range(
    session: Session, hook: Hook, actor: Actor, *, states: Sequence[State], low: int | None, high: int | None,
    dry_run: bool = False,
) -> int:  # fmt: skip
    """Send a hook's deliveries of a range of changes once more and return how many. Flushes; raises Refused."""
    wrong = [state for state in states if state not in FINAL]
    if wrong or not states:
        raise Refused(Problem("bad_state", f"Use some of {', '.join(FINAL)}.", "/state"))
    found = session.scalars(queries.replayable(hook.id, states, low, high).limit(MOST_REPLAYS + 1)).all()
    if dry_run:
        return len(found)
    if len(found) > MOST_REPLAYS:
        raise Refused(Problem("too_many", f"At most {MOST_REPLAYS:,} at once: give a smaller range.", "/to_seq"))
    now = utcnow()
    for delivery in found:
        _again(delivery, now)
    fields = [("state", None, ", ".join(states)), ("from_seq", None, low), ("to_seq", None, high)]
    record(session, "hook.repeated", "hook", hook.id, hook.name, actor, fields=[*fields, ("count", None, len(found))])
    session.flush()
    return len(found)


def cancel(session: Session, delivery: Delivery, actor: Actor) -> None:
    """Give up a delivery that waits. Flushes; raises Refused (409) when it is being sent or has ended."""
    if delivery.state not in (State.PENDING, State.PAUSED, State.WAITING):
        raise Refused(Problem("too_late", f"This delivery is {delivery.state}."), status=409)
    before = delivery.state
    _end(delivery, State.CANCELLED, "by_hand", utcnow())
    fields = [("state", before, delivery.state)]
    record(
        session, "delivery.cancelled", "delivery", delivery.id, delivery.label or delivery.type, actor, fields=fields
    )
    session.flush()


def unpark(session: Session, delivery: Delivery, actor: Actor, *, again: bool) -> None:
    """Try a parked delivery again, or give it up. Flushes."""
    delivery.parked_at, delivery.faults = None, 0
    if again:
        delivery.next_attempt_at = utcnow()
    else:
        _end(delivery, State.CANCELLED, "parked", utcnow())
    verb = "delivery.resumed" if again else "delivery.cancelled"
    record(session, verb, "delivery", delivery.id, delivery.label or delivery.type, actor)
    session.flush()


def opened(session: Session, delivery_id: UUID, token: str) -> Delivery | None:
    """Return the delivery a token speaks for, locked; None when the token is another's, expired or none at all."""
    with unscoped(session, "the token of a callback finds its realm"):
        query = select(Delivery).options(joinedload(Delivery.hook)).where(Delivery.id == delivery_id)
        delivery = session.scalar(query.with_for_update(of=Delivery))
    return delivery if delivery is not None and _knows(delivery, token, utcnow()) else None


def called_back(
    session: Session, delivery: Delivery, status: str, *, message: str = "", progress: float | None = None
) -> None:
    """Take what a receiver says: the first end wins, the same again changes nothing.

    Flushes; raises Refused (409) on another end than the first, and on anything but an end afterwards.
    """
    end, now = ENDS.get(status), utcnow()
    if delivery.state.is_final:
        if end is not delivery.state:
            raise Refused(Problem("ended", f"The delivery is {delivery.state} already."), status=409)
        return
    delivery.progress, delivery.callback_message = progress, message[:500] or None
    if end is not None:
        _end(delivery, end, "callback" if end is State.FAILED else None, now)
        if delivery.hook is not None and not delivery.test:
            _count(delivery.hook, end, now)
    session.flush()


def _knows(delivery: Delivery, token: str, now: datetime) -> bool:
    if delivery.callback_hash is None or delivery.deadline_at is None:
        return False
    fits = hmac.compare_digest(bytes(delivery.callback_hash), tokens.digest(token))
    return fits and delivery.deadline_at > now and delivery.attempts + (delivery.state is State.SENDING) > 0


def _count(hook: Hook, end: State, now: datetime) -> None:
    if end is State.FAILED:
        hook.failures_in_row, hook.last_failure_at = hook.failures_in_row + 1, now
    else:
        hook.failures_in_row, hook.last_success_at = 0, now


def _again(delivery: Delivery, now: datetime) -> None:
    paused = delivery.hook is not None and not delivery.hook.enabled
    delivery.state = State.PAUSED if paused else State.PENDING
    delivery.reason, delivery.finished_at, delivery.next_attempt_at = "replay", None, now
    delivery.tried, delivery.replays = 0, delivery.replays + 1
    delivery.callback_hash = delivery.callback_token = delivery.progress = delivery.callback_message = None


def _end(delivery: Delivery, state: State, reason: str | None, now: datetime) -> None:
    delivery.state, delivery.lease_until, delivery.worker = state, None, None
    delivery.reason, delivery.finished_at, delivery.callback_token = reason, now, None
