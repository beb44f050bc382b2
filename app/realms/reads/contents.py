"""How much of what is in slices and apps; counts end at 10,000."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from app.realms.models import App, CapGrant
from app.realms.sliced import SliceTable, app_tables, rulesets, slice_tables

MOST = 10_000
KINDS = ("B", "W")


@dataclass(frozen=True, slots=True)
class AppRow:
    """An app as lists show it: how many accounts hold something on it, and its rulesets by kind (B or W)."""

    app: App
    users: int = 0
    rulesets: dict[str, int] = field(default_factory=dict)


def in_use(session: Session, apps: Sequence[App]) -> list[AppRow]:
    """Return apps with their counts, in two statements."""
    ids = [app.id for app in apps]
    users = _users(session, ids)
    kinds = _rulesets(session, _grouped("app", ids))
    return [AppRow(app, users.get(app.id, 0), _kinds(kinds.get(app.id, {}))) for app in apps]


def rulesets_by_slice(session: Session, app: App) -> dict[int, dict[str, int]]:
    """Return how many rulesets of each kind an app has in each slice that holds any."""
    table = rulesets()
    if table is None or table.app is None:
        return {}
    found = _rulesets(session, (table.table.c.slice_id, table.table.c[table.app] == app.id))
    return {slice_id: _kinds(kinds) for slice_id, kinds in sorted(found.items())}


def uses_of(session: Session, app: App) -> dict[str, int]:
    """Return how many rows of each table keep an app, over all slices of the realm: one statement for each."""
    realm_id = session.info["realm_id"]
    return {table.name: _count(session, table, table.of_app(realm_id, app.id)) for table in app_tables(keeping=True)}


def rows_in(session: Session, slice_id: int) -> dict[str, int]:
    """Return how many rows of each table belong to a slice: one statement for each."""
    realm_id = session.info["realm_id"]
    return {table.name: _count(session, table, table.of_slice(realm_id, slice_id)) for table in slice_tables()}


def apps_in(session: Session, slice_id: int) -> list[App]:
    """Return the apps that have a schema or ruleset in a slice, by name."""
    realm_id, found = session.info["realm_id"], set[int]()
    for table in app_tables(keeping=True):
        column = table.table.c[str(table.app)]
        found |= set(session.scalars(select(column).where(table.of_slice(realm_id, slice_id)).distinct()))
    if not found:
        return []
    return list(session.scalars(select(App).where(App.id.in_(found)).order_by(App.shortnamelc)))


def _count(session: Session, table: SliceTable, which: ColumnElement[bool]) -> int:
    some = select(table.table.c.id).where(which).limit(MOST + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def _users(session: Session, app_ids: Iterable[int]) -> dict[int, int]:
    some = select(CapGrant.app_id, CapGrant.user_id).where(CapGrant.app_id.in_(app_ids)).limit(MOST).subquery()
    counted = select(some.c.app_id, func.count(some.c.user_id.distinct())).group_by(some.c.app_id)
    return {row[0]: row[1] for row in session.execute(counted)}


def _grouped(what: str, ids: list[int]) -> tuple[Any, Any] | None:
    table = rulesets()
    if table is None or table.app is None:
        return None
    column = table.table.c[table.app] if what == "app" else table.table.c.slice_id
    return column, column.in_(ids)


def _rulesets(session: Session, asked: tuple[Any, Any] | None) -> dict[int, dict[str, int]]:
    """Return counts by the value of a column and by kind, of the rulesets that meet a condition."""
    table = rulesets()
    if asked is None or table is None or table.split is None:
        return {}
    group, which = asked
    own = table.table.c
    some = select(group.label("of"), own[table.split[0]].label("kind"))
    some_ = some.where(own.realm_id == session.info["realm_id"], which).limit(MOST).subquery()
    counted = select(some_.c.of, some_.c.kind, func.count()).group_by(some_.c.of, some_.c.kind)
    found: dict[int, dict[str, int]] = {}
    for of, kind, number in session.execute(counted):
        found.setdefault(of, {})[kind] = number
    return found


def _kinds(found: dict[str, int]) -> dict[str, int]:
    return {kind: found.get(kind, 0) for kind in KINDS}
