"""POST /api/v1/lineage: one event."""

from http import HTTPStatus
from uuid import UUID

from flask import Response, g, json, jsonify, request
from flask.typing import ResponseReturnValue

from app.db import db
from app.lineage.api.body import TooLarge, UnknownEncoding, read_body
from app.lineage.api.sender import Sender, find_sender, settings
from app.lineage.api.storing import Busy, Parcel, store
from app.lineage.ingest import Arrival, Refusal, read
from app.lineage.openlineage.deviations import deviations
from app.lineage.openlineage.parse import Event
from app.lineage.openlineage.problem import BadEvent
from app.lineage.preview import preview
from app.lineage.store.batch import Origin, Stored
from app.refusal import Problem
from app.web.blueprints import api_blueprint
from app.web.guard import token, unlogged
from app.web.problem import problem

bp = api_blueprint("lineage_receive", __name__, "/api/v1/lineage")
NO = frozenset({"", "0", "false", "no"})


@bp.errorhandler(TooLarge)
def too_large(error: TooLarge) -> Response:
    """Answer 413 with the limit."""
    return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", str(error), limit=error.limit)


@bp.errorhandler(UnknownEncoding)
def unknown_encoding(error: UnknownEncoding) -> Response:
    """Answer 415."""
    headers = {"Accept-Encoding": "gzip"}
    return problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_encoding", str(error), headers=headers)


@bp.errorhandler(Busy)
def busy(_error: Busy) -> Response:
    """Answer 503: nothing was stored, the same request is welcome again."""
    detail = "The database is busy. Nothing was stored; send it again."
    return problem(HTTPStatus.SERVICE_UNAVAILABLE, "busy", detail, headers={"Retry-After": "2"})


@bp.route("", methods=["POST"], provide_automatic_options=False)
@token("the key, or a realm that is open for trials, decides before the body is read")
@unlogged("what the event changes is logged by ingestion")
def receive() -> ResponseReturnValue:
    """Take one event: 201 stored, 200 known already, 400 refused; ``?dry_run=1`` only says what would happen."""
    sender = find_sender()
    dry = request.args.get("dry_run", "").lower() not in NO
    try:
        raw = read_body(request, settings().ingest_max_bytes)
    except BadEvent as bad:
        return _refuse(bad, sender, dry=dry)
    parsed = read(Arrival(raw, Origin("http", None, sender.key)), mask=settings().mask == "store")
    if dry:
        return _would(parsed, raw, sender)
    parcel = Parcel(sender.realm_id, [_arrival(raw, sender)], [parsed], sender.actor, wants_runs=True)
    store(parcel)
    return _answer(parcel, parsed, sender)


def _arrival(raw: bytes, sender: Sender) -> Arrival:
    return Arrival(raw, Origin("http", None, sender.key))


def _answer(parcel: Parcel, parsed: Event | BadEvent, sender: Sender) -> Response:
    outcome = parcel.outcomes[0]
    if isinstance(outcome, Refusal) or isinstance(parsed, BadEvent):
        return refused(outcome.problems if isinstance(outcome, Refusal) else [])
    run = parcel.runs.get(outcome.run) if outcome.run is not None else None
    body = {
        "status": "duplicate" if outcome.duplicate else "accepted",
        "event": outcome.id,
        "kind": parsed.kind,
        "run": str(run) if run else None,
        "url": _url(outcome, run, sender),
    }
    return _json(body, HTTPStatus.OK if outcome.duplicate else HTTPStatus.CREATED)


def _url(stored: Stored, run: UUID | None, sender: Sender) -> str:
    here = f"{request.script_root}/r/{sender.realm}"
    return f"{here}/jobs/runs/{run}" if run else f"{here}/lineage/events/{stored.id}"


def _json(body: object, status: int) -> Response:
    return Response(json.dumps(body), status, content_type="application/json")


def _refuse(bad: BadEvent, sender: Sender, *, dry: bool) -> Response:
    """Keep a body that could not even be unpacked as a rejection."""
    if not dry:
        store(Parcel(sender.realm_id, [_arrival(b"", sender)], [bad], sender.actor))
    return refused(bad.problems)


def refused(problems: list[Problem]) -> Response:
    """Return the 400 document: the first problem on top, all of them in ``errors``."""
    first = problems[0]
    body = {
        "type": "/problems/bad-event",
        "title": "Event refused",
        "status": 400,
        "code": first.code,
        "path": first.field,
        "detail": first.detail,
        "errors": [{"code": each.code, "path": each.field, "detail": each.detail} for each in problems],
        "request_id": g.get("request_id"),
    }
    response = _json(body, HTTPStatus.BAD_REQUEST)
    response.content_type = "application/problem+json"
    return response


def _would(parsed: Event | BadEvent, raw: bytes, sender: Sender) -> Response:
    if isinstance(parsed, BadEvent):
        return refused(parsed.problems)
    session = db.session()
    found = preview(session, sender.realm_id, parsed, sender.actor)
    session.rollback()
    return jsonify({
        "valid": True,
        "would": {"jobs": found.jobs, "runs": found.runs, "datasets": found.datasets},
        "changes": [each.text for each in found.changes],
        "duplicate": found.duplicate,
        "deviations": deviations(raw),
    })  # fmt: skip
