"""Selects on realm slices."""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, or_, select

from app.realms.models import App, Realm, RealmSlice

SORTS = {"id": RealmSlice.id}


def slices() -> Select[RealmSlice, bool]:
    """Select (slice, whether programs that name none use it) of the realm."""
    is_default: ColumnElement[bool] = Realm.default_slice_id == RealmSlice.id
    return select(RealmSlice, is_default.label("is_default")).join(Realm, Realm.id == RealmSlice.realm_id)


def narrower(text: str) -> list[ColumnElement[bool]]:
    """Return the condition that the description holds each word."""
    return [RealmSlice.descr.icontains(word, autoescape=True) for word in text.split()]


def one(slice_id: int) -> Select[RealmSlice]:
    """Select a slice of the realm."""
    return select(RealmSlice).where(RealmSlice.id == slice_id)


def due(now: datetime) -> Select[RealmSlice]:
    """Select the slices whose columns do not say yet what their schedule made of them."""
    on = and_(RealmSlice.active.is_(False), RealmSlice.activateat <= now)
    off = and_(RealmSlice.active, RealmSlice.deactivateat <= now)
    return select(RealmSlice).where(or_(on, off)).order_by(RealmSlice.id)


def apps_named(names: list[str]) -> Select[App]:
    """Select the apps of these names in lower case."""
    return select(App).where(App.shortnamelc.in_(names))
