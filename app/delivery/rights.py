"""Whether somebody may read a thing now, asked where nobody is at a browser."""

from collections.abc import Callable

from flask import current_app
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.realms.capabilities import Standing, first_failure
from app.realms.decision import find_standing
from app.realms.models import Realm
from app.web.guard import mark_of
from app.web.identity import Identity
from app.web.kinds import kind_of

Reader = Callable[[Session, Standing, str], bool]
_READERS: dict[str, Reader] = {}
LOG = ("report", "auth", "root")


def reader(kind: str) -> Callable[[Reader], Reader]:
    """Register ``may(session, standing, entity_id)`` for a kind whose rows not all who open its pages may see."""

    def register(may: Reader) -> Reader:
        _READERS[kind] = may
        return may

    return register


def standing_of_user(user: User, realm_id: int) -> Standing | None:
    """Return what an account is and holds in a realm now, None when it may not enter: one statement."""
    who = Identity(user.id, user.name, user.display_name, user.active)
    standing = find_standing(who, Realm.id == realm_id)
    if standing is None or not standing.is_known_here or first_failure(standing.admission()):
        return None
    return standing


def may_read(session: Session, standing: Standing, kind: str, entity_id: str) -> bool:
    """Return whether the page of the thing would open; of things without a page whether the change log would."""
    known = kind_of(kind)
    endpoint = known.endpoint if known else None
    mark = mark_of(current_app, endpoint) if endpoint in current_app.view_functions else None
    if mark is None:
        return standing.holds(*LOG)
    if mark.kind == "needs" and not standing.holds(*mark.names):
        return False
    may = _READERS.get(kind)
    return may is None or may(session, standing, entity_id)
