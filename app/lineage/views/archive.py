"""Archiving datasets and jobs, and taking them back."""

from collections.abc import Callable
from typing import Any

from flask import Flask, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from app.changes.actor import Actor, current_actor
from app.db import db
from app.jobs import asked
from app.jobs.actions.annotate import Target
from app.jobs.queries import jobs as job_queries
from app.lineage.actions import archive as actions
from app.lineage.views.annotations import target_of
from app.lineage.views.opened import dataset_blueprint, opened
from app.web.blueprints import realm_blueprint
from app.web.guard import needs

bp = realm_blueprint("job_archive", __name__, "/jobs/jobs/<int:job_id>")
datasets = dataset_blueprint("dataset_archive", __name__)
Act = Callable[[Session, Target, Actor], None]
GONE = "Archived."
BACK = "Restored: it stands in lists again."


def init(app: Flask) -> None:
    """Register the pages of datasets beside those of jobs."""
    app.register_blueprint(datasets)


@datasets.post("/archival", endpoint="archive")
@needs("lineage.write")
def archive_dataset() -> ResponseReturnValue:
    """Take a dataset out of lists: 303 to its page, 409 when it is archived."""
    return _done(actions.archive, target_of(opened()), GONE)


@datasets.post("/restoration", endpoint="restore")
@needs("lineage.write")
def restore_dataset() -> ResponseReturnValue:
    """Show a dataset in lists again: 303 to its page, 409 when it is not archived."""
    return _done(actions.restore, target_of(opened()), BACK)


@bp.post("/archival", endpoint="archive")
@needs("lineage.write")
def archive_job(job_id: int) -> ResponseReturnValue:
    """Take a job out of lists: 303 to its page, 409 when it is archived, 404 for one the person may not see."""
    return _done(actions.archive, _job(job_id), GONE)


@bp.post("/restoration", endpoint="restore")
@needs("lineage.write")
def restore_job(job_id: int) -> ResponseReturnValue:
    """Show a job in lists again: 303 to its page, 409 when it is not archived."""
    return _done(actions.restore, _job(job_id), BACK)


def _job(job_id: int) -> Target:
    row: Any = db.session.execute(job_queries.job(job_id)).one_or_none() if job_id < asked.BIGGEST else None
    if row is None or not asked.sees_job(job_id):
        raise NotFound
    return Target("job", (row[0].id,), row[0].name)


def _done(act: Act, target: Target, words: str) -> ResponseReturnValue:
    act(db.session(), target, current_actor())
    db.session.commit()
    flash(words)
    there = {"dataset": "dataset.show", "job": "jobs.show"}[target.kind]
    given: dict[str, Any] = {f"{target.kind}_id": target.id}
    return redirect(url_for(there, **given), 303)
