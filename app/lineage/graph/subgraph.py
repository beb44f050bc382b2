"""From a question to the part of the graph that answers it, or to how that differs from another moment's."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from app.driver import planned_once
from app.lineage.graph.difference import difference
from app.lineage.graph.model import Question, Subgraph
from app.lineage.graph.walk.around import SIDES, Around
from app.lineage.graph.walk.deeds import Deeds
from app.lineage.graph.walk.finish import finished
from app.lineage.graph.walk.hidden import DataOnly, JobsOnly
from app.lineage.graph.walk.notes import AS_IT_WAS
from app.lineage.graph.walk.settings import settings_of
from app.lineage.graph.walk.start import starts
from app.lineage.graph.walk.walk import Walk

AROUND: Final[dict[str, type[Around]]] = {"hidden": DataOnly, "run": Deeds, "operation": Deeds}


def answered(session: Session, realm_id: int, asked: Question, now: datetime) -> Subgraph:
    """Return what ``subgraph`` does; with ``against``, how it differs from the one of that moment."""
    after = subgraph(session, realm_id, asked, now)
    if asked.against is None:
        return after
    before = subgraph(session, realm_id, replace(asked, as_of=asked.against, against=None), now)
    before.notes = [note for note in before.notes if not note.startswith(AS_IT_WAS)]
    return difference(before, after)


def subgraph(
    session: Session, realm_id: int, asked: Question, now: datetime, *, clock: Callable[[], float] = time.monotonic
) -> Subgraph:
    """Return the part of the graph that a question asks for; raises NotFound for a start the realm does not have.

    Costs two statements for each step of depth and at most eight more, whatever the number of nodes and runs. Stops
    after five seconds with what it has.
    """
    with planned_once(session):
        return _walked(session, realm_id, asked, now, clock)


def _walked(session: Session, realm_id: int, asked: Question, now: datetime, clock: Callable[[], float]) -> Subgraph:
    around = _kind(asked)(session, realm_id, asked, now, settings_of(session, realm_id))
    walk = Walk(around, clock)
    walk.begin(starts(around))
    walk.go()
    walk.open()
    walk.around.load((node, side) for node in walk.drawn for side in SIDES)
    return finished(walk)


def _kind(asked: Question) -> type[Around]:
    """Return what finds neighbours for these kinds of nodes; columns lie in datasets that are joined directly."""
    if asked.data == "column":
        return DataOnly
    return JobsOnly if (asked.jobs, asked.data) == ("job", "hidden") else AROUND.get(asked.jobs, Around)
