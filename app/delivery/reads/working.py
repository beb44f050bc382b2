"""How the background is doing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.changes.models import Change
from app.db import unscoped, utcnow
from app.delivery.models import Delivery, Lease, State, Turn, Worker

SILENT = timedelta(seconds=60)
MOST = 10_001


@dataclass(frozen=True, slots=True)
class Working:
    """Workers of the installation, tasks and parked deliveries of the realm, and how far behind it all is.

    ``lag`` counts changes nobody looked at yet, ``queued`` the realm's deliveries that are due, both up to 10,001.
    """

    now: datetime
    workers: list[Worker]
    turns: list[Turn]
    parked: list[Delivery]
    lag: int
    queued: int
    oldest_due_at: datetime | None

    @property
    def last_sign_at(self) -> datetime | None:
        """Return when any worker was last seen, None when none is known."""
        return max((worker.last_seen_at for worker in self.workers), default=None)

    @property
    def silent_before(self) -> datetime:
        """Return since when a worker has to have been seen."""
        return self.now - SILENT

    @property
    def is_silent(self) -> bool:
        """Return whether no worker was seen for a minute."""
        seen = self.last_sign_at
        return seen is None or seen < self.silent_before


def working(session: Session) -> Working:
    """Return it, with five statements."""
    now = utcnow()
    due = (Delivery.state == State.PENDING, Delivery.next_attempt_at <= now)
    waiting = select(Delivery.next_attempt_at).where(*due).limit(MOST).subquery()
    queued, oldest = session.execute(
        select(func.count(), func.min(waiting.c.next_attempt_at)).select_from(waiting)
    ).one()
    return Working(
        now=now,
        workers=list(session.scalars(select(Worker).order_by(Worker.last_seen_at.desc()).limit(100))),
        turns=list(session.scalars(select(Turn).order_by(Turn.name))),
        parked=list(session.scalars(select(Delivery).where(Delivery.parked_at.is_not(None)).limit(100))),
        lag=_lag(session),
        queued=queued,
        oldest_due_at=oldest,
    )


def nobody_works(session: Session) -> bool:
    """Return whether no worker was seen for a minute: one statement."""
    return session.scalar(select(Worker.id).where(Worker.last_seen_at >= utcnow() - SILENT).limit(1)) is None


def _lag(session: Session) -> int:
    place = session.scalar(select(Lease).where(Lease.name == "outbox"))
    if place is None or place.seq < 0:
        return 0
    beyond = Change.txid > place.txid if place.txid else Change.id > place.seq
    with unscoped(session, "the outbox follows the one log of all realms"):
        return (
            session.scalar(select(func.count()).select_from(select(Change.id).where(beyond).limit(MOST).subquery()))
            or 0
        )
