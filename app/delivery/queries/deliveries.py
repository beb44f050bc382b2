"""Selects on deliveries; the realm comes from the session."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import contains_eager, joinedload

from app.delivery.models import Attempt, Delivery, Hook, State

SORTS = {"created_at": Delivery.created_at}
NEWEST = (Delivery.created_at.desc(), Delivery.id.desc())


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; empty is no filter, all hold together."""

    hook_id: UUID | None = None
    state: State | None = None
    type: str = ""
    since: datetime | None = None
    until: datetime | None = None


def deliveries(wanted: Wanted) -> Select[Any]:
    """Select deliveries with their hooks by what indexes answer."""
    query = select(Delivery).outerjoin(Delivery.hook).options(contains_eager(Delivery.hook))
    equal = ((Delivery.hook_id, wanted.hook_id), (Delivery.state, wanted.state), (Delivery.type, wanted.type or None))
    for column, value in equal:
        if value is not None:
            query = query.where(column == value)
    if wanted.since:
        query = query.where(Delivery.created_at >= wanted.since)
    if wanted.until:
        query = query.where(Delivery.created_at < wanted.until)
    return query


def narrower(text: str) -> list[ColumnElement[bool]]:
    """Return the filter no index answers: words in the label."""
    return [Delivery.label.icontains(word, autoescape=True) for word in text.split()]


def delivery(delivery_id: UUID) -> Select[Any]:
    """Select one delivery with its hook and the hook's owner."""
    return select(Delivery).options(joinedload(Delivery.hook).joinedload(Hook.owner)).where(Delivery.id == delivery_id)


def attempts(delivery_id: UUID) -> Select[Any]:
    """Select the newest 100 attempts of a delivery, newest first."""
    return select(Attempt).where(Attempt.delivery_id == delivery_id).order_by(Attempt.number.desc()).limit(100)


def replayable(hook_id: UUID, states: Sequence[State], low: int | None, high: int | None) -> Select[Any]:
    """Select deliveries of a hook in some states and within a range of changes, oldest change first."""
    query = (
        select(Delivery)
        .options(joinedload(Delivery.hook))
        .where(Delivery.hook_id == hook_id, Delivery.state.in_(states), ~Delivery.test)
    )
    if low is not None:
        query = query.where(Delivery.seq >= low)
    if high is not None:
        query = query.where(Delivery.seq <= high)
    return query.order_by(Delivery.seq)
