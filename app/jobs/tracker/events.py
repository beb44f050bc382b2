"""Events: sent by programs while they run, and put right by them."""

from typing import Any, Final, cast

from flask import g
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session, object_session
from werkzeug.exceptions import HTTPException, NotFound

from app.accounts.idempotent import idempotent
from app.accounts.models import User
from app.changes.actor import current_actor
from app.db import db
from app.jobs import asked
from app.jobs.actions import reporting
from app.jobs.actions.joining import Named
from app.jobs.actions.opening import RunDraft
from app.jobs.actions.taking import STUDY as OF_STUDY
from app.jobs.actions.taking import EventDraft, Reported
from app.jobs.actions.texts import line
from app.jobs.api.admission import WRITES
from app.jobs.api.events import posted
from app.jobs.api.in_line import in_line, together
from app.jobs.api.posting import post_events
from app.jobs.models import Event
from app.jobs.progress.words import read_kind
from app.jobs.queries import tracking
from app.jobs.reads.tracked import Tracked, numbered
from app.jobs.tracker import shapes
from app.jobs.tracker.answers import JOB, PLAIN, ROOT, STUDY, Nouns, told
from app.jobs.tracker.body import body
from app.jobs.tracker.given import Given
from app.jobs.tracker.parties import only_providers, speaking, writer
from app.jobs.tracker.reads import planned
from app.jobs.tracker.wrong import not_found
from app.refusal import Refused
from app.web.blueprints import api_blueprint
from app.web.guard import decide, needs, unlogged

bp = api_blueprint("tracker_events", __name__, ROOT)
# The kinds each generation knew; every spelling of ours is taken as well.
KINDS: Final = {JOB: ("step", "error", "info", "complete"),
                STUDY: ("In progress", "Error", "Info", "Complete", "Pending")}  # fmt: skip
LONGEST_KIND: Final = 40
KEPT = "the events themselves are kept; the log holds what changed in what is shown"


@bp.post("/events", **PLAIN)
@needs("jobs.write", later=True)
@unlogged(KEPT)
def take() -> ResponseReturnValue:
    """Take an event of a run, named by the provider's own id of it."""
    return together(_take)()


def _take() -> ResponseReturnValue:
    try:
        return told(_taken(body()))
    except (Refused, HTTPException):
        # Whoever may not write here hears that first.
        if "standing" not in g:
            decide(WRITES)
        only_providers()
        raise


def _taken(given: Given) -> dict[str, Any]:
    nouns = speaking(STUDY if given.has(STUDY.external_id) else JOB)
    external_id, draft = given.text(nouns.external_id), _draft(given, nouns)
    given.check()
    line(external_id, "external_id")

    def shown(one: Tracked, found: list[Reported]) -> dict[str, Any] | Refused:
        event = found[0].event
        return found[0].refusal or _shown(one, shapes.Told(event, event), nouns, draft)

    sent = posted(Named(RunDraft(external_id), opens=False), [draft], shown)
    sent.noun = nouns.run
    try:
        answer = post_events(sent)
    except NotFound:
        raise not_found(nouns.run.capitalize()) from None
    if isinstance(answer, Refused):
        raise answer
    return cast("dict[str, Any]", answer)


@bp.post("/update_event", **PLAIN)
@needs("jobs.write")
@unlogged(KEPT)
@in_line
@idempotent
def update() -> ResponseReturnValue:
    """Let an event be of another kind, with other values: under its id, made when it was made."""
    session = db.session()
    provider, given = writer(session), body()
    event_id = given.id("id")
    draft = _draft(given, JOB)
    given.check()
    one, event = _of_id(session, provider, event_id)
    nouns = speaking(STUDY if OF_STUDY in event.flags.split() else JOB)
    row = reporting.update_event(session, one, event, draft, current_actor(), noun=nouns.run)
    shown = _shown(one, shapes.Told(event, row), nouns, draft)
    session.commit()
    return told(shown)


def _draft(given: Given, nouns: Nouns) -> EventDraft:
    """Return what a body says; a kind that nobody knows is wrong before its run is looked for."""
    kind = given.members.get("kind")
    is_known = isinstance(kind, str) and len(kind) <= LONGEST_KIND and read_kind(kind, has_step=True) is not None
    word = kind if isinstance(kind, str) and is_known else given.one_of("kind", KINDS[nouns])
    step = given.maybe_text("tag") or None
    return EventDraft(word, step, given.maybe_text("name") or "", given.scalars("event_metadata"))


def _of_id(session: Session, provider: User, event_id: int) -> tuple[Tracked, Event]:
    """Return an event with its run; raises Refused (404) unless the provider issued it."""
    row = session.execute(tracking.event(event_id)).one_or_none() if 0 < event_id < asked.BIGGEST else None
    if row is None or row[1].provider_id != provider.id:
        raise not_found("Event")
    one = numbered(session, row[1].number)
    first = session.get(Event, row[0].updates) if row[0].updates is not None else row[0]
    if one is None or first is None:
        raise not_found("Event")
    return one, first


def _shown(one: Tracked, event: shapes.Told, nouns: Nouns, draft: EventDraft) -> dict[str, Any]:
    """Return an event as it is answered to whoever sent it: values as they came, and whether it is to stop."""
    # The thread of another request may have taken it in, with a session of its own.
    session = object_session(one.run) or db.session()
    shown = shapes.event(event, planned(session, one.configuration, nouns), nouns)
    shown["event_metadata"] = draft.metadata
    return {**shown, **shapes.stop(one.run)}
