"""One run in full, its log, and how the runs of a job went, for programs."""

import json
from typing import Any

from flask import Response, g, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound

from app.db import db, utcnow
from app.jobs import asked
from app.jobs.api.events import private_of
from app.jobs.models import RunStep
from app.jobs.queries import parties, tracking
from app.jobs.queries import runs as run_queries
from app.jobs.queries.sight import Sight
from app.jobs.reads.histories import pasts
from app.jobs.reads.plans import known
from app.jobs.reads.run_access import access
from app.jobs.reads.run_log import last_lines
from app.jobs.reads.tracked import Tracked, seen
from app.jobs.timing import usual
from app.refusal import Problem, Refused
from app.web.blueprints import api_blueprint
from app.web.export import plain
from app.web.guard import needs
from app.web.whole import whole

bp = api_blueprint("api_details", __name__, "/api/v1/jobs")
MOST_LINES, USUAL_LINES = 10_000, 200
COUNTED = 100


@bp.get("/runs/<run_id>/log")
@needs("jobs.read", "lineage.read")
def log(run_id: str) -> ResponseReturnValue:
    """Answer the last lines of the log as text, without colours and secrets; ``tail`` says how many."""
    sight = asked.sight()
    one = seen(db.session(), asked.which(run_id), sight)
    text = request.args.get("tail", "")
    most = whole(text, MOST_LINES) if text else USUAL_LINES
    if not most:
        raise Refused(Problem("bad_number", f"Use a number from 1 to {MOST_LINES:,}.", "tail", text[:100]))
    shows = one is not None and access(db.session(), sight, one.run, g.standing.who.name, writes=False).log
    found = last_lines(db.session(), one.run.number, most) if one is not None and shows else None
    if found is None:
        raise NotFound
    lines = [f"[{line.gap:,} bytes are not kept]\n{line.text}" if line.gap else line.text for line in found.lines]
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@bp.get("/jobs/<int:job_id>/statistics")
@needs("jobs.read", "lineage.read")
def statistics(job_id: int) -> ResponseReturnValue:
    """Answer how the last 100 runs of a job went, and how long its steps take by its last completed ones."""
    if job_id >= asked.BIGGEST or not asked.sees_job(job_id):
        raise NotFound
    session, now = db.session(), utcnow()
    rows = list(session.scalars(run_queries.of_job(job_id, COUNTED)))
    if not rows and db.session.scalar(run_queries.job_exists(job_id)) is None:
        raise NotFound
    found = usual(rows, now)
    return jsonify({
        "runs": len(rows),
        "ended": found.ended,
        "completed": found.completed,
        "success": found.success,
        "median_s": found.median,
        "p80_s": found.p80,
    })  # fmt: skip


def tracked_parts(session: Session, which: Any, sight: Sight) -> dict[str, Any]:
    """Return what a tracked run has beside what every run has: people, plan, steps, estimate; empty for others."""
    one = seen(session, which, sight)
    if one is None or one.following is None:
        return {}
    run = one.run
    names = {row[0]: row[1] for row in session.execute(parties.names({run.provider_id or 0, run.customer_id or 0}))}
    return {
        "provider": names.get(run.provider_id or 0),
        "customer": names.get(run.customer_id or 0),
        "version": one.configuration.version if one.configuration else None,
        "configuration": one.configuration.id if one.configuration and not sight.is_customer else None,
        "next_attempt": run.next_attempt,
        "eta_high_at": plain(run.eta_high_at),
        "estimated_by": len(pasts(session, run.job_id, one.major)) if run.eta_at is not None else 0,
        "silent_until": plain(run.silent_until),
        "cancel_requested": run.cancel_requested_at is not None and run.ended_at is None,
        "cancel_requested_why": run.cancel_requested_why,
        "ended_by": None if sight.is_customer else run.ended_by,
        "steps": _steps(session, one, sight),
    }


def _steps(session: Session, one: Tracked, sight: Sight) -> list[dict[str, Any]]:
    rows = {row.tag: row for row in session.scalars(tracking.steps(one.run.number))}
    hidden = private_of(one) if sight.is_customer else {}
    planned = known(session, one.configuration).plan.steps if one.configuration is not None else ()
    told: list[tuple[str, str, int | None]] = [(step.tag, step.name, step.points) for step in planned]
    told += [(tag, tag, None) for tag in rows if tag not in {step.tag for step in planned}]
    return [
        {"tag": tag, "name": name, "points": points, **_state(rows.get(tag), hidden.get(tag, frozenset()))}
        for tag, name, points in told
    ]


def _state(row: RunStep | None, hidden: frozenset[str]) -> dict[str, Any]:
    metadata = json.loads(row.event_metadata) if row is not None and row.event_metadata else {}
    return {
        "state": row.state if row is not None else "pending",
        "fraction": row.fraction if row is not None else None,
        "started_at": plain(row.started_at) if row is not None else None,
        "ended_at": plain(row.ended_at) if row is not None else None,
        "metadata": {name: value for name, value in metadata.items() if name not in hidden},
    }
