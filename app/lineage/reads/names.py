"""Canonical datasets behind any of their names."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from app.lineage.models import Dataset
from app.lineage.queries import usage as queries


def canonical_names(session: Session, ids: Iterable[int]) -> dict[int, Dataset]:
    """Return the canonical dataset by the id of any name; two statements at most."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    known = {row.id: row for row in session.scalars(queries.named(wanted))}
    missing = {row.alias_for_dataset_id for row in known.values() if row.alias_for_dataset_id not in (None, *known)}
    if missing:
        known |= {row.id: row for row in session.scalars(queries.named(sorted(filter(None, missing))))}
    return {
        id_: known[known[id_].alias_for_dataset_id] if known[id_].alias_for_dataset_id is not None else known[id_]
        for id_ in wanted
        if id_ in known
    }
