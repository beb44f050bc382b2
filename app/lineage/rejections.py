"""What people do with refused events: replay them after the cause is gone, or discard them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.changes.actor import Actor
from app.changes.log import record
from app.db import utcnow
from app.lineage.ingest import Arrival, Refusal, ingest, read
from app.lineage.models import Rejection
from app.lineage.openlineage.parse import Event
from app.lineage.openlineage.problem import BadEvent
from app.lineage.store.batch import Origin
from app.refusal import Problem, Refused


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a replay: how many became events (or were known), and what the others still lack."""

    taken: int
    refused: list[tuple[int, Problem]]
    events: list[int]


def why_not_replayable(row: Rejection) -> str | None:
    """Return why a rejection has no replay, None when it has."""
    if row.replayed_at is not None:
        return "It was replayed already."
    if row.cut:
        return "Only a part of the body was kept, or it could not be decoded, so it cannot be sent again from here."
    return None


def replay(session: Session, realm_id: int, rows: Sequence[Rejection], actor: Actor, *, mask: bool) -> Replayed:
    """Send refused bodies through ingest again; flushes, does not commit. Those still refused stay as they are.

    Raises Refused when one of them cannot be replayed.
    """
    for row in rows:
        reason = why_not_replayable(row)
        if reason:
            raise Refused(Problem("not_replayable", reason, value=row.id), status=409)
    arrivals = [Arrival(row.body.encode(), Origin(row.source, row.source_ref, row.key)) for row in rows]
    results = [read(arrival, mask=mask) for arrival in arrivals]
    read_again = zip(rows, arrivals, results, strict=True)
    good = [(row, arrival, event) for row, arrival, event in read_again if isinstance(event, Event)]
    outcomes = ingest(session, realm_id, [each[1] for each in good], actor, parsed=[each[2] for each in good])
    now, events = utcnow(), []
    for (row, _, _), outcome in zip(good, outcomes, strict=True):
        if isinstance(outcome, Refusal):
            continue
        events.append(outcome.id)
        session.execute(
            update(Rejection)
            .where(Rejection.realm_id == realm_id, Rejection.id == row.id)
            .values(replayed_at=now, replayed_event=outcome.id)
        )
        record(session, "rejection.retried", "rejection", row.id, f"{row.code} at {row.path}", actor)
    left = [(row.id, bad.problems[0]) for row, bad in zip(rows, results, strict=True) if isinstance(bad, BadEvent)]
    return Replayed(len(events), left, events)


def discard(session: Session, realm_id: int, rows: Sequence[Rejection], actor: Actor) -> int:
    """Delete refused bodies and log it; flushes, does not commit. Returns how many."""
    for row in rows:
        record(session, "rejection.deleted", "rejection", row.id, f"{row.code} at {row.path}", actor)
    ids = [row.id for row in rows]
    session.execute(delete(Rejection).where(Rejection.realm_id == realm_id, Rejection.id.in_(ids)))
    return len(ids)
