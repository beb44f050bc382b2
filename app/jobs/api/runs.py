"""Opening runs and what is done to them, for programs."""

from datetime import UTC, datetime

from flask import jsonify
from flask.typing import ResponseReturnValue
from msgspec import Struct
from werkzeug.exceptions import NotFound

from app.accounts.idempotent import idempotent
from app.accounts.models import User
from app.changes.actor import current_actor
from app.db import db
from app.jobs import asked
from app.jobs.actions import ending
from app.jobs.actions.opening import Opened, RunDraft, open_run, retry
from app.jobs.actions.parties import provider_of
from app.jobs.actions.telling import label_of
from app.jobs.api import shapes
from app.jobs.api.body import body
from app.jobs.api.in_line import in_line
from app.jobs.models import Run
from app.jobs.queries.sight import only_looks
from app.jobs.reads.tracked import Tracked, seen
from app.refusal import Problem, Refused
from app.web.blueprints import api_blueprint
from app.web.guard import needs, unlogged

bp = api_blueprint("api_runs", __name__, "/api/v1/jobs/runs")


class RunBody(Struct, forbid_unknown_fields=True):
    """A run to be opened; one of tag and job is named."""

    external_id: str
    tag: str | None = None
    job: str | None = None
    customer: str | int | None = None
    version: str | None = None
    name: str | None = None
    description: str | None = None
    parent: str | int | None = None
    attempt: int | None = None
    deadline_at: datetime | None = None
    log_url: str | None = None
    provider: str | None = None


class End(Struct, forbid_unknown_fields=True):
    """How a run ended."""

    status: str = "completed"
    reason: str | None = None
    force: bool = False
    number: str = ""


class Why(Struct, forbid_unknown_fields=True):
    """Why."""

    why: str | None = None


class Nothing(Struct):
    """A body that says nothing."""


@bp.post("")
@needs("jobs.write")
@in_line
@idempotent
def open_one() -> ResponseReturnValue:
    """Open a run: 201 when it or a new attempt is made, 200 when the same names are open or completed already.

    ``parent`` of the answer is the facet by which OpenLineage events of its parts name it.
    """
    given, session = body(RunBody), db.session()
    provider = provider_of(session, asked.sight(), given.provider)
    opened = open_run(session, draft_of(given), provider, current_actor())
    session.commit()
    return answer(opened)


@bp.post("/<run_id>/completion")
@needs("jobs.write")
@in_line
@idempotent
def completion(run_id: str) -> ResponseReturnValue:
    """End a run as completed, failed or cancelled; the newest end decides.

    ``force`` ends one by hand: only what is open, and with runs below it only when its number is typed.
    """
    one, given = written(run_id), body(End)
    session, actor = db.session(), current_actor()
    if given.force:
        ending.force_end(session, one, given.status, given.reason, actor, typed=given.number)
    else:
        ending.complete(session, one, given.status, given.reason, actor)
    session.commit()
    return jsonify(shapes.standing(one.run))


@bp.post("/<run_id>/heartbeat")
@needs("jobs.write")
@unlogged("a sign of life changes nothing that is shown")
@in_line
def heartbeat(run_id: str) -> ResponseReturnValue:
    """Say that a run is alive."""
    one = written(run_id)
    body(Nothing)
    ending.heartbeat(db.session(), one, current_actor())
    db.session.commit()
    return jsonify(shapes.standing(one.run))


@bp.post("/<run_id>/cancellation")
@needs("jobs.write")
@unlogged("asking twice asks once")
@idempotent
def cancellation(run_id: str) -> ResponseReturnValue:
    """Cancel a run that waits; ask the program of one that runs, and of those below it, to stop."""
    one, given = written(run_id), body(Why)
    asked_ = ending.request_cancel(db.session(), one, given.why, current_actor())
    db.session.commit()
    return jsonify({"outcome": asked_.outcome, "children": asked_.children, **shapes.standing(one.run)})


@bp.post("/<run_id>/dismissal")
@needs("jobs.write")
@idempotent
def dismissal(run_id: str) -> ResponseReturnValue:
    """Take a silent run of OpenLineage out of the lists and notices of stalled ones."""
    one, given = written(run_id), body(Why)
    ending.dismiss(db.session(), one.run, one.job.name, given.why or "", current_actor())
    db.session.commit()
    return jsonify(shapes.standing(one.run))


@bp.post("/<run_id>/attempts")
@needs("jobs.write")
@idempotent
def attempts(run_id: str) -> ResponseReturnValue:
    """Try a run again that has ended: 201 with the new attempt."""
    one = written(run_id)
    body(Nothing)
    session = db.session()
    provider = session.get(User, one.run.provider_id) if one.run.provider_id is not None else None
    if provider is None:
        raise Refused(Problem("not_tracked", "Only tracked runs are tried again from here."), status=409)
    opened = retry(session, one, provider, current_actor())
    session.commit()
    return answer(opened)


@bp.post("/<run_id>/archival")
@needs("jobs.write")
@idempotent
def archive(run_id: str) -> ResponseReturnValue:
    """Take a tracked run that has ended out of lists; 409 for one that goes on or is archived."""
    one = written(run_id)
    body(Nothing)
    ending.archive(db.session(), one.run, label_of(one), current_actor())
    db.session.commit()
    return jsonify(shapes.standing(one.run))


@bp.post("/<run_id>/restoration")
@needs("jobs.write")
@idempotent
def restore(run_id: str) -> ResponseReturnValue:
    """Show an archived run in lists again; 409 for one that is not archived."""
    one = written(run_id)
    body(Nothing)
    ending.restore(db.session(), one.run, label_of(one), current_actor())
    db.session.commit()
    return jsonify(shapes.standing(one.run))


def written(run_id: str) -> Tracked:
    """Return a run that the account of the request may write to; raises NotFound for one it does not see.

    Raises Refused 403 for customers, who only look.
    """
    sight = asked.sight()
    found = seen(db.session(), asked.which(run_id), sight)
    if found is None:
        raise NotFound
    if sight.is_customer:
        raise only_looks()
    return found


def answer(opened: Opened) -> ResponseReturnValue:
    """Answer a run that was opened."""
    one = opened.tracked
    return jsonify(shapes.opened(one.run, one.job, one.configuration)), 201 if opened.created else 200


def draft_of(given: RunBody) -> RunDraft:
    """Return what a body asks for; raises Refused 422 (field ``parent``) when it names no run that is seen."""
    return RunDraft(
        given.external_id, tag=given.tag, job=given.job, customer=given.customer, version=given.version,
        name=given.name, description=given.description, parent=_parent(given.parent), attempt=given.attempt,
        deadline_at=zoned(given.deadline_at, "deadline_at"), log_url=given.log_url,
    )  # fmt: skip


def zoned(at: datetime | None, field: str) -> datetime | None:
    """Return a time in UTC, which is meant where no zone is named; raises Refused 422 for one before 1970."""
    if at is None:
        return None
    try:
        found = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (OverflowError, ValueError):
        found = None
    if found is None or not 1970 <= found.year < 9000:  # noqa: PLR2004 - what every clock and column holds
        raise Refused(Problem("bad_time", "Use a time from 1970 on.", field, str(at)))
    return found


def _parent(named: str | int | None) -> Run | None:
    if named is None:
        return None
    try:
        found = seen(db.session(), asked.which(str(named)), asked.sight())
    except NotFound:
        found = None
    if found is None:
        raise Refused(Problem("unknown_parent", "There is no such run.", "parent", str(named)[:100]))
    return found.run
