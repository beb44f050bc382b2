"""Delete rows of a table that slices own, each logged whole."""

from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from app.changes.actor import Actor
from app.changes.log import Entry, record_many
from app.changes.values import shown
from app.realms.sliced import SliceTable

AT_ONCE = 1_000


def remove_rows(session: Session, table: SliceTable, which: ColumnElement[bool], *, actor: Actor) -> int:
    """Delete the rows of a condition, which names the realm, in steps of 1,000; returns how many went."""
    own, removed = table.table, 0
    session.flush()
    while rows := session.execute(select(own).where(which).order_by(own.c.id).limit(AT_ONCE)).mappings().all():
        record_many(session, [_entry(table, dict(row)) for row in rows], actor)
        ids = [row["id"] for row in rows]
        session.execute(delete(own).where(own.c.realm_id == session.info["realm_id"], own.c.id.in_(ids)))
        removed += len(rows)
    return removed


def _entry(table: SliceTable, row: dict[str, Any]) -> Entry:
    kept = {name: shown(name, value) for name, value in row.items()}
    return Entry(f"{table.kind}.deleted", table.kind, row["id"], table.label(row), row=kept)
