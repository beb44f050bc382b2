"""Locations with the addresses they were reported under."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.lineage.queries import places as queries


def with_addresses(session: Session, rows: Sequence[Any]) -> list[Any]:
    """Return rows that begin with a Location with the list of its addresses after them; one statement."""
    found: dict[int, list[str]] = defaultdict(list)
    if rows:
        for location_id, url in session.execute(queries.addresses_of([row[0].id for row in rows])):
            found[location_id].append(url)
    return [(*row, found[row[0].id]) for row in rows]
