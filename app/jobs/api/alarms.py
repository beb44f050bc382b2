"""What is expected of a job, and how it went, for programs."""

from flask import jsonify
from flask.typing import ResponseReturnValue
from msgspec import UNSET, Struct, UnsetType, structs
from werkzeug.exceptions import NotFound

from app.changes.actor import current_actor
from app.db import db
from app.jobs import asked
from app.jobs.actions.alarms import AlarmDraft, set_alarms
from app.jobs.api.body import body
from app.jobs.models import Job
from app.jobs.queries import plans as queries
from app.jobs.queries import sight as seen
from app.refusal import Problem, Refused
from app.web.blueprints import api_blueprint
from app.web.guard import needs, unlogged

bp = api_blueprint("api_alarms", __name__, "/api/v1/jobs/jobs")
NAMES = ("heartbeat_s", "deadline_s", "due_by", "due_zone", "metadata_check")


class Alarms(Struct, forbid_unknown_fields=True):
    """Alarms; members that are absent stay as they are, null takes away."""

    heartbeat_s: int | UnsetType | None = UNSET
    deadline_s: int | UnsetType | None = UNSET
    due_by: str | UnsetType | None = UNSET
    due_zone: str | UnsetType | None = UNSET
    metadata_check: str | UnsetType | None = UNSET


@bp.patch("/<int:job_id>")
@needs("jobs.write")
@unlogged("the same alarms again change nothing")
def patch(job_id: int) -> ResponseReturnValue:
    """Set how long a job may be silent, when its runs are done, and how strict its metadata is."""
    given, session = structs.asdict(body(Alarms)), db.session()
    job = _job(job_id)
    now = {name: getattr(job, name) for name in NAMES}
    set_alarms(session, job, AlarmDraft(**now | {k: v for k, v in given.items() if v is not UNSET}), current_actor())
    session.commit()
    return jsonify({"id": job.id, **{name: getattr(job, name) for name in NAMES}})


def _job(job_id: int) -> Job:
    """Return a job of the rows of the account; raises NotFound, and Refused 403 for customers."""
    sight = asked.sight()
    if sight.is_customer:
        raise Refused(Problem("role", "Customers see their runs; providers and operators set alarms."), status=403)
    found = db.session.scalar(queries.job_by_id(job_id, seen.jobs(sight))) if job_id < asked.BIGGEST else None
    if found is None:
        raise NotFound
    return found
