"""Whom a mail goes to."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Membership, User
from app.db import utcnow
from app.realms import queries


def addresses_of(session: Session, to: Sequence[str]) -> list[str]:
    """Return the addresses of users, ``@capabilities`` and addresses, each once; at most two statements.

    Users without an address, inactive ones, and those who left the realm are passed over.
    """
    found = [one for one in to if "@" in one[1:]]
    names = [one.lower() for one in to if "@" not in one]
    if names:
        live = select(Membership.user_id).where(Membership.archived_at.is_(None))
        asked = select(User.email).where(User.name.in_(names), User.active, User.id.in_(live)).order_by(User.name)
        found += [email for email in session.scalars(asked) if email]
    caps = tuple(one[1:] for one in to if one.startswith("@"))
    if caps:
        found += holders(session, *caps)
    return list(dict.fromkeys(found))


def holders(session: Session, *caps: str) -> list[str]:
    """Return the addresses of those who hold one of the capabilities now."""
    asked = queries.holders(caps, utcnow(), User.email).distinct().order_by(User.email)
    return [email for email in session.scalars(asked) if email]
