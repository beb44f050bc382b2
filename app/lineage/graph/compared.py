"""The answer to a question, also to one that compares two moments."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from app.lineage.graph.difference import difference
from app.lineage.graph.model import Question, Subgraph
from app.lineage.graph.notes import AS_IT_WAS
from app.lineage.graph.walk import subgraph


def answered(session: Session, realm_id: int, asked: Question, now: datetime) -> Subgraph:
    """Return what ``subgraph`` does; with ``against``, how it differs from the one of that moment."""
    after = subgraph(session, realm_id, asked, now)
    if asked.against is None:
        return after
    before = subgraph(session, realm_id, replace(asked, as_of=asked.against, against=None), now)
    before.notes = [note for note in before.notes if not note.startswith(AS_IT_WAS)]
    return difference(before, after)
