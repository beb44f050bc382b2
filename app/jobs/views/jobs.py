"""Pages of jobs: the list, and one job in tabs."""

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.db import db
from app.jobs import asked, fields
from app.jobs.models import RunStatus
from app.jobs.queries import jobs as queries
from app.jobs.reads import jobs as reads
from app.jobs.reads import versions
from app.jobs.reads.exported import with_owners_and_io
from app.jobs.shown import STALLED
from app.jobs.timing import seconds
from app.web.blueprints import realm_blueprint
from app.web.export import export
from app.web.guard import needs
from app.web.keyset import keyset
from app.web.live import about
from app.web.page import page
from app.web.panels import panels
from app.web.shell import may

bp = realm_blueprint("jobs", __name__, "/jobs/jobs")
TABS = ("overview", "io", "sql", "versions", "dependencies", "facets", "changes")


@bp.get("")
@needs("jobs.read", "lineage.read")
def index() -> ResponseReturnValue:
    """List jobs by name; parts of larger jobs are left out unless asked for."""
    about("job")
    about("run")
    listing, wanted = asked.jobs()
    select, rest = queries.jobs(wanted), queries.narrower(wanted)
    if listing.format:
        return export(listing, select, queries.SORTS, fields.JOB, name="jobs", rest=rest, prepare=with_owners_and_io)
    rows = keyset(select, listing, queries.SORTS, rest=rest)
    beside = reads.companions(db.session(), [row[0] for row in rows], asked.sight())
    return page("jobs/jobs/index.html", listing=listing, rows=rows, beside=beside, statuses=[*RunStatus, STALLED])


@bp.get("/<int:job_id>")
@needs("jobs.read", "lineage.read")
def show(job_id: int) -> ResponseReturnValue:
    """Show a job; ``?tab=`` chooses what of it."""
    opened = reads.opened(db.session(), job_id) if job_id < asked.BIGGEST else None
    tab = request.args.get("tab", "overview")
    if opened is None or tab not in TABS or not asked.sees_job(job_id):
        raise NotFound
    about("job", job_id)
    return page(
        "jobs/jobs/show.html", opened=opened, job=opened.job, tab=tab, tabs=_tabs(opened), **_content(opened, tab)
    )


def _tabs(opened: reads.Opened) -> list[tuple[str, str, str]]:
    words = {"overview": "Overview", "io": "Inputs and outputs", "sql": "SQL", "versions": "Versions",
             "dependencies": "Dependencies", "facets": "Facets", "changes": "Changes"}  # fmt: skip
    if not may("report", "auth", "root"):
        del words["changes"]
    here = opened.job.id
    return [(k, text, url_for(".show", job_id=here, tab=None if k == "overview" else k)) for k, text in words.items()]


def _content(opened: reads.Opened, tab: str) -> dict[str, Any]:
    session = db.session()
    if tab == "overview":
        return {"panels": panels("job", "overview", opened), "seconds": seconds}
    if tab == "sql":
        newer, older = (asked.number(request.args.get(name, ""), name) for name in ("text", "against"))
        split = request.args.get("view") == "split"
        return {"history": reads.texts(session, opened.job, newer, older), "split": split, "panels": []}
    if tab == "versions":
        return {"stretches": versions.stretches(session, opened.recent), "panels": []}
    if tab == "dependencies":
        return {"around": reads.around(session, opened.job), "panels": []}
    return {"panels": panels("job", tab, opened)}
