"""The regions of a run page for those who watch it, without all else that the page reads."""

from uuid import UUID

from flask import g
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.db import db
from app.jobs import asked
from app.jobs.reads import runs as reads
from app.jobs.views.run_regions import context
from app.jobs.views.runs import access_of, watched
from app.web.page import page


def regions(run_id: str) -> ResponseReturnValue:
    """Render the regions that are asked for; 404 for a run that is not among the rows of the reader."""
    which, session = asked.which(run_id), db.session()
    opened = reads.opened(session, which) if isinstance(which, UUID) else None
    if opened is None or not asked.sight().shows(opened.run):
        raise NotFound
    watched(opened.run)
    shown = context(session, opened.run, opened.job, access_of(opened), g.rendering.targets)
    if "runs" in g.rendering.targets:
        shown["family"] = reads.below(session, opened, asked.sight().shows)
    return page("jobs/runs/show.html", opened=opened, **shown)
