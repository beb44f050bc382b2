"""Selects of what is said about entities of any kind: owners, tags, descriptions, with who said it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, Text, literal, null, select, type_coerce, union_all

from app.db import UtcDateTime
from app.jobs.models import Description, Owner, Tag

Rows = Select[*tuple[Any, ...]]
PEOPLE = "headwater"
MOST = 2_000


def said(kind: str, ids: Sequence[int]) -> Rows:
    """Select (at, what, id, entity_id, column, name, more, source) of everything said about these entities.

    ``what`` is description (name: its text), owner (more: type) or tag (more: value).
    """
    descriptions = select(
        Description.said_at.label("at"),
        literal("description").label("what"),
        Description.id.label("id"),
        Description.entity_id.label("entity_id"),
        Description.column.label("column"),
        Description.text.label("name"),
        type_coerce(null(), Text).label("more"),
        Description.said_by.label("source"),
    ).where(Description.kind == kind, Description.entity_id.in_(ids))
    owners = select(
        type_coerce(null(), UtcDateTime), literal("owner"), Owner.id, Owner.entity_id, type_coerce(null(), Text),
        Owner.name, Owner.type, Owner.source,
    ).where(Owner.kind == kind, Owner.entity_id.in_(ids))  # fmt: skip
    tags = select(
        type_coerce(null(), UtcDateTime), literal("tag"), Tag.id, Tag.entity_id, Tag.column, Tag.key, Tag.value,
        Tag.source,
    ).where(Tag.kind == kind, Tag.entity_id.in_(ids))  # fmt: skip
    both = union_all(descriptions, owners, tags).subquery()
    return select(both).order_by(both.c.what, both.c.name, both.c.id).limit(MOST)


def owners_by_people(kind: str, ids: Sequence[int]) -> Select[Owner]:
    """Select the owners that people added."""
    return select(Owner).where(Owner.kind == kind, Owner.entity_id.in_(ids), Owner.source == PEOPLE).order_by(Owner.id)


def tags_by_people(kind: str, ids: Sequence[int]) -> Select[Tag]:
    """Select the tags that people added, those of columns included."""
    return select(Tag).where(Tag.kind == kind, Tag.entity_id.in_(ids), Tag.source == PEOPLE).order_by(Tag.id)


def descriptions(kind: str, ids: Sequence[int], column: str | None) -> Select[Description]:
    """Select what people say these entities, or one column of them, are; the newest first."""
    place = Description.column.is_(None) if column is None else Description.column == column
    return (
        select(Description)
        .where(Description.kind == kind, Description.entity_id.in_(ids), place)
        .order_by(Description.said_at.desc(), Description.id.desc())
    )
