"""Events of runs for programs: one, a list, or lines; and what came so far."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import g, jsonify, request
from flask.typing import ResponseReturnValue
from msgspec import Struct
from werkzeug.exceptions import NotFound, Unauthorized

from app.changes.actor import current_actor
from app.db import db
from app.jobs import asked
from app.jobs.actions.joining import Named
from app.jobs.actions.reporting import MOST_AT_ONCE
from app.jobs.actions.taking import EventDraft, Reported
from app.jobs.api import shapes
from app.jobs.api.body import as_kind, parsed
from app.jobs.api.in_line import together
from app.jobs.api.posted import Answer, Posted, Unread
from app.jobs.api.posting import post_events
from app.jobs.api.runs import zoned
from app.jobs.models import Event
from app.jobs.progress.fold import Fold
from app.jobs.queries import tracking as queries
from app.jobs.reads.plans import known
from app.jobs.reads.tracked import Tracked, seen
from app.jobs.times import micros
from app.refusal import Problem, Refused
from app.web.blueprints import api_blueprint
from app.web.guard import needs, unlogged
from app.web.identity import sent_key
from app.web.keyset import keyset
from app.web.listing import Listing

bp = api_blueprint("api_events", __name__, "/api/v1/jobs/runs")
SORTS = {"sequence": Event.sequence}
KNOWN = "ignored, id known"


class EventBody(Struct, forbid_unknown_fields=True):
    """An event."""

    kind: str
    step: str | None = None
    name: str = ""
    metadata: dict[str, Any] | None = None
    fraction: float | None = None
    progress: float | None = None
    occurred_at: datetime | None = None
    event_id: str | None = None
    reason: str | None = None


@bp.post("/<run_id>/events")
@needs("jobs.write", later=True)
@unlogged("the events themselves are kept; the log holds what changed in what is shown")
def take(run_id: str) -> ResponseReturnValue:
    """Report what a run does: one event, a list of at most 1,000, or lines of JSON.

    One event answers 201, or 200 when its event_id is known; a list answers each by its index, good ones are stored.
    """
    return together(_take)(run_id)


def _take(run_id: str) -> ResponseReturnValue:
    given, is_text = parsed()
    which = asked.which(run_id)
    if isinstance(given, list):
        return _many(which, given)
    draft = draft_of(as_kind(given, EventBody, is_text=is_text))
    return one(which, draft)


def one(which: int | UUID | Named, draft: EventDraft) -> ResponseReturnValue:
    """Take in one event of a run and answer what became of it; raises what ``post_events`` does, and its refusal."""
    found, status = post_events(posted(which, [draft], _single))
    if isinstance(found, Refused):
        raise found
    return jsonify(found), status


def posted(which: int | UUID | Named, drafts: Sequence[EventDraft], answer: Answer) -> Posted:
    """Return events as they stand in line: with their key where nobody decided on the request yet.

    Raises Unauthorized for a request without a key.
    """
    if "standing" in g:
        return Posted(which, drafts, asked.sight(), current_actor(), answer)
    text = sent_key()
    if text is None:
        raise Unauthorized(www_authenticate=None)
    return Posted(which, drafts, None, None, answer, key=Unread(text, g.get("request_id"), request.remote_addr))


def _single(tracked: Tracked, found: list[Reported]) -> tuple[dict[str, Any] | Refused, int]:
    became = found[0]
    if became.refusal is not None:
        return became.refusal, 422
    note = {"note": KNOWN} if became.differs else {}
    return {"id": became.id, **shapes.standing(tracked.run), **note}, 200 if became.is_known else 201


@bp.get("/<run_id>/events")
@needs("jobs.read", "lineage.read")
def index(run_id: str) -> ResponseReturnValue:
    """Answer the events of a tracked run in the order they came; private values only to its provider and operators."""
    sight = asked.sight()
    one = seen(db.session(), asked.which(run_id), sight)
    if one is None:
        raise NotFound
    listing = Listing.from_args(_args(), sorts=("sequence",), filters=())
    page = keyset(queries.events(one.run.number), listing, SORTS, key=Event.sequence)
    hidden = private_of(one) if sight.is_customer else None
    end = Fold.from_json(one.following.fold).end if one.following is not None else None
    rows = [
        shapes.event(
            row,
            hidden=hidden,
            is_after=end is not None and (micros(row.occurred_at), row.sequence) > end.place,
        )
        for row in page
    ]
    return jsonify({"items": rows, "next": page.next.encode() if page.next else None})


def private_of(one: Tracked) -> dict[str, frozenset[str]]:
    """Return the names of private values by step."""
    if one.configuration is None:
        return {}
    plan = known(db.session(), one.configuration).plan
    return {step.tag: frozenset(value.name for value in step.metadata if value.private) for step in plan.steps}


def draft_of(given: EventBody) -> EventDraft:
    """Return what a body says."""
    return EventDraft(
        given.kind, step=given.step, name=given.name, metadata=given.metadata, fraction=given.fraction,
        progress=given.progress, occurred_at=zoned(given.occurred_at, "occurred_at"), event_id=given.event_id,
        reason=given.reason,
    )  # fmt: skip


def _many(which: int | UUID, given: Sequence[Any]) -> ResponseReturnValue:
    if not 1 <= len(given) <= MOST_AT_ONCE:
        words = f"Send 1 to {MOST_AT_ONCE:,} events at once."
        raise Refused(Problem("too_many", words), status=413 if given else 422)
    drafts: list[EventDraft] = []
    results: list[dict[str, Any]] = [{"index": index} for index in range(len(given))]
    places: list[int] = []
    for index, each in enumerate(given):
        try:
            drafts.append(draft_of(as_kind(each, EventBody)))
            places.append(index)
        except Refused as refusal:
            results[index]["error"] = _error(refusal)
    found, standing = post_events(posted(which, drafts, _each))
    for index, became in zip(places, found, strict=True):
        results[index] |= became
    return jsonify({"results": results, **standing})


def _each(tracked: Tracked, found: list[Reported]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    return [_became(each) for each in found], shapes.standing(tracked.run)


def _became(found: Reported) -> dict[str, Any]:
    if found.refusal is not None:
        return {"error": _error(found.refusal)}
    return {"id": found.id} | ({"note": KNOWN} if found.differs else {})


def _error(refusal: Refused) -> dict[str, Any]:
    first = refusal.problems[0]
    return {"code": first.code, "detail": first.detail, "pointer": f"/{first.field}" if first.field else ""}


def _args() -> Any:
    from flask import request

    return request.args
