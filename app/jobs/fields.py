"""Runs and jobs as exports and the API show them."""

from collections.abc import Callable
from typing import Any

from flask import url_for

from app.db import utcnow
from app.jobs.asked import sees_totals
from app.jobs.shown import Heard, status
from app.jobs.timing import seconds

Field = Callable[[Any], object]

OWN_SPELLING = {"DBT": "dbt", "OPENLINEAGE": "OpenLineage"}


def integration(name: str) -> str:
    """Return an integration as its makers write it."""
    return OWN_SPELLING.get(name, name.capitalize())


def stands(run: Heard) -> str:
    """Return the word shown for a run now: its status, or stalled in its place."""
    return status(run, utcnow())


RUN: dict[str, Field] = {
    "number": lambda row: row[0].number,
    "id": lambda row: str(row[0].id),
    "job": lambda row: row[1].name,
    "namespace": lambda row: row[1].namespace,
    "job_id": lambda row: row[1].id,
    "external_id": lambda row: row[0].external_id,
    "reported_id": lambda row: row[0].reported_id,
    "status": lambda row: stands(row[0]),
    "stored_status": lambda row: str(row[0].status),
    "progress": lambda row: row[0].progress,
    "progress_kind": lambda row: row[0].progress_kind,
    "step": lambda row: row[0].step,
    "started_at": lambda row: row[0].started_at,
    "ended_at": lambda row: row[0].ended_at,
    "duration_s": lambda row: seconds(row[0], utcnow()),
    "eta_at": lambda row: row[0].eta_at,
    "deadline_at": lambda row: row[0].deadline_at,
    "attempt": lambda row: row[0].attempt,
    "integration": lambda row: row[0].integration,
    "type": lambda row: row[0].job_type,
    "role": lambda row: row[0].role,
    "origin": lambda row: row[0].origin,
    "user": lambda row: row[0].started_by_name,
    "ended_reason": lambda row: row[0].ended_reason,
    "parent": lambda row: str(row[2].id) if row[2] else None,
    "parent_job": lambda row: row[3].name if row[3] else None,
}
NAMED: dict[str, Field] = {
    "provider": lambda row: row[4],
    "customer": lambda row: row[5],
    "version": lambda row: row[7],
}
"""What a list of runs knows besides."""
RUN_LISTED: dict[str, Field] = {**RUN, **NAMED}
RUN_API: dict[str, Field] = {
    **RUN,
    "scheduled_at": lambda row: row[0].nominal_start_at,
    "last_seen_at": lambda row: row[0].last_seen_at,
    "log_url": lambda row: row[0].log_url,
    "url": lambda row: url_for("runs.show", run_id=str(row[0].id), _external=True),
}
JOB: dict[str, Field] = {
    "id": lambda row: row[0].id,
    "integration": lambda row: row[0].integration,
    "type": lambda row: row[0].type,
    "namespace": lambda row: row[0].namespace,
    "name": lambda row: row[0].name,
    "location": lambda row: f"{row[1].type}://{row[1].name}",
    "origin": lambda row: row[0].origin,
    "role": lambda row: row[0].role,
    "runs": lambda row: row[0].runs if sees_totals(row[0]) else None,
    "last_run": lambda row: str(row[2].id) if row[2] else None,
    "last_run_at": lambda row: row[0].last_run_at if sees_totals(row[0]) else None,
    "last_status": lambda row: stands(row[2]) if row[2] else None,
    "last_duration_s": lambda row: seconds(row[2], utcnow()) if row[2] else None,
    "inputs": lambda row: row[4][0] if row[4] else None,
    "outputs": lambda row: row[4][1] if row[4] else None,
    "owners": lambda row: row[3],
    "description": lambda row: row[0].description,
}
JOB_API: dict[str, Field] = {**JOB, "url": lambda row: url_for("jobs.show", job_id=row[0].id, _external=True)}
