"""The one way in for events: HTTP single, HTTP batch, files and replays all call ``ingest``."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.bulk import insert_rows
from app.changes.actor import Actor
from app.db import scope, utcnow
from app.driver import bound, execute, piped
from app.lineage.models import Rejection
from app.lineage.openlineage import quick
from app.lineage.openlineage.masking import mask_text
from app.lineage.openlineage.parse import Event, parse
from app.lineage.openlineage.problem import BadEvent
from app.lineage.store.batch import Origin, Stored, store
from app.lineage.store.intake import count_intake
from app.lineage.uncollected import uncollected
from app.refusal import Problem

WHOLE = 2**20
HEAD = 64 * 2**10
LONGEST_TEXT = 1_000
KEPT = timedelta(days=30)


class Arrival(NamedTuple):
    """The bytes of one event and where they came from."""

    raw: bytes
    origin: Origin


class Refusal(NamedTuple):
    """An event that was not taken, with every reason."""

    problems: list[Problem]


Outcome = Stored | Refusal


def read(arrival: Arrival, *, mask: bool) -> Event | BadEvent:
    """Parse without touching the database; a refusal is a value here, so that neighbours go on."""
    try:
        return quick.read(arrival.raw) or parse(arrival.raw, mask=mask)
    except BadEvent as bad:
        return bad


def ingest(
    session: Session,
    realm_id: int,
    arrivals: Sequence[Arrival],
    actor: Actor,
    *,
    mask: bool = True,
    parsed: Sequence[Event | BadEvent] | None = None,
) -> list[Outcome]:
    """Store good events and rejections of the others; flushes, does not commit. Answers in the order of arrival.

    ``parsed`` are the results of ``read`` where the caller parsed before its transaction began.
    """
    with uncollected(), piped(bound(session)):
        return _ingest(session, realm_id, arrivals, actor, mask, parsed)


def _ingest(
    session: Session,
    realm_id: int,
    arrivals: Sequence[Arrival],
    actor: Actor,
    mask: bool,
    parsed: Sequence[Event | BadEvent] | None,
) -> list[Outcome]:
    scope(session, realm_id)
    results = parsed if parsed is not None else [read(arrival, mask=mask) for arrival in arrivals]
    read_in = list(zip(results, arrivals, strict=True))
    good = [(event, arrival.origin) for event, arrival in read_in if isinstance(event, Event)]
    bad = [(refused, arrival) for refused, arrival in read_in if isinstance(refused, BadEvent)]
    stored = iter(store(session, realm_id, [event for event, _ in good], [origin for _, origin in good], actor))
    reject(session, realm_id, bad)
    outcomes = [next(stored) if isinstance(item, Event) else Refusal(item.problems) for item in results]
    told = [outcome if isinstance(outcome, Stored) else None for outcome in outcomes]
    count_intake(session, realm_id, results, [arrival.origin for arrival in arrivals], told)
    return outcomes


def reject(session: Session, realm_id: int, bad: Sequence[tuple[BadEvent, Arrival]]) -> None:
    """Keep refused bodies for 30 days: whole up to 1 MiB, else the first 64 KiB; secrets are masked."""
    if not bad:
        return
    gone = Rejection.realm_id == realm_id, Rejection.received_at < utcnow() - KEPT
    execute(bound(session), delete(Rejection).where(*gone))
    rows = [
        {
            "realm_id": realm_id,
            "received_at": utcnow(),
            "source": arrival.origin.source,
            "source_ref": arrival.origin.ref,
            "key": arrival.origin.key,
            "code": refused.code,
            "path": refused.path[:LONGEST_TEXT],
            "detail": refused.problems[0].detail[:LONGEST_TEXT],
            "body": _kept(arrival.raw),
            "size": len(arrival.raw),
            "cut": len(arrival.raw) > WHOLE or refused.code == "bad_encoding",
            "replayed_at": None,
            "replayed_event": None,
        }
        for refused, arrival in bad
    ]
    insert_rows(bound(session), Rejection.__table__, rows)


def _kept(raw: bytes) -> str:
    text = raw[: HEAD if len(raw) > WHOLE else WHOLE].decode("utf-8", "replace").replace("\0", "\ufffd")
    return mask_text(text)
