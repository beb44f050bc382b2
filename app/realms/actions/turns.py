"""One change of a realm's apps, slices, settings and grants at a time."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.realms.models import Realm


def take_turn(session: Session) -> Realm:
    """Return the realm of the session, locked until the transaction ends; rows that point to it can still be added.

    Two at once would both find a row missing, or both find the other's root.
    """
    query = select(Realm).where(Realm.id == session.info["realm_id"])
    return session.scalars(query.with_for_update(key_share=True)).one()
