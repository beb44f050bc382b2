"""Whether a reader may still see what he watches; asked on connecting, after changes of rights, and every minute."""

from uuid import UUID

from flask import Flask, g
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import SignInSession, User
from app.db import db, scope
from app.realms.capabilities import Standing, first_failure
from app.realms.decision import find_standing
from app.realms.models import Realm
from app.web.identity import Identity
from app.web.live import EVERYBODY, Key


def may_watch(standing: Standing, keys: list[Key]) -> bool:
    """Return whether the person of the request may see every region, and in the scope that is asked for.

    Runs in a request tied to the realm; a statement or two where a region asks whose rows the person sees.
    """
    if first_failure(standing.admission()) is not None:
        return False
    return all(standing.holds(*key.region.needs) and _in_scope(standing, key) for key in keys)


def _in_scope(standing: Standing, key: Key) -> bool:
    whose = key.region.whose()
    if key.place.scope == EVERYBODY:
        return whose == EVERYBODY
    return key.place.scope == str(standing.who.user_id)


def may_still_watch(app: Flask, who: Identity, realm_id: int, keys: list[Key]) -> bool:
    """Return whether somebody signed in earlier is still, and may still see the regions: two statements and more."""
    with app.test_request_context():
        session = db.session()
        session.info["read_only"] = True
        if not _is_signed_in(session, who):
            return False
        standing = find_standing(who, Realm.id == realm_id)
        if standing is None:
            return False
        scope(session, realm_id)
        g.realm, g.standing, g.identity = standing.realm, standing, who
        return may_watch(standing, keys)


def _is_signed_in(session: Session, who: Identity) -> bool:
    if who.session_id is None:
        return False
    rows = select(SignInSession.id).join(SignInSession.user)
    mine = rows.where(SignInSession.id == UUID(who.session_id), SignInSession.ended_at.is_(None), User.active)
    return session.scalar(mine) is not None
