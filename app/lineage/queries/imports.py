"""Selects on files taken in; the realm comes from the session."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select

from app.lineage.models import Import

SORTS: dict[str, Any] = {"created_at": Import.created_at}
STATES = ("waiting", "running", "done", "failed", "stopped")


def imports(state: str = "") -> Select[Import]:
    """Select files, those of one state when given."""
    return select(Import).where(Import.state == state) if state else select(Import)


def narrower(text: str) -> list[ColumnElement[bool]]:
    """Return the filter on words of the name."""
    return [Import.name.icontains(word, autoescape=True) for word in text.split()]


def one(import_id: int) -> Select[Import]:
    """Select one file."""
    return select(Import).where(Import.id == import_id)


def next_upload(now: datetime) -> Select[Import]:
    """Select the oldest upload nobody works on."""
    free = or_(Import.lease_until.is_(None), Import.lease_until < now)
    wanted = Import.spooled.is_not(None), Import.state.in_(("waiting", "running")), free
    return select(Import).where(*wanted).order_by(Import.id).limit(1)
