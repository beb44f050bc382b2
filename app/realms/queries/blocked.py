"""Selects on who is blocked."""

from typing import Any

from sqlalchemy import Select, or_, select

from app.accounts.models import User
from app.realms.models import Deactivated


def blocked(*, text: str = "", user: str = "") -> Select[Any]:
    """Select (Deactivated, name of the account) of the realm; ``text`` searches names, ``user`` is a login name."""
    query: Any = select(Deactivated, User.name.label("user")).join(User, User.id == Deactivated.user_id)
    if user:
        query = query.where(User.name == user.strip().lower())
    if text:
        needle = text[:200]
        found = (User.name.icontains(needle, autoescape=True), User.display_name.icontains(needle, autoescape=True))
        query = query.where(or_(*found))
    narrowed: Select[Any] = query
    return narrowed


def of_realm() -> Select[Deactivated]:
    """Select the block of the whole realm."""
    return select(Deactivated).where(Deactivated.user_id.is_(None))
