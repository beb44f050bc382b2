"""Selects on hooks; the realm comes from the session."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import joinedload

from app.delivery.models import Hook

SORTS = {"created_at": Hook.created_at, "name": Hook.name}


def hooks(*, enabled: bool | None = None) -> Select[Any]:
    """Select hooks with their owners."""
    query = select(Hook).options(joinedload(Hook.owner, innerjoin=True))
    return query if enabled is None else query.where(Hook.enabled == enabled)


def narrower(text: str) -> list[ColumnElement[bool]]:
    """Return the filter no index answers: words in the name."""
    return [Hook.name.icontains(word, autoescape=True) for word in text.split()]


def hook(hook_id: UUID) -> Select[Any]:
    """Select one hook with its owner."""
    return hooks().where(Hook.id == hook_id)


def named(name: str) -> Select[Any]:
    """Select the hook of a name, with its owner."""
    return hooks().where(Hook.name == name)


def names() -> Select[UUID, str]:
    """Select (id, name) of the first 200 hooks by name, to choose from."""
    return select(Hook.id, Hook.name).order_by(Hook.name).limit(200)
