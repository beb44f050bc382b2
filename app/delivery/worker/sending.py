"""Sends what was taken: prepared from the database, sent with no transaction open, then written down."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from uuid import UUID

import structlog
from flask import Flask
from sqlalchemy.orm import Session

from app.db import db, scope, unscoped, utcnow
from app.delivery.models import Delivery, State
from app.delivery.queries import deliveries as queries
from app.delivery.worker.claims import give
from app.delivery.worker.patience import begin, write
from app.delivery.worker.prepare import Ready, Skip, prepare, send
from app.delivery.worker.settle import Done, settle, skipped

Change = Callable[[Delivery, datetime], None]
log = structlog.get_logger()
FAULTS = 5


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery that a worker took; nobody else has it while its lease lasts."""

    realm_id: int
    delivery_id: UUID
    worker: str


def carry_out(app: Flask, taken: Taken) -> None:
    """Send one delivery and write down what came of it; an error of ours is kept with it and parks it in the end."""
    with app.app_context():
        session = db.session()
        scope(session, taken.realm_id)
        try:
            attempt(session, taken)
        except Exception:
            session.rollback()
            log.exception("a delivery could not be carried out", delivery=str(taken.delivery_id))
            _fault(session, taken, traceback.format_exc(limit=-3))


def attempt(session: Session, taken: Taken, *, begun: bool = False) -> None:
    """Make one attempt with the session of the realm; commits, first what was ``begun`` in its transaction."""
    if begun:
        session.commit()
    session.info["read_only"] = True
    delivery = _delivery(session, taken)
    if delivery is None or delivery.state is not State.SENDING or delivery.worker != taken.worker:
        session.rollback()
        return
    began = utcnow()
    ready = prepare(session, delivery, began)
    session.rollback()
    if isinstance(ready, Skip):
        _write(session, taken, lambda found, now: skipped(session, found, ready, now))
        return
    done = _sent(ready, began)
    _write(session, taken, lambda found, now: settle(session, found, taken.worker, done, now))


def _sent(ready: Ready, began: datetime) -> Done:
    clock = monotonic()
    answer = send(ready)
    return Done(began, round((monotonic() - clock) * 1_000), ready, answer)


def _delivery(session: Session, taken: Taken, *, lock: bool = False) -> Delivery | None:
    query = queries.delivery(taken.delivery_id).execution_options(populate_existing=True)
    found: Delivery | None = session.scalar(query.with_for_update(of=Delivery) if lock else query)
    return found


def _write(session: Session, taken: Taken, change: Change) -> None:
    """Write down what came of an attempt; what was sent once must not be sent again because a lock was held."""

    def once() -> None:
        delivery = _delivery(session, taken, lock=True)
        if delivery is not None:
            change(delivery, utcnow())

    write(session, once)


def _fault(session: Session, taken: Taken, words: str) -> None:
    begin(session)
    with unscoped(session, "the delivery is found by the id that was taken"):
        delivery = session.get(Delivery, taken.delivery_id, populate_existing=True, with_for_update=True)
    if delivery is None or delivery.worker != taken.worker:
        session.rollback()
        return
    now = utcnow()
    delivery.faults, delivery.fault = delivery.faults + 1, words[-2_000:]
    give(delivery, now)
    if delivery.faults >= FAULTS:
        delivery.parked_at = now
    session.commit()
