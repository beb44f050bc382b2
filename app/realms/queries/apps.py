"""Selects on apps, and on what people hold on them."""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, or_, select

from app.accounts.models import User
from app.realms.models import App, CapGrant

SORTS = {"name": App.shortnamelc}


def apps(*, among: Collection[str] | None = None) -> Select[App]:
    """Select the apps of the realm, with ``among`` only those of these names in lower case."""
    return select(App) if among is None else select(App).where(App.shortnamelc.in_(sorted(among)))


def narrower(text: str) -> list[ColumnElement[bool]]:
    """Return the condition that name or long name holds each word."""
    return [
        or_(App.shortnamelc.contains(word.lower(), autoescape=True), App.longname.icontains(word, autoescape=True))
        for word in text.split()
    ]


def app_named(name: str) -> Select[App]:
    """Select an app by its name in any case."""
    return select(App).where(App.shortnamelc == name.lower())


def app_by_id(app_id: int) -> Select[App]:
    """Select an app by the number the change log knows it by."""
    return select(App).where(App.id == app_id)


def grants_on(app_id: int) -> Select[CapGrant, User]:
    """Select (CapGrant, User) of everybody who holds something on an app, by account and capability."""
    return (
        select(CapGrant, User)
        .join(User, User.id == CapGrant.user_id)
        .where(CapGrant.app_id == app_id)
        .order_by(User.name, CapGrant.cap)
    )
