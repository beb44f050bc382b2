"""One call is enough: an event that opens its job and run."""

from flask.typing import ResponseReturnValue
from msgspec import Struct

from app.accounts.idempotent import idempotent
from app.changes.actor import current_actor
from app.db import db
from app.jobs import asked
from app.jobs.actions.opening import RunDraft, open_run
from app.jobs.actions.parties import provider_of
from app.jobs.actions.reporting import report
from app.jobs.api.body import body
from app.jobs.api.events import EventBody, answer, draft_of
from app.jobs.api.in_line import in_line
from app.web.blueprints import api_blueprint
from app.web.guard import needs, unlogged

bp = api_blueprint("api_one_call", __name__, "/api/v1/jobs")


class Whole(EventBody, Struct, forbid_unknown_fields=True, kw_only=True):
    """An event with the names of its job and run."""

    job: str
    run: str
    customer: str | int | None = None
    provider: str | None = None


@bp.post("/events")
@needs("jobs.write")
@unlogged("the events themselves are kept; the log holds what changed in what is shown")
@in_line
@idempotent
def take() -> ResponseReturnValue:
    """Report what a run does, by the names of its job and of the run: both are made when they are new."""
    given, session = body(Whole), db.session()
    provider = provider_of(session, asked.sight(), given.provider)
    event = draft_of(given)
    draft = RunDraft(given.run, job=given.job, customer=given.customer, attempts=False)
    opened = open_run(session, draft, provider, current_actor())
    return answer(opened.tracked, report(session, opened.tracked, [event], current_actor())[0])
