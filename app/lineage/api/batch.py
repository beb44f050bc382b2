"""POST /api/v1/lineage/batch: many events, each answered by its index."""

from collections.abc import Sequence
from http import HTTPStatus
from time import monotonic
from typing import Any

from flask import Response, g, jsonify, request
from flask.typing import ResponseReturnValue

from app.lineage.api.body import TooLarge, UnknownEncoding, read_body
from app.lineage.api.receive import busy, refused, too_large, unknown_encoding
from app.lineage.api.sender import Sender, find_sender, settings
from app.lineage.api.storing import PATIENCE, Busy, Parcel, store
from app.lineage.ingest import Arrival, Outcome, Refusal, read
from app.lineage.openlineage.problem import BadEvent
from app.lineage.openlineage.several import split
from app.lineage.store.batch import Origin
from app.lineage.uncollected import uncollected
from app.refusal import Problem
from app.web.blueprints import api_blueprint
from app.web.guard import token, unlogged
from app.web.problem import problem

bp = api_blueprint("lineage_batch", __name__, "/api/v1/lineage/batch")
bp.register_error_handler(TooLarge, too_large)
bp.register_error_handler(UnknownEncoding, unknown_encoding)
bp.register_error_handler(Busy, busy)
PART = 500
# An answer comes within a minute; what is left by then is for the next request.
LONGEST = 50.0
LATER_PATIENCE = 10.0
NOT_STORED = Refusal([Problem("not_stored", "The database was busy; send it again.", "$")])


@bp.route("", methods=["POST"], provide_automatic_options=False)
@token("the key, or a realm that is open for trials, decides before the body is read")
@unlogged("what the events change is logged by ingestion")
def receive() -> ResponseReturnValue:
    """Take many events in index order, 500 a transaction: 200 with a report, 400 when unreadable as a whole."""
    sender = find_sender()
    try:
        events = split(read_body(request, settings().batch_max_bytes))
    except BadEvent as bad:
        return refused(bad.problems)
    most = settings().batch_max_events
    if len(events) > most:
        detail = f"{len(events):,} events; at most {most:,} are taken at once."
        return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_many_events", detail, limit=most)
    return _report(_store(events, sender))


def _store(events: Sequence[bytes], sender: Sender) -> list[Outcome]:
    """Store part by part; Busy in the first part is the caller's, later parts are reported as not stored."""
    begun, outcomes = monotonic(), list[Outcome]()
    for start in range(0, len(events), PART):
        if monotonic() - begun > LONGEST:
            return outcomes + [NOT_STORED] * (len(events) - start)
        parcel = _parcel(events[start : start + PART], start, sender)
        try:
            store(parcel, LATER_PATIENCE if start else PATIENCE)
        except Busy:
            if not start:
                raise
            return outcomes + [NOT_STORED] * (len(events) - start)
        outcomes += parcel.outcomes
    return outcomes


def _parcel(events: Sequence[bytes], start: int, sender: Sender) -> Parcel:
    limit, mask = settings().ingest_max_bytes, settings().mask == "store"
    request_id = g.get("request_id")
    arrivals = [
        Arrival(raw, Origin("batch", f"{request_id}:{start + offset}", sender.key)) for offset, raw in enumerate(events)
    ]
    with uncollected():
        parsed = [
            read(arrival, mask=mask)
            if len(arrival.raw) <= limit
            else BadEvent.one("too_large", "$", f"an event has at most {limit:,} bytes")
            for arrival in arrivals
        ]
    return Parcel(sender.realm_id, arrivals, parsed, sender.actor)


def _report(outcomes: Sequence[Outcome]) -> Response:
    failed = [_failure(index, each) for index, each in enumerate(outcomes) if isinstance(each, Refusal)]
    retriable = sum(each["retriable"] for each in failed)
    duplicates = sum(not isinstance(each, Refusal) and each.duplicate for each in outcomes)
    body: dict[str, Any] = {
        "status": "partial_success" if failed else "success",
        "summary": {
            "received": len(outcomes),
            "successful": len(outcomes) - len(failed),
            "duplicates": duplicates,
            "failed": len(failed),
            "retriable": retriable,
            "non_retriable": len(failed) - retriable,
        },
        "failed_events": failed,
    }
    if request.args.get("results") == "all":
        body["results"] = [_result(index, each) for index, each in enumerate(outcomes)]
    return jsonify(body)


def _failure(index: int, refusal: Refusal) -> dict[str, Any]:
    first = refusal.problems[0]
    return {
        "index": index,
        "reason": first.detail,
        "code": first.code,
        "path": first.field,
        "retriable": refusal is NOT_STORED,
    }


def _result(index: int, outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Refusal):
        return {"index": index, "status": "not_stored" if outcome is NOT_STORED else "refused"}
    return {"index": index, "status": "duplicate" if outcome.duplicate else "accepted", "event": outcome.id}
