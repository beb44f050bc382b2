"""Who issues runs and whom they are for."""

from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.jobs.queries import parties as queries
from app.jobs.queries.sight import Sight
from app.refusal import Problem, Refused

MOST = 2**63 - 1


def provider_of(session: Session, sight: Sight, named: str | int | None) -> User:
    """Return for whom somebody writes: a provider himself, operators and root name one.

    Raises Refused: 403 ``role`` for everybody else and for a provider who names another, 422 (field ``provider``)
    when nobody is named or the named one is no active provider of the realm.
    """
    if sight.role == Role.PROVIDER and named is None:
        named = sight.user_id
    if not sight.is_all and sight.role != Role.PROVIDER:
        raise Refused(Problem("role", "Only providers, and operators on their behalf, track runs."), status=403)
    if named is None:
        raise Refused(Problem("required", "Name the provider on whose behalf you write.", "provider"))
    user = _user(session, named, Role.PROVIDER)
    if user is None:
        raise Refused(Problem("unknown_provider", f"{named} is no active provider here.", "provider", str(named)[:100]))
    if not sight.is_all and user.id != sight.user_id:
        raise Refused(Problem("role", "A provider writes as himself."), status=403)
    return user


def customer_of(session: Session, named: str | int, *, any_member: bool = False) -> User:
    """Return the customer of a login or id; with ``any_member`` whatever his role.

    Raises Refused 422 (field ``customer``): unknown, inactive, of another realm, or no customer.
    """
    user = _user(session, named, None if any_member else Role.CUSTOMER)
    if user is None:
        raise Refused(Problem("unknown_customer", f"{named} is no active customer here.", "customer", str(named)[:100]))
    return user


def _user(session: Session, named: str | int, role: Role | None) -> User | None:
    if isinstance(named, int) and not 0 < named <= MOST:
        return None
    if isinstance(named, str) and "\x00" in named:
        return None
    return session.scalar(queries.member(named, role=role))
