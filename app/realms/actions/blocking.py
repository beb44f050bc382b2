"""Block people and whole realms at once, and let them in again; what they hold stays as it is."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.changes.actor import Actor
from app.changes.log import record
from app.db import utcnow
from app.realms.actions.ledger import ROOT, SHOWN, keep_a_root, root_only
from app.realms.actions.turns import take_turn
from app.realms.models import CapGrant, Deactivated, Realm
from app.realms.queries.people import people
from app.refusal import Problem, Refused


def person(session: Session, name: str) -> User:
    """Return an account of the realm of the session by its login name; raises Refused 404 for any other."""
    user = session.scalar(people(name=name)) if name.strip() else None
    if user is None:
        told = name.strip()[:SHOWN]
        raise Refused(Problem("unknown_user", f"There is no account “{told}” in this realm.", "user", told), status=404)
    return user


def check_blocking(session: Session, user: User, *, by_root: bool) -> None:
    """Raise Refused if an account may not be blocked: 403 for a holder of root without root, 409 ``last_root``."""
    holds = select(CapGrant.id).where(CapGrant.user_id == user.id, CapGrant.cap == ROOT)
    if session.scalar(holds) is not None:
        if not by_root:
            raise root_only()
        keep_a_root(session, utcnow(), user_id=user.id)


def deactivate(session: Session, user: User, *, actor: Actor, by_root: bool) -> Deactivated:
    """Block an account in the realm of the session and return the block; one there is already stays as it is.

    Raises Refused as `check_blocking` does. Flushes, does not commit.
    """
    take_turn(session)
    known = _block(session, user.id)
    if known is not None:
        return known
    check_blocking(session, user, by_root=by_root)
    row = _add(session, user.id, actor)
    fields = [("deactby", None, row.deactby), ("deactat", None, row.deactat)]
    record(session, "user.deactivated", "user", user.id, user.name, actor, fields=fields)
    return row


def activate(session: Session, user: User, *, actor: Actor, by_root: bool) -> bool:
    """Let a blocked account in again; returns whether it was blocked. A holder of root is let in by root only (403)."""
    take_turn(session)
    row = _block(session, user.id)
    if row is None:
        return False
    holds = select(CapGrant.id).where(CapGrant.user_id == user.id, CapGrant.cap == ROOT)
    if not by_root and session.scalar(holds) is not None:
        raise root_only()
    record(session, "user.activated", "user", user.id, user.name, actor, row=_whole(row, user.name))
    session.delete(row)
    session.flush()
    return True


def deactivate_realm(session: Session, *, actor: Actor) -> Deactivated:
    """Close the realm of the session to everybody and return the block; one there is already stays as it is."""
    take_turn(session)
    known = _block(session, None)
    if known is not None:
        return known
    row, realm = _add(session, None, actor), _realm(session)
    fields = [("deactby", None, row.deactby), ("deactat", None, row.deactat)]
    record(session, "realm.deactivated", "realm", realm.id, realm.shortname, actor, fields=fields)
    return row


def activate_realm(session: Session, *, actor: Actor) -> bool:
    """Open the realm of the session again; returns whether it was closed."""
    take_turn(session)
    row = _block(session, None)
    if row is None:
        return False
    realm = _realm(session)
    record(session, "realm.activated", "realm", realm.id, realm.shortname, actor, row=_whole(row, None))
    session.delete(row)
    session.flush()
    return True


def _add(session: Session, user_id: int | None, actor: Actor) -> Deactivated:
    row = Deactivated(realm_id=session.info["realm_id"], user_id=user_id, deactby=actor.name)
    session.add(row)
    session.flush()
    return row


def _block(session: Session, user_id: int | None) -> Deactivated | None:
    same = Deactivated.user_id.is_(None) if user_id is None else Deactivated.user_id == user_id
    return session.scalar(select(Deactivated).where(same))


def _realm(session: Session) -> Realm:
    return session.get_one(Realm, session.info["realm_id"])


def _whole(row: Deactivated, user: str | None) -> dict[str, Any]:
    return {"id": row.id, "realm": row.realm_id, "user": user, "deactby": row.deactby, "deactat": row.deactat}
