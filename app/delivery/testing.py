"""A test is sent while somebody waits for it."""

from typing import NamedTuple
from uuid import uuid4

from sqlalchemy.orm import Session

from app.db import utcnow
from app.delivery.models import Attempt, Delivery
from app.delivery.queries import deliveries as queries
from app.delivery.worker.claims import lease
from app.delivery.worker.sending import Taken, attempt


class Tried(NamedTuple):
    """The delivery as it is afterwards, and its attempt unless nothing was sent."""

    delivery: Delivery
    attempt: Attempt | None


def sent_now(session: Session, delivery: Delivery) -> Tried:
    """Send a delivery that was just written down, with no transaction open meanwhile, and return how it went."""
    worker = f"request {uuid4().hex[:8]}"
    lease(delivery, delivery.hook, worker, utcnow())
    session.flush()
    taken = Taken(delivery.realm_id, delivery.id, worker)
    attempt(session, taken, begun=True)
    found = session.scalar(queries.delivery(taken.delivery_id).execution_options(populate_existing=True))
    return Tried(found or delivery, session.scalar(queries.attempts(taken.delivery_id).limit(1)))
