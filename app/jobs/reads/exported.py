"""Jobs as files and programs get them: the row of the list and what stands beside it."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.jobs.queries import jobs as queries
from app.jobs.signals import jobs_listed


def with_owners_and_io(session: Session, rows: Sequence[Any]) -> list[Any]:
    """Return rows (Job, Location, last Run) with names of owners and (inputs, outputs) of the last run after them.

    Two statements, none without rows; inputs and outputs are None where a job never ran.
    """
    if not rows:
        return []
    owners: dict[int, list[str]] = defaultdict(list)
    for owner in session.scalars(queries.owners([row[0].id for row in rows])):
        if owner.name not in owners[owner.entity_id]:
            owners[owner.entity_id].append(owner.name)
    last = {row[0].id: row[0].last_run for row in rows if row[0].last_run is not None}
    io: dict[int, tuple[int, int]] = {}
    for _, found in jobs_listed.send(None, session=session, runs=last):
        io.update(found)
    nothing = dict.fromkeys(last, (0, 0))
    return [(*row, owners[row[0].id], io.get(row[0].id, nothing.get(row[0].id))) for row in rows]
