"""The whole log of a run as a file."""

from collections.abc import Iterator

from flask import Response, current_app, g, stream_with_context
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from app.db import db
from app.jobs import asked
from app.jobs.reads import runs as reads
from app.jobs.reads.run_log import download, last_lines
from app.jobs.views.runs import access_of, bp
from app.web.guard import needs


@bp.get("/<run_id>/log")
@needs("jobs.read", "lineage.read")
def log(run_id: str) -> ResponseReturnValue:
    """Send the log as text, secrets masked and all else as it came; 404 without one, or when it is not shared."""
    opened = reads.opened(db.session(), asked.which(run_id))
    if opened is None or not asked.sight().shows(opened.run) or not access_of(opened).log:
        raise NotFound
    number = opened.run.number
    if last_lines(db.session(), number, 1) is None:
        raise NotFound
    # The session of the request ends with it, before the answer is streamed.
    session = Session(current_app.extensions["headwater.read_engine"], info={"realm_id": g.realm.id})

    def lines() -> Iterator[bytes]:
        with session:
            yield from download(session, number)

    response = Response(stream_with_context(lines()), content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="run-{number}.log"'
    return response
