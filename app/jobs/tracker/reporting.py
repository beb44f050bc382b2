"""Every event of a span of time as CSV."""

from datetime import datetime

from flask import request
from flask.typing import ResponseReturnValue

from app.db import utcnow
from app.jobs import asked
from app.jobs.api.report import streamed
from app.jobs.queries.report import Wanted
from app.jobs.times import moment
from app.jobs.tracker.answers import PLAIN, ROOT
from app.jobs.tracker.given import NO_INTEGER
from app.jobs.tracker.wrong import unfit, wrong
from app.web.blueprints import api_blueprint
from app.web.guard import needs
from app.web.whole import whole

bp = api_blueprint("tracker_reporting", __name__, ROOT)
# The year 9000, beyond which no column goes.
LATEST_S = 221_845_392_000


@bp.get("/reporting", **PLAIN)
@needs("jobs.read")
def report() -> ResponseReturnValue:
    """Answer the events from ``start_date`` on and before ``end_date``, in seconds since 1970; until now by default."""
    asked.not_for_customers()
    return streamed(Wanted(_seconds("start_date"), _seconds("end_date") or utcnow()))


def _seconds(name: str) -> datetime | None:
    """Return a moment, None without one; raises Refused (422) for what is no whole number of seconds."""
    text = request.args.get(name, "").strip()
    if not text:
        return None
    found = whole(text, LATEST_S)
    if found is None:
        raise unfit([wrong(("query", name), *NO_INTEGER)])
    return moment(found * 1_000_000)
