"""What is expected of a job: how often it says something, when it is done, how strict its values are."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from app.changes.actor import current_actor
from app.db import db
from app.jobs import asked
from app.jobs.actions.alarms import AlarmDraft, set_alarms
from app.jobs.forms_alarms import AlarmForm, zones
from app.jobs.models import Job
from app.jobs.queries import plans as queries
from app.jobs.queries import sight as seen
from app.jobs.times import length_text
from app.jobs.views.jobs import bp
from app.refusal import Refused
from app.web.guard import needs
from app.web.page import page


@bp.route("/<int:job_id>/alarms", methods=["GET", "POST"])
@needs("jobs.write")
def alarms(job_id: int) -> ResponseReturnValue:
    """Ask for the alarms of a job and set them: 303 to its page, 422 with the form and what is wrong with it."""
    asked.not_for_customers()
    session = db.session()
    job = session.scalar(queries.job_by_id(job_id, seen.jobs(asked.sight()))) if job_id < asked.BIGGEST else None
    if job is None:
        raise NotFound
    form, status = AlarmForm(request.form if request.method == "POST" else _now(job)), 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                is_new = set_alarms(session, job, _draft(form), current_actor())
            except Refused as refusal:
                session.rollback()
                form.refuse(refusal)
            else:
                session.commit()
                flash(f"Alarms of {job.name} were set." if is_new else "Nothing was changed.")
                return redirect(url_for("jobs.show", job_id=job_id), 303)
    return page("jobs/jobs/alarms.html", status, job=job, form=form, zones=zones())


def _now(job: Job) -> MultiDict[str, str]:
    given = {
        "heartbeat_s": length_text(job.heartbeat_s),
        "deadline_s": length_text(job.deadline_s),
        "due_by": job.due_by or "",
        "due_zone": job.due_zone or "",
        "metadata_check": job.metadata_check or "",
    }
    return MultiDict(given)


def _draft(form: AlarmForm) -> AlarmDraft:
    """Return what was typed; raises Refused 422 on a length that is none."""
    beat, deadline = (asked.length(field.data or "", field.name) for field in (form.heartbeat_s, form.deadline_s))
    due_by = form.due_by.data or None
    return AlarmDraft(
        heartbeat_s=None if beat is None else round(beat),
        deadline_s=None if deadline is None else round(deadline),
        due_by=due_by,
        due_zone=(form.due_zone.data or "UTC") if due_by else form.due_zone.data or None,
        metadata_check=form.metadata_check.data or None,
    )
