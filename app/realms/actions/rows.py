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
    own = table.table
    session.flush()
    ids = session.scalars(select(own.c.id).where(which).order_by(own.c.id)).all()
    for start in range(0, len(ids), AT_ONCE):
        these = (own.c.realm_id == session.info["realm_id"], own.c.id.in_(ids[start : start + AT_ONCE]))
        rows = session.execute(select(own).where(*these).order_by(own.c.id)).mappings()
        record_many(session, [_entry(table, dict(row)) for row in rows], actor)
        session.execute(delete(own).where(*these))
    return len(ids)


def _entry(table: SliceTable, row: dict[str, Any]) -> Entry:
    kept = {name: shown(name, value) for name, value in row.items()}
    return Entry(f"{table.kind}.deleted", table.kind, row["id"], table.label(row), row=kept)
