"""Badges of a run or a job: the list with a preview, making one, taking one back."""

from dataclasses import dataclass
from uuid import UUID

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.changes.actor import current_actor
from app.db import db
from app.jobs import asked
from app.jobs.actions.badges import make_badge, revoke_badge
from app.jobs.actions.telling import label_of
from app.jobs.models import Job, Run
from app.jobs.queries import run_parts as queries
from app.jobs.reads.badges import Shown, of_job, of_run
from app.jobs.views.run_acts import written
from app.refusal import Problem, Refused
from app.web.blueprints import realm_blueprint
from app.web.guard import needs
from app.web.page import page

bp = realm_blueprint("badges", __name__, "/jobs")
MOST = 200


@dataclass(frozen=True, slots=True)
class Subject:
    """What badges are of: the row, what the log calls it, what a badge of it shows now, and where its pages are."""

    of: Run | Job
    label: str
    shown: Shown
    back: str
    url: str


@bp.get("/runs/<run_id>/badges", endpoint="of_run")
@needs("jobs.write")
def run_badges(run_id: str) -> ResponseReturnValue:
    """List the badges of a run, newest first."""
    return _listed(_run(run_id))


@bp.post("/runs/<run_id>/badges", endpoint="make_of_run")
@needs("jobs.write")
def make_run_badge(run_id: str) -> ResponseReturnValue:
    """Make a badge of a run and show its address once: 201, 409 when there are too many."""
    return _made(_run(run_id))


@bp.post("/runs/<run_id>/badges/<uuid:badge_id>/revocation", endpoint="revoke_of_run")
@needs("jobs.write")
def revoke_run_badge(run_id: str, badge_id: UUID) -> ResponseReturnValue:
    """Take a badge of a run back: 303; 404 when it has none such, 409 when that is done."""
    return _revoked(_run(run_id), badge_id)


@bp.get("/jobs/<int:job_id>/badges", endpoint="of_job")
@needs("jobs.write")
def job_badges(job_id: int) -> ResponseReturnValue:
    """List the badges of a job, newest first."""
    return _listed(_job(job_id))


@bp.post("/jobs/<int:job_id>/badges", endpoint="make_of_job")
@needs("jobs.write")
def make_job_badge(job_id: int) -> ResponseReturnValue:
    """Make a badge of a job's newest run and show its address once: 201, 409 when there are too many."""
    return _made(_job(job_id))


@bp.post("/jobs/<int:job_id>/badges/<uuid:badge_id>/revocation", endpoint="revoke_of_job")
@needs("jobs.write")
def revoke_job_badge(job_id: int, badge_id: UUID) -> ResponseReturnValue:
    """Take a badge of a job back: 303; 404 when it has none such, 409 when that is done."""
    return _revoked(_job(job_id), badge_id)


def _run(run_id: str) -> Subject:
    one = written(run_id)
    run = one.run
    shown = of_run(db.session(), run.number)
    if shown is None:
        raise NotFound
    here = url_for("badges.of_run", run_id=run.id)
    return Subject(run, label_of(one), shown, url_for("runs.show", run_id=run.id), here)


def _job(job_id: int) -> Subject:
    """Return a job whose newest run the account may change; raises NotFound, and Refused 403."""
    row = db.session.execute(queries.job_with_newest_run(job_id)).one_or_none()
    sight = asked.sight()
    if row is None or not (sight.is_all or (row[0] is not None and sight.shows(row[0]))):
        raise NotFound
    if not (sight.is_all or (sight.is_provider and row[0].provider_id == sight.user_id)):
        raise Refused(Problem("role", "Providers and operators make badges."), status=403)
    job, here = row[1], url_for("badges.of_job", job_id=job_id)
    return Subject(job, job.name, of_job(row[0], job), url_for("jobs.show", job_id=job_id), here)


def _listed(subject: Subject) -> ResponseReturnValue:
    of = subject.of
    mine = queries.badges(run=of.number) if isinstance(of, Run) else queries.badges(job_id=of.id)
    rows = list(db.session.scalars(mine.limit(MOST)))
    return page("jobs/badges/index.html", subject=subject, badges=rows)


def _made(subject: Subject) -> ResponseReturnValue:
    badge, token = make_badge(db.session(), subject.of, subject.label, current_actor())
    db.session.commit()
    svg = f"{request.host_url}b/{token}.svg"
    target = f"{request.host_url.rstrip('/')}{subject.back}"
    snippets = {
        "Markdown": f"[![{subject.shown.label}]({svg})]({target})",
        "Address of the picture": svg,
        "The same as JSON": f"{request.host_url}b/{token}.json",
    }
    answer = page("jobs/badges/issued.html", 201, subject=subject, badge=badge, snippets=snippets)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _revoked(subject: Subject, badge_id: UUID) -> ResponseReturnValue:
    revoke_badge(db.session(), subject.of, subject.label, badge_id, current_actor())
    db.session.commit()
    flash("The badge is grey from now on.")
    return redirect(subject.url, 303)
