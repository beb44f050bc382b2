"""The list of runs."""

from flask.typing import ResponseReturnValue

from app.db import utcnow
from app.jobs import asked, listed
from app.jobs.endless import ENDLESS
from app.jobs.models import Run, RunStatus
from app.jobs.queries import runs as queries
from app.jobs.reads.run_head import Head, head
from app.jobs.views.runs import bp
from app.web.guard import needs
from app.web.live import about
from app.web.page import page
from app.web.panels import panels


@bp.get("")
@needs("jobs.read", "lineage.read")
def index() -> ResponseReturnValue:
    """List runs, newest first: the newest attempt of each, without parts of larger runs unless asked for."""
    about("run")
    found = listed.runs(asked.runs())
    if found.listing.format:
        return found.file()
    rows, now = found.page(), utcnow()

    def standing(run: Run) -> Head:
        return head(run, 0, now, is_streaming=run.processing_type in ENDLESS)

    return page(
        "jobs/runs/index.html",
        listing=found.listing,
        rows=rows,
        standing=standing,
        statuses=list(RunStatus),
        panels=panels("runs", "notes", rows),
        choose=[row[0] for row in rows] if found.listing.get("job") else [],
        window=queries.WINDOW if found.listing.column in queries.WINDOWED else 0,
    )
