"""Everything that came in, for another installation."""

from collections.abc import Iterator
from datetime import datetime

from flask import Response, g, request, stream_with_context

from app.db import db
from app.lineage.openlineage.times import parse_time
from app.lineage.reads.export import events_ndjson
from app.refusal import Problem, Refused
from app.web.blueprints import api_blueprint
from app.web.guard import needs

bp = api_blueprint("api_export", __name__, "/api/v1/lineage/export")


@bp.get("/openlineage")
@needs("lineage.read")
def openlineage() -> Response:
    """Stream events as they were stored, one a line, in order of arrival; ``since``, ``until`` and ``job`` narrow it.

    Ingested elsewhere the lines give equal facts. 422 for a time that cannot be read.
    """
    realm_id, since, until = g.realm.id, _moment("since"), _moment("until")
    job = request.args.get("job", "").strip()

    def lines() -> Iterator[str]:
        # The answer is streamed after the request's own session has ended.
        session = db.session()
        session.info["read_only"] = True
        yield from events_ndjson(session, realm_id, since=since, until=until, job=job)

    response = Response(stream_with_context(lines()), content_type="application/x-ndjson")
    response.headers["Content-Disposition"] = 'attachment; filename="openlineage.ndjson"'
    return response


def _moment(name: str) -> datetime | None:
    text = request.args.get(name, "").strip()
    found = (parse_time(text) or parse_time(f"{text}T00:00:00Z")) if text else None
    if text and found is None:
        raise Refused(Problem("bad_time", "Use a date, or a date and a time with its zone.", name, text[:100]))
    return found
