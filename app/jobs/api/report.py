"""The report of events, and how jobs went, for programs."""

from collections.abc import Iterator

from flask import Response, current_app, g, jsonify, request, stream_with_context
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.db import db, utcnow
from app.jobs import asked
from app.jobs.queries.report import Wanted
from app.jobs.reads import report as reads
from app.refusal import Problem, Refused
from app.web.blueprints import api_blueprint
from app.web.export import plain
from app.web.guard import needs

bp = api_blueprint("api_report", __name__, "/api/v1/jobs")
SHOWN = 100


@bp.get("/report")
@needs("jobs.read")
def report() -> ResponseReturnValue:
    """Answer every event from ``start`` on and before ``end`` (now), by default its first 100; ``format=csv`` all."""
    asked.not_for_customers()
    wanted, sight = read_wanted(), asked.sight()
    if request.args.get("format") == "csv":
        return streamed(wanted)
    session = db.session()
    rows = reads.first(session, wanted, sight, SHOWN)
    count = reads.counted(session, wanted, sight)
    items = [{name: plain(value) for name, value in row.items()} for row in rows]
    return jsonify({"count": count, "is_more": count >= reads.COUNTED, "items": items})


def read_wanted() -> Wanted:
    """Return what the URL asks for; raises Refused 422 on a time that is none, or text no name holds."""
    given = {name: request.args.get(name, "").strip() for name in ("start", "end", "tag", "customer")}
    for name in ("tag", "customer"):
        if "\x00" in given[name]:
            raise Refused(Problem("bad_text", "Use text without NUL.", name))
    start, end = asked.moment(given["start"], "start"), asked.moment(given["end"], "end")
    return Wanted(start, end or utcnow(), given["tag"], given["customer"].lower())


def streamed(wanted: Wanted) -> Response:
    """Answer the whole report as CSV, read as it is sent."""
    # The session of the request ends with it, before the answer is streamed.
    session = Session(current_app.extensions["headwater.read_engine"], info={"realm_id": g.realm.id})
    found: Iterator[str] = reads.lines(session, wanted, asked.sight())
    answer = Response(stream_with_context(found), content_type="text/csv; charset=utf-8")
    answer.call_on_close(session.close)
    answer.headers["Content-Disposition"] = 'attachment; filename="report.csv"'
    return answer
