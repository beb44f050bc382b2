"""What one worker at a time may be, by a row with a name."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from app.bulk import insert_rows
from app.delivery.models import Lease
from app.delivery.worker.patience import begin

SECONDS = 30


def hold(session: Session, name: str, holder: UUID, now: datetime) -> bool:
    """Take or prolong a lease of 30 s and return whether it is the holder's; commits."""
    begin(session)
    known = session.get(Lease, name, populate_existing=True)
    if known is None:
        row = {"name": name, "holder": None, "until": None, "txid": 0, "seq": 0, "moved_at": None}
        insert_rows(session.connection(), Lease.__table__, [row], conflict=["name"])
    elif known.holder != holder and known.until is not None and known.until > now:
        session.rollback()
        return False
    free = or_(Lease.holder.is_(None), Lease.holder == holder, Lease.until <= now)
    taken = session.execute(
        update(Lease).where(Lease.name == name, free).values(holder=holder, until=now + timedelta(seconds=SECONDS))
    )
    session.commit()
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def release(session: Session, name: str, holder: UUID) -> None:
    """Let go of a lease, so that another worker need not wait for its end; commits."""
    begin(session)
    session.execute(update(Lease).where(Lease.name == name, Lease.holder == holder).values(holder=None, until=None))
    session.commit()
