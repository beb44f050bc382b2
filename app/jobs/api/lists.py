"""Jobs and runs for programs; what they write goes through tracking and lineage."""

from dataclasses import replace

from flask import jsonify, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.db import db
from app.jobs import asked, comparison, fields, listed
from app.jobs.api.details import tracked_parts
from app.jobs.models import Job
from app.jobs.queries import jobs as job_queries
from app.jobs.reads import runs as reads
from app.jobs.reads.exported import with_owners_and_io
from app.jobs.shown import status
from app.web.answers import items, shown
from app.web.blueprints import api_blueprint
from app.web.export import plain
from app.web.guard import needs
from app.web.keyset import keyset

bp = api_blueprint("api_jobs", __name__, "/api/v1/jobs")


@bp.get("/runs")
@needs("jobs.read", "lineage.read")
def runs() -> ResponseReturnValue:
    """Answer one page of runs; filters and cursor are those of the page.

    ``status`` says ``stalled`` of a run that is silent for too long; ``stored_status`` says what stands beside that.
    """
    return items(listed.runs(asked.runs()).page(), {**fields.RUN_API, **fields.NAMED})


@bp.get("/runs/<run_id>")
@needs("jobs.read", "lineage.read")
def run(run_id: str) -> ResponseReturnValue:
    """Answer one run by its number or id, with its facets; 404 if there is none such."""
    opened = reads.opened(db.session(), asked.which(run_id))
    if opened is None or not asked.sight().shows(opened.run):
        raise NotFound
    above = reads.above(db.session(), opened.run).above
    parent = above[-1] if above else None
    row = (opened.run, opened.job, parent.run if parent else None, parent.job if parent else None)
    tracked = tracked_parts(db.session(), opened.run.number, asked.sight())
    told = {name: plain(make(row)) for name, make in fields.RUN_API.items()}
    return jsonify({**told, "facets": opened.facets, "events": opened.events, **tracked})


@bp.get("/runs/<run_id>/comparison")
@needs("jobs.read", "lineage.read")
def comparison_of(run_id: str) -> ResponseReturnValue:
    """Answer what differs between a run and the one ``with`` names, by default the completed one before it."""
    after = comparison.opened(run_id, "run")
    before = comparison.run_of("with") or comparison.before(after)
    parts = comparison.parts(before, after) if before is not None else []
    return jsonify({
        "before": _short(before) if before is not None else None,
        "after": _short(after),
        "parts": [part.json for part in parts],
    })  # fmt: skip


def _short(opened: reads.Opened) -> dict[str, object]:
    run = opened.run
    told = {"number": run.number, "id": str(run.id), "job": opened.job.name, "status": status(run, opened.now)}
    return told | {"url": url_for("runs.show", run_id=str(run.id), _external=True)}


@bp.get("/jobs")
@needs("jobs.read", "lineage.read")
def jobs() -> ResponseReturnValue:
    """Answer one page of jobs; filters and cursor are those of the page."""
    listing, wanted = asked.jobs()
    rest = job_queries.narrower(wanted)
    rows = keyset(job_queries.jobs(wanted), listing, job_queries.SORTS, rest=rest)
    return items(replace(rows, rows=with_owners_and_io(db.session(), rows.rows)), fields.JOB_API)


@bp.get("/jobs/<int:job_id>")
@needs("jobs.read", "lineage.read")
def job(job_id: int) -> ResponseReturnValue:
    """Answer one job, or 404."""
    if job_id >= asked.BIGGEST or not asked.sees_job(job_id):
        raise NotFound
    row = db.session.execute(job_queries.jobs(job_queries.Wanted()).where(Job.id == job_id)).one_or_none()
    if row is None:
        raise NotFound
    return shown(with_owners_and_io(db.session(), [row])[0], fields.JOB_API)
