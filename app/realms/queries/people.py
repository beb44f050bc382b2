"""Selects on the people of a realm: those who belong to it or hold something in it."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select

from app.accounts.models import Membership, User
from app.realms.models import App, CapGrant, Deactivated


def people(*, text: str = "", name: str = "") -> Select[User]:
    """Select accounts of the realm of the session; ``text`` searches names, ``name`` is a login name."""
    members = select(Membership.user_id).where(Membership.archived_at.is_(None))
    query = select(User).where(or_(User.id.in_(members), User.id.in_(select(CapGrant.user_id))))
    if name:
        query = query.where(User.name == name.strip().lower())
    if text:
        needle = text[:200]
        found = or_(User.name.icontains(needle, autoescape=True), User.display_name.icontains(needle, autoescape=True))
        query = query.where(found)
    return query


def held_by(user_ids: Collection[int]) -> Select[Any]:
    """Select (CapGrant, name of its app) of some accounts, each account's in the order of being granted."""
    query: Any = select(CapGrant, App.shortnamelc.label("app"))
    found: Select[Any] = (
        query.outerjoin(App, App.id == CapGrant.app_id).where(CapGrant.user_id.in_(user_ids)).order_by(CapGrant.id)
    )
    return found


def granted_at(user_id: int) -> Select[int, datetime]:
    """Select (id, when it was granted) of what an account holds."""
    return select(CapGrant.id, CapGrant.setat).where(CapGrant.user_id == user_id)


def blocks(user_ids: Collection[int]) -> Select[Deactivated]:
    """Select the blocks of some accounts and that of the whole realm."""
    return select(Deactivated).where(or_(Deactivated.user_id.in_(user_ids), Deactivated.user_id.is_(None)))
