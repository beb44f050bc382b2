"""One change of apps, slices and settings of a realm at a time."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.realms.models import Realm


def take_turn(session: Session) -> Realm:
    """Return the realm of the session, locked until the transaction ends; rows that point to it can still be added."""
    query = select(Realm).where(Realm.id == session.info["realm_id"])
    return session.scalars(query.with_for_update(key_share=True)).one()
