"""What changed lately among the nodes of a picture."""

from collections.abc import Collection
from typing import Final

from sqlalchemy.orm import Session

from app.lineage.queries import since as queries

MOST: Final = 100


def changed(session: Session, datasets: Collection[int], jobs: Collection[int]) -> list[int]:
    """Return the newest change of each dataset, job and run that touches these, the newest first, at most 100.

    Two statements; the ids rise with time, so that a page can count those after it was read.
    """
    newest: dict[tuple[str, str], int] = {}
    for id_, kind, entity_id in session.execute(queries.latest(MOST)):
        newest[kind, entity_id] = max(id_, newest.get((kind, entity_id), 0))
    runs = [int(entity_id) for kind, entity_id in newest if kind == "run" and entity_id.isdigit()]
    mine = {("dataset", str(id_)) for id_ in datasets} | {("job", str(id_)) for id_ in jobs}
    for run, job, dataset in session.execute(queries.of_runs(runs)) if runs else ():
        if job in jobs or dataset in datasets:
            mine.add(("run", str(run)))
    return sorted((id_ for thing, id_ in newest.items() if thing in mine), reverse=True)[:MOST]
