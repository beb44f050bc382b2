"""Selects on what the background gave up; the realm comes from the session."""

from uuid import UUID

from sqlalchemy import Select, select

from app.delivery.models import Delivery, Turn


def parked_delivery(delivery_id: UUID) -> Select[Delivery]:
    """Select a delivery that was parked."""
    return select(Delivery).where(Delivery.id == delivery_id, Delivery.parked_at.is_not(None))


def turn_of(name: str) -> Select[Turn]:
    """Select when a task runs next."""
    return select(Turn).where(Turn.name == name)
