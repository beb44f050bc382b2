"""From parsed events to a committed transaction, shared with whoever else is waiting."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from time import monotonic
from uuid import UUID

import structlog
from flask import current_app
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.bulk import select_in
from app.changes.actor import Actor
from app.combine import Busy, Combiner, Ticket
from app.db import db
from app.jobs.models import Run
from app.lineage.ingest import Arrival, Outcome, ingest
from app.lineage.isolate import isolate
from app.lineage.metrics import observe
from app.lineage.openlineage.parse import Event
from app.lineage.openlineage.problem import BadEvent
from app.lineage.store.batch import Stored
from app.web.errors import is_busy

log = structlog.get_logger()
# A client gives up after 5 s and sends again; we answer by 4 s, this much of it is for waiting and storing.
PATIENCE = 3.5
STORING = 0.6
SHORTEST_WAIT = 0.05


@dataclass(eq=False)
class Parcel:
    """Events of one request for one realm; ``outcomes`` and ``runs`` (number -> id) are filled in when stored."""

    realm_id: int
    arrivals: Sequence[Arrival]
    parsed: Sequence[Event | BadEvent]
    actor: Actor
    wants_runs: bool = False
    outcomes: list[Outcome] = field(default_factory=list)
    runs: dict[int, UUID] = field(default_factory=dict)


def store(parcel: Parcel, patience: float = PATIENCE) -> None:
    """Return when the events are committed; raises Busy when that cannot be done within ``patience`` seconds."""
    ticket = Ticket(parcel, len(parcel.arrivals), monotonic() + patience)
    combiners: dict[int, Combiner[Parcel]] = current_app.extensions.setdefault("headwater.combiners", {})
    combiners.setdefault(parcel.realm_id, Combiner(_work)).submit(ticket)


def _work(tickets: Sequence[Ticket[Parcel]]) -> None:
    live = [ticket for ticket in tickets if ticket.left > SHORTEST_WAIT]
    if not live:
        return
    try:
        _together(live)
    except Exception as error:  # noqa: BLE001 - each waiting thread raises it as its own
        db.session.rollback()
        if is_busy(error):
            log.warning("ingestion waits for the database", requests=len(live), error=str(error)[:300])
        elif len(live) == 1:
            live[0].error = error
            _without_spoilers(live[0])
        else:
            # One of them spoils it for all; alone, each answers for itself.
            for ticket in live:
                _work([ticket])


def _without_spoilers(ticket: Ticket[Parcel]) -> None:
    """Store the rest of a batch when single events of it cannot be stored; they become rejections."""
    parcel = ticket.job
    if len(parcel.arrivals) == 1:
        return
    try:
        parsed = isolate(db.session(), parcel.realm_id, parcel.arrivals, parcel.parsed, parcel.actor)
        if parsed != list(parcel.parsed):
            parcel.parsed = parsed
            _together([ticket])
    except Exception as error:  # noqa: BLE001 - the waiting thread raises it as its own
        db.session.rollback()
        ticket.error = Busy() if is_busy(error) else error


def _together(tickets: Sequence[Ticket[Parcel]]) -> None:
    session = db.session()
    session.info["read_only"], begun = False, monotonic()
    _wait_at_most(session, max(min(ticket.left for ticket in tickets) - STORING, SHORTEST_WAIT))
    parcels = sorted((ticket.job for ticket in tickets), key=_who)
    for _, same in groupby(parcels, key=_who):
        _ingest(session, list(same))
    for parcel in parcels:
        if parcel.wants_runs:
            numbers = {outcome.run for outcome in parcel.outcomes if isinstance(outcome, Stored) and outcome.run}
            rows = select_in(session, (Run.number, Run.id), parcel.realm_id, Run.number, numbers)
            parcel.runs = {row.number: row.id for row in rows}
    session.commit()
    observe(parcels[0].realm_id, monotonic() - begun, [event for parcel in parcels for event in parcel.parsed])
    for ticket in tickets:
        ticket.error = None


def _wait_at_most(session: Session, seconds: float) -> None:
    """Begin a transaction that waits for locks only so long."""
    wait = int(seconds * 1000)
    connection = session.connection(execution_options={"wait_ms": wait})
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT set_config('lock_timeout', :wait, true)"), {"wait": f"{wait}ms"})


def _who(parcel: Parcel) -> tuple[str, str]:
    return parcel.actor.name, parcel.actor.via


def _ingest(session: Session, parcels: Sequence[Parcel]) -> None:
    first = parcels[0]
    actor = first.actor if len(parcels) == 1 else replace(first.actor, request_id=None, remote_addr=None)
    arrivals = [arrival for parcel in parcels for arrival in parcel.arrivals]
    parsed = [event for parcel in parcels for event in parcel.parsed]
    outcomes = iter(ingest(session, first.realm_id, arrivals, actor, parsed=parsed))
    for parcel in parcels:
        parcel.outcomes = [next(outcomes) for _ in parcel.arrivals]


__all__ = ["PATIENCE", "Busy", "Parcel", "store"]
