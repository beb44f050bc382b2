"""Selects on realms and on what people hold in them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, null, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import Membership, User
from app.realms.models import App, CapGrant, Deactivated, Realm


def realms() -> Select[Realm]:
    """Select all realms of the installation by name."""
    return select(Realm).order_by(Realm.shortname)


def realm_named(name: str) -> Select[Realm]:
    """Select a realm by its name in any case."""
    return select(Realm).where(Realm.shortnamelc == name.lower())


def realms_of(user_id: int) -> Select[str, str]:
    """Select (shortname, longname) of the realms an account belongs to or holds something in."""
    belongs = exists().where(
        Membership.realm_id == Realm.id, Membership.user_id == user_id, Membership.archived_at.is_(None)
    )
    holds = exists().where(CapGrant.realm_id == Realm.id, CapGrant.user_id == user_id)
    return select(Realm.shortname, Realm.longname).where(or_(belongs, holds)).order_by(Realm.shortname)


def standing(user_id: int, which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Select all that the decision needs of one account in one realm: one row for each grant, at least one row."""
    blocked_realm, blocked_user = aliased(Deactivated), aliased(Deactivated)
    live = and_(Membership.realm_id == Realm.id, Membership.user_id == user_id, Membership.archived_at.is_(None))
    return (
        select(
            Realm.id,
            Realm.shortname,
            Realm.longname,
            Realm.default_slice_id,
            Membership.id.label("membership_id"),
            Membership.role,
            blocked_realm.deactby.label("realm_deactby"),
            blocked_realm.deactat.label("realm_deactat"),
            blocked_user.deactby,
            blocked_user.deactat,
            CapGrant.id.label("grant_id"),
            CapGrant.cap,
            CapGrant.from_.label("from_"),
            CapGrant.to,
            App.shortnamelc.label("app"),
        )
        .select_from(Realm)
        .outerjoin(Membership, live)
        .outerjoin(blocked_realm, and_(blocked_realm.realm_id == Realm.id, blocked_realm.user_id.is_(null())))
        .outerjoin(blocked_user, and_(blocked_user.realm_id == Realm.id, blocked_user.user_id == user_id))
        .outerjoin(CapGrant, and_(CapGrant.realm_id == Realm.id, CapGrant.user_id == user_id))
        .outerjoin(App, and_(App.id == CapGrant.app_id, App.realm_id == Realm.id))
        .where(which)
    )


def effective_roots(now: datetime) -> Select[Any]:
    """Select ids of accounts that hold root now: window open, account active, not deactivated, not archived."""
    return holders(("root",), now, User.id)


def grantors(capability: str, now: datetime, limit: int = 5) -> Select[Any]:
    """Select names of up to five people who can grant a capability: holders of auth, of root for root itself."""
    names = ("root",) if capability == "root" else ("root", "auth")
    return holders(names, now, User.name).distinct().order_by(User.name).limit(limit)


def holders(caps: tuple[str, ...], now: datetime, column: Any) -> Select[Any]:
    """Select a column of the accounts that hold one of the capabilities now, as ``effective_roots`` means it."""
    gone = exists().where(
        Membership.realm_id == CapGrant.realm_id,
        Membership.user_id == CapGrant.user_id,
        Membership.archived_at.is_not(None),
    )
    blocked = exists().where(Deactivated.realm_id == CapGrant.realm_id, Deactivated.user_id == CapGrant.user_id)
    return (
        select(column)
        .select_from(User)
        .join(CapGrant, CapGrant.user_id == User.id)
        .where(
            CapGrant.cap.in_(caps),
            or_(CapGrant.from_.is_(None), CapGrant.from_ <= now),
            or_(CapGrant.to.is_(None), CapGrant.to > now),
            User.active,
            ~blocked,
            ~gone,
        )
    )


def grants(
    *, user: str = "", cap: str = "", app: str = "", state: str = "", now: datetime, soon: timedelta = timedelta(days=7)
) -> Select[Any]:
    """Select (CapGrant, account name, app name) of the realm; ``state`` is running, coming, expired or expiring."""
    query: Any = (
        select(CapGrant, User.name.label("user"), App.shortnamelc.label("app"))
        .join(User, User.id == CapGrant.user_id)
        .outerjoin(App, App.id == CapGrant.app_id)
    )
    for column, wanted in ((User.name, user), (CapGrant.cap, cap), (App.shortnamelc, app)):
        if wanted:
            query = query.where(column == wanted.lower())
    begun, open_end = or_(CapGrant.from_.is_(None), CapGrant.from_ <= now), CapGrant.to.is_(None)
    states = {
        "running": and_(begun, or_(open_end, CapGrant.to > now)),
        "coming": CapGrant.from_ > now,
        "expired": CapGrant.to <= now,
        "expiring": and_(begun, CapGrant.to > now, CapGrant.to <= now + soon),
    }
    narrowed: Select[Any] = query.where(states[state]) if state in states else query
    return narrowed
