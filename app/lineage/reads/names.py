"""Canonical datasets behind any of their names."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from app.lineage.models import Dataset
from app.lineage.queries import usage as queries


def canonical_names(session: Session, ids: Iterable[int]) -> dict[int, Dataset]:
    """Return the canonical dataset by the id of any name; one statement."""
    wanted = sorted(set(ids))
    return {row[0]: row[1] for row in session.execute(queries.homes(wanted))} if wanted else {}
