"""Selects on those between whom runs happen: providers issue them, customers are whom they are for."""

from sqlalchemy import ColumnElement, Select, select

from app.accounts.models import Membership, Role, User


def member(which: str | int, *, role: Role | None = None) -> Select[User]:
    """Select the active account of a live member of the realm by login or id; with ``role`` only one who has it."""
    wanted: list[ColumnElement[bool]] = [
        User.id == which if isinstance(which, int) else User.name == which.strip().lower(),
        User.active.is_(True),
        Membership.archived_at.is_(None),
    ]
    if role is not None:
        wanted.append(Membership.role == role)
    return select(User).join(Membership, Membership.user_id == User.id).where(*wanted)


def names(user_ids: set[int]) -> Select[int, str]:
    """Select (id, login) of accounts."""
    return select(User.id, User.name).where(User.id.in_(user_ids))
