"""What is not kept: old deliveries, bodies, and what nobody needs any more."""

from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from app.config import Settings
from app.delivery.models import Attempt, Delivery, State
from app.delivery.tasks import task

BATCH = 1_000


@task("delivery.retention", every=3_600)
def keep(session: Session, realm_id: int, now: datetime) -> bool:
    """Take away up to 1,000 deliveries and bodies beyond their time and return whether there is more; flushes.

    Only deliveries that ended go, and bodies only of those, so nothing that is still to be sent loses what it needs.
    """
    settings: Settings = current_app.config["SETTINGS"]
    good, other, body = (
        now - timedelta(days=days)
        for days in (settings.delivery_days, settings.delivery_failed_days, settings.delivery_body_days)
    )
    gone = _removed(session, realm_id, (State.SUCCEEDED,), good)
    gone += _removed(session, realm_id, (State.FAILED, State.SKIPPED, State.CANCELLED), other)
    return gone + _emptied(session, realm_id, body) >= BATCH


def _removed(session: Session, realm_id: int, states: tuple[State, ...], before: datetime) -> int:
    old = (
        select(Delivery.id)
        .where(Delivery.state.in_(states), Delivery.created_at < before, Delivery.finished_at < before)
        .limit(BATCH)
    )
    ids = session.scalars(old).all()
    if ids:
        session.execute(delete(Attempt).where(Attempt.realm_id == realm_id, Attempt.delivery_id.in_(ids)))
        session.execute(delete(Delivery).where(Delivery.realm_id == realm_id, Delivery.id.in_(ids)))
    return len(ids)


def _emptied(session: Session, realm_id: int, before: datetime) -> int:
    ended = (State.SUCCEEDED, State.FAILED, State.SKIPPED, State.CANCELLED)
    has_request = or_(Delivery.request_body.is_not(None), Delivery.request_head.is_not(None))
    ids = session.scalars(
        select(Delivery.id)
        .where(Delivery.state.in_(ended), Delivery.created_at < before, Delivery.finished_at < before, has_request)
        .limit(BATCH)
    ).all()
    if ids:
        empty = {"request_body": None, "request_head": None}
        session.execute(update(Delivery).where(Delivery.realm_id == realm_id, Delivery.id.in_(ids)).values(**empty))
        answers = {"response_body": None, "response_head": None}
        session.execute(
            update(Attempt).where(Attempt.realm_id == realm_id, Attempt.delivery_id.in_(ids)).values(**answers)
        )
    return len(ids)
