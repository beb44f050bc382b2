"""Choosing which name of a dataset is the one shown."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.changes.actor import Actor
from app.changes.log import record
from app.lineage.models import Dataset
from app.lineage.queries import usage as queries
from app.lineage.store.links import regroup
from app.refusal import Problem, Refused


def pin_name(session: Session, ids: Sequence[int], chosen: int | None, actor: Actor) -> int:
    """Make one of the names of a symlink group its canonical one, None lets the rule choose; returns the canonical id.

    ``ids`` are those of the whole group. Flushes. Raises Refused 422 (field ``name``) for a name of no group, 409 when
    there is only one name.
    """
    rows = {row.id: row for row in session.scalars(queries.named(list(ids)))}
    if chosen is not None and chosen not in rows:
        raise Refused(Problem("unknown_name", "Choose one of its names.", "name", chosen))
    if len(rows) == 1:
        raise Refused(Problem("one_name", "It has only this name."), status=409)
    before = next((row for row in rows.values() if row.pinned), None)
    if (before.id if before else None) == chosen:
        return _canonical(rows[chosen] if chosen is not None else next(iter(rows.values())))
    for row in rows.values():
        row.pinned = row.id == chosen
    session.flush()
    some = next(iter(rows.values()))
    regroup(session, some.realm_id, list(rows))
    session.expire_all()
    home = _canonical(some)
    verb = "dataset.pinned" if chosen is not None else "dataset.unpinned"
    fields = [("name", before.name if before else None, rows[chosen].name if chosen is not None else None)]
    record(session, verb, "dataset", home, rows[home].name, actor, fields=fields)
    return home


def _canonical(row: Dataset) -> int:
    return row.alias_for_dataset_id or row.id
