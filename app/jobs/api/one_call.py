"""One call is enough: an event that opens its job and run."""

from flask.typing import ResponseReturnValue
from msgspec import Struct

from app.jobs.actions.joining import Named
from app.jobs.actions.opening import RunDraft
from app.jobs.api.body import body
from app.jobs.api.events import EventBody, draft_of, one
from app.jobs.api.in_line import together
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
@needs("jobs.write", later=True)
@unlogged("the events themselves are kept; the log holds what changed in what is shown")
def take() -> ResponseReturnValue:
    """Report what a run does, by the names of its job and of the run: both are made when they are new."""
    return together(_take)()


def _take() -> ResponseReturnValue:
    given = body(Whole)
    draft = RunDraft(given.run, job=given.job, customer=given.customer, attempts=False)
    return one(Named(draft, given.provider), draft_of(given))
