"""What becomes of a delivery after an attempt."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.changes.actor import SYSTEM
from app.config import Settings
from app.delivery.actions.switching import disable
from app.delivery.models import Attempt, Delivery, Hook, State
from app.delivery.retrying import next_attempt, schedule
from app.delivery.sending.answer import Answer
from app.delivery.worker.prepare import Ready, Skip

FAILURES = 10
SILENCE = timedelta(days=5)
GONE = 410


@dataclass(frozen=True, slots=True)
class Done:
    """An attempt that is over: when it began, how long it took in milliseconds, what was sent and came back."""

    at: datetime
    took_ms: int
    ready: Ready
    answer: Answer


def skipped(session: Session, delivery: Delivery, skip: Skip, now: datetime) -> None:
    """End a delivery that is not sent; an owner who may do nothing here any more pauses the hook. Flushes."""
    hook = _locked(session, delivery)
    if skip.reason == "owner_inactive" and hook is not None and not delivery.test:
        _free(delivery, State.PENDING)
        if hook.enabled:
            disable(session, hook, skip.reason, SYSTEM)
        else:
            delivery.state = State.PAUSED
    else:
        _end(delivery, State.SKIPPED, skip.reason, now)
    session.flush()


def settle(session: Session, delivery: Delivery, worker: str, done: Done, now: datetime) -> None:
    """Write an attempt down and say what happens next; flushes, does not commit.

    A delivery that was ended by its callback meanwhile, or taken over by another worker, keeps its state.
    """
    hook = _locked(session, delivery)
    delivery.attempts += 1
    answer = done.answer
    session.add(Attempt(
        realm_id=delivery.realm_id, delivery_id=delivery.id, number=delivery.attempts, at=done.at,
        duration_ms=done.took_ms, status=answer.status, error=answer.error, response_head=answer.head,
        response_body=answer.body,
    ))  # fmt: skip
    delivery.request_head, delivery.request_body = done.ready.head, done.ready.body
    delivery.status = answer.status
    if delivery.state is State.SENDING and delivery.worker == worker:
        delivery.tried += 1
        _take(delivery, done, now) if answer.is_good else _miss(delivery, hook, answer, now)
    if hook is not None and not delivery.test:
        _count(session, hook, delivery, answer, now)
    session.flush()


def _take(delivery: Delivery, done: Done, now: datetime) -> None:
    if done.ready.wants_callback:
        _free(delivery, State.WAITING)
        delivery.callback_token = None
    else:
        _end(delivery, State.SUCCEEDED, None, now)


def _miss(delivery: Delivery, hook: Hook | None, answer: Answer, now: datetime) -> None:
    most = hook.max_attempts if hook is not None else 10
    if answer.fatal or answer.status == GONE or delivery.tried >= most or delivery.test:
        reason = answer.fatal or ("gone" if answer.status == GONE else "attempts")
        _end(delivery, State.FAILED, reason, now)
        return
    settings: Settings = current_app.config["SETTINGS"]
    _free(delivery, State.PENDING)
    spread = random.random()  # noqa: S311 - it keeps receivers from being called at the same moment, nothing more
    delivery.next_attempt_at = next_attempt(
        now, delivery.tried, schedule(settings.retry_seconds), spread, answer.retry_after
    )
    delivery.reason = "retrying"


def _count(session: Session, hook: Hook, delivery: Delivery, answer: Answer, now: datetime) -> None:
    """Keep the hook's counters, and disable it when its receiver is gone or has failed for too long."""
    if answer.is_good:
        hook.failures_in_row, hook.failing_since, hook.last_success_at = 0, None, now
        return
    hook.last_failure_at, hook.failing_since = now, hook.failing_since or now
    if delivery.state is State.FAILED:
        hook.failures_in_row += 1
    if not hook.enabled:
        if delivery.state is State.PENDING:
            delivery.state = State.PAUSED
        return
    if answer.status == GONE:
        disable(session, hook, "gone", SYSTEM)
    elif hook.failures_in_row >= FAILURES or now - hook.failing_since >= SILENCE:
        disable(session, hook, "failing", SYSTEM)


def overdue(session: Session, now: datetime) -> int:
    """End deliveries of the realm whose callback did not come, and return how many; flushes."""
    realm_id = session.info["realm_id"]
    late = select(Delivery).where(Delivery.state == State.WAITING, Delivery.deadline_at < now).limit(500)
    found = session.scalars(late.with_for_update(skip_locked=True)).all()
    for delivery in found:
        _end(delivery, State.FAILED, "callback_timeout", now)
        if not delivery.test:
            session.execute(
                update(Hook).where(Hook.realm_id == realm_id, Hook.id == delivery.hook_id)
                .values(failures_in_row=Hook.failures_in_row + 1, last_failure_at=now)
            )  # fmt: skip
    session.flush()
    return len(found)


def _locked(session: Session, delivery: Delivery) -> Hook | None:
    if delivery.hook_id is None:
        return None
    query = select(Hook).where(Hook.id == delivery.hook_id).with_for_update()
    return session.scalar(query.execution_options(populate_existing=True))


def _free(delivery: Delivery, state: State) -> None:
    delivery.state, delivery.lease_until, delivery.worker = state, None, None


def _end(delivery: Delivery, state: State, reason: str | None, now: datetime) -> None:
    _free(delivery, state)
    delivery.reason, delivery.finished_at, delivery.callback_token = reason, now, None
