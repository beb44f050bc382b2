"""Which deliveries are due, and taking them so that no two workers have one at the same time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.accounts import tokens
from app.config import Settings
from app.db import unscoped
from app.delivery.models import Attempt, Delivery, Hook, State
from app.delivery.sealing import seal

LEASE = timedelta(seconds=60)
MOST_HOOKS = 1_000


@dataclass(frozen=True, slots=True)
class Due:
    """A hook with something to send, or with ``hook_id`` null our own mail: how many more may go now, of how many."""

    realm_id: int
    hook_id: UUID | None
    free: int
    most: int = 4
    ordered: bool = False
    ailing: bool = False


def due(session: Session, now: datetime) -> list[Due]:
    """Return who has something due, each with what it may send beside what is being sent: two statements, no lock."""
    with unscoped(session, "the worker sends for all realms"):
        hooks = session.execute(_due_hooks(), {"now": now}).all()
        realms = session.scalars(_due_mail(), {"now": now}).all()
    found = [
        Due(hook.realm_id, hook.id, most - sending, most, hook.ordered, hook.failing_since is not None)
        for hook, sending in hooks
        for most in (1 if hook.ordered else hook.concurrency,)
    ]
    return [each for each in found if each.free > 0] + [Due(realm_id, None, 4) for realm_id in realms]


def claim(session: Session, wanted: Due, worker: str, now: datetime) -> list[UUID]:
    """Take up to ``wanted.free`` deliveries of a hook and return their ids; flushes, does not commit."""
    own = Delivery.hook_id == wanted.hook_id if wanted.hook_id else Delivery.hook_id.is_(None)
    query = select(Delivery).where(Delivery.realm_id == wanted.realm_id, own).limit(wanted.free)
    if wanted.ordered:
        # The first by sequence, due or not: those behind it wait.
        opened = (State.PENDING, State.SENDING, State.WAITING)
        query = query.where(Delivery.state.in_(opened)).order_by(Delivery.seq, Delivery.id)
    else:
        query = query.where(*_is_due(Delivery, now)).order_by(Delivery.next_attempt_at, Delivery.id)
    with unscoped(session, "the worker names the realm in the statement itself"):
        # In order, a worker waits for the one who has the first instead of taking the second.
        found = session.scalars(query.with_for_update(skip_locked=not wanted.ordered)).all()
        hook = session.get(Hook, wanted.hook_id) if wanted.hook_id else None
    ready = [one for one in found if one.state is State.PENDING and one.next_attempt_at <= now and not one.parked_at]
    for delivery in ready:
        lease(delivery, hook, worker, now)
    session.flush()
    return [delivery.id for delivery in ready]


def lease(delivery: Delivery, hook: Hook | None, worker: str, now: datetime) -> None:
    """Mark a delivery as being sent by a worker; gives it the token of its callback when the hook wants one."""
    delivery.state, delivery.worker, delivery.lease_until = State.SENDING, worker, now + LEASE
    if hook is None or not hook.target.get("callback"):
        return
    delivery.deadline_at = now + timedelta(seconds=hook.timeout)
    if delivery.callback_token is None:
        token = tokens.new_token()
        settings: Settings = current_app.config["SETTINGS"]
        delivery.callback_hash, delivery.callback_token = tokens.digest(token), seal(settings, token)


def forgotten(session: Session, now: datetime) -> tuple[bool, list[int]]:
    """Return whether a worker lost something, and the realms where a callback is overdue: two statements, no lock."""
    lost = select(Delivery.id).where(Delivery.state == State.SENDING, Delivery.lease_until < now).limit(1)
    late = select(Delivery.realm_id).where(Delivery.state == State.WAITING, Delivery.deadline_at < now).distinct()
    with unscoped(session, "the worker looks after all realms"):
        return session.scalar(lost) is not None, list(session.scalars(late))


def recover(session: Session, now: datetime) -> int:
    """Give back what a worker took and did not finish within its lease, each with a word on it; flushes."""
    lost = select(Delivery).where(Delivery.state == State.SENDING, Delivery.lease_until < now).limit(200)
    with unscoped(session, "the worker looks after all realms"):
        found = session.scalars(lost.with_for_update(skip_locked=True)).all()
        for delivery in found:
            delivery.attempts += 1
            session.add(Attempt(
                realm_id=delivery.realm_id, delivery_id=delivery.id, number=delivery.attempts,
                at=(delivery.lease_until or now) - LEASE, duration_ms=0,
                error="the worker went away during this attempt; it is made again",
            ))  # fmt: skip
            give(delivery, now)
        session.flush()
    return len(found)


def give_back(session: Session, worker: str, ids: Sequence[UUID], now: datetime) -> None:
    """Give back what this worker took and will not finish; flushes."""
    with unscoped(session, "the worker gives back what it took, by its own name"):
        mine = select(Delivery).where(
            Delivery.id.in_(ids), Delivery.worker == worker, Delivery.state == State.SENDING
        ).with_for_update()  # fmt: skip
        for delivery in session.scalars(mine):
            give(delivery, now)
        session.flush()


def give(delivery: Delivery, now: datetime) -> None:
    """Make a delivery due again; a test is not repeated."""
    delivery.worker, delivery.lease_until, delivery.next_attempt_at = None, None, now
    delivery.state = State.FAILED if delivery.test else State.PENDING
    if delivery.test:
        delivery.reason, delivery.finished_at = "lost", now


def _is_due(table: Any, now: Any) -> tuple[Any, ...]:
    return table.state == State.PENDING, table.next_attempt_at <= now, table.parked_at.is_(None)


@cache
def _due_mail() -> Any:
    own = Delivery.hook_id.is_(None)
    return select(Delivery.realm_id).where(own, *_is_due(Delivery, bindparam("now"))).distinct().limit(100)


@cache
def _due_hooks() -> Any:
    now: Any = bindparam("now")
    waiting, running = aliased(Delivery), aliased(Delivery)
    is_due = (
        select(waiting.id)
        .where(waiting.realm_id == Hook.realm_id, waiting.hook_id == Hook.id, *_is_due(waiting, now))
        .limit(1)
        .exists()
    )
    busy = or_(running.state == State.SENDING, (running.state == State.WAITING) & Hook.ordered)
    sending = (
        select(func.count(running.id))
        .where(running.realm_id == Hook.realm_id, running.hook_id == Hook.id, busy)
        .scalar_subquery()
    )
    return select(Hook, sending).where(Hook.enabled, is_due).limit(MOST_HOOKS)
