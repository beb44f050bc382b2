"""When a batch cannot be stored although each of its events could be read: find the event that spoils it."""

from collections.abc import Sequence

import structlog
from sqlalchemy.orm import Session

from app.changes.actor import Actor
from app.lineage.ingest import Arrival, ingest
from app.lineage.openlineage.parse import Event
from app.lineage.openlineage.problem import BadEvent
from app.web.errors import is_busy

log = structlog.get_logger()
DETAIL = "it could not be stored; the fault is ours and was logged"


def isolate(
    session: Session,
    realm_id: int,
    arrivals: Sequence[Arrival],
    parsed: Sequence[Event | BadEvent],
    actor: Actor,
) -> list[Event | BadEvent]:
    """Return what was parsed, with a refusal in place of every event that cannot be stored even alone.

    Each is tried in a transaction that is rolled back; raises the error of a busy database.
    """
    found: list[Event | BadEvent] = []
    for arrival, event in zip(arrivals, parsed, strict=True):
        if isinstance(event, Event) and not _can_be_stored(session, realm_id, arrival, event, actor):
            found.append(BadEvent.one("not_stored", "$", DETAIL))
        else:
            found.append(event)
    return found


def _can_be_stored(session: Session, realm_id: int, arrival: Arrival, event: Event, actor: Actor) -> bool:
    try:
        ingest(session, realm_id, [arrival], actor, parsed=[event])
    except Exception as error:
        if is_busy(error):
            raise
        log.exception("an event cannot be stored", source=arrival.origin.source, ref=arrival.origin.ref)
        return False
    finally:
        session.rollback()
    return True
