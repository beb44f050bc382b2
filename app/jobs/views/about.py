"""What people say about a job: description, owners, tags."""

from typing import Any

from flask import g, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.db import db
from app.jobs import asked
from app.jobs.actions.annotate import Target
from app.jobs.forms import DescriptionForm, OwnerForm, TagForm
from app.jobs.models import Job
from app.jobs.queries import jobs as queries
from app.jobs.reads.about import about
from app.jobs.views.annotating import Forms, Subject, add_routes
from app.web.blueprints import realm_blueprint
from app.web.page import page

bp = realm_blueprint("job_about", __name__, "/jobs/jobs/<int:job_id>")


@bp.url_value_preprocessor
def take(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Keep the number of the URL for ``find``."""
    if values is not None:
        g.job_id = values.pop("job_id")


@bp.url_defaults
def fill(_endpoint: str, values: dict[str, Any]) -> None:
    """Fill the number into links of the page."""
    values.setdefault("job_id", g.get("job_id"))


@bp.before_request
def find() -> None:
    """Load the job; 404 for an unknown number and for one the person may not see."""
    row = db.session.execute(queries.job(g.job_id)).one_or_none()
    if row is None or not asked.sees_job(row[0].id):
        raise NotFound
    g.job = row[0]


def _target() -> Target:
    job: Job = g.job
    return Target("job", (job.id,), job.name)


def _page(status: int, given: Forms) -> ResponseReturnValue:
    if status != 200:  # noqa: PLR2004 - a refusal rolled back what was read
        find()
    said = about(db.session(), "job", [g.job.id])
    mine = said.description
    forms = {
        "description": DescriptionForm(text=mine.text if mine else ""),
        "owner": OwnerForm(),
        "tag": TagForm(),
        **given,
    }
    return page("jobs/jobs/about.html", status, job=g.job, about=said, forms=forms)


def _back(_column: str | None) -> str:
    return url_for("job_about.about", job_id=g.job.id)


add_routes(bp, Subject(_target, _page, _back))
