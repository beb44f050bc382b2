"""Lists for programs, with the filters, order and columns of their pages, and what one run read and wrote."""

from dataclasses import replace
from typing import Any, Final

from flask import jsonify
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.db import db
from app.jobs import asked, fields
from app.jobs.queries import jobs as job_queries
from app.jobs.reads import runs as run_reads
from app.jobs.reads.exported import with_owners_and_io
from app.lineage.reads import operations as reads
from app.lineage.views import locations as location_views
from app.lineage.views import operations as operation_views
from app.lineage.views import storages as storage_views
from app.web.answers import items
from app.web.blueprints import api_blueprint
from app.web.guard import needs
from app.web.keyset import keyset

bp = api_blueprint("api_lists", __name__, "/api/v1/lineage")
COUNTED: Final = ("rows", "bytes", "files", "columns", "operations")


@bp.get("/jobs")
@needs("jobs.read", "lineage.read")
def jobs() -> ResponseReturnValue:
    """Answer one page of jobs; filters and order are those of the page."""
    listing, wanted = asked.jobs()
    rows = keyset(job_queries.jobs(wanted), listing, job_queries.SORTS, rest=job_queries.narrower(wanted))
    return items(replace(rows, rows=with_owners_and_io(db.session(), rows.rows)), fields.JOB_API)


@bp.get("/operations")
@needs("lineage.read")
def operations() -> ResponseReturnValue:
    """Answer one page of operations, newest first."""
    return items(operation_views.found().page(), operation_views.FIELDS)


@bp.get("/storages")
@needs("lineage.read")
def storages() -> ResponseReturnValue:
    """Answer one page of storages by location."""
    return items(storage_views.found().page(), storage_views.FIELDS)


@bp.get("/locations")
@needs("lineage.read")
def locations() -> ResponseReturnValue:
    """Answer one page of locations by name, with their addresses."""
    return items(location_views.found().page(), location_views.FIELDS)


@bp.get("/runs/<run_id>/io")
@needs("jobs.read", "lineage.read")
def run_io(run_id: str) -> ResponseReturnValue:
    """Answer what a run and those below it read and wrote, with the change against the run before in percent."""
    session = db.session()
    opened = run_reads.opened(session, asked.which(run_id))
    if opened is None or not asked.sight().shows(opened.run):
        raise NotFound
    found = reads.run_io(session, opened.run)
    return jsonify(
        {
            "run": str(opened.run.id),
            "previous": str(found.previous.id) if found.previous else None,
            "inputs": [_touched(one) for one in found.inputs],
            "outputs": [_touched(one) for one in found.outputs],
            "truncated": found.is_cut,
        }
    )


def _touched(one: reads.Touched) -> dict[str, Any]:
    dataset = one.dataset
    return {
        "dataset": {"id": dataset.id, "namespace": dataset.namespace, "name": dataset.name},
        "types": sorted(one.types),
        **{name: getattr(one, name) for name in COUNTED},
        "change_percent": one.growth,
        "conditions": one.conditions,
    }
