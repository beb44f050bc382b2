"""Runs and configurations as answers show them."""

import json
from collections.abc import Mapping
from typing import Any

from flask import url_for

from app.jobs.models import Event, Job, JobConfiguration, Run
from app.jobs.progress.plan import Plan, PlannedStep
from app.jobs.reads.plans import Known
from app.web.export import plain


def configuration(row: JobConfiguration, known: Known, *, latest: bool, warning: str | None = None) -> dict[str, Any]:
    """Return a configuration with its steps; ``warning`` only where there is one."""
    found = {
        "id": row.id,
        "tag": row.tag,
        "name": row.name,
        "version": row.version,
        "latest": latest,
        "archived": row.archived_at is not None,
        "created_at": plain(row.created_at),
        "steps": [_step(step, known.step_ids[step.tag]) for step in known.plan.steps],
    }
    return found | ({"warning": warning} if warning else {})


def plan_of(plan: Plan) -> list[dict[str, Any]]:
    """Return the steps of a plan without ids, as they could be registered again."""
    return [{name: value for name, value in _step(step, 0).items() if name != "id"} for step in plan.steps]


def _step(step: PlannedStep, step_id: int) -> dict[str, Any]:
    return {
        "id": step_id,
        "tag": step.tag,
        "name": step.name,
        "points": step.points,
        "required": step.required,
        "metadata": [
            {"name": value.name, "kind": value.kind, "units": value.units, "private": value.private}
            for value in step.metadata
        ],
    }


def opened(run: Run, job: Job, plan: JobConfiguration | None) -> dict[str, Any]:
    """Return a run as it is answered to the program that opened it; ``parent`` is the facet for its OpenLineage."""
    return {
        "id": str(run.id),
        "number": run.number,
        "attempt": run.attempt,
        "external_id": run.external_id,
        "job": job.name,
        "version": plan.version if plan else None,
        "url": url_for("runs.show", run_id=str(run.id), _external=True),
        "parent": parent_facet(run, job),
        **standing(run),
    }


def standing(run: Run) -> dict[str, Any]:
    """Return how a run stands, with whether it is asked to stop."""
    return {
        "status": str(run.status),
        "progress": run.progress,
        "eta_at": plain(run.eta_at),
        "deadline_at": plain(run.deadline_at),
        "cancel_requested": run.cancel_requested_at is not None and run.ended_at is None,
    }


def parent_facet(run: Run, job: Job) -> dict[str, Any]:
    """Return what OpenLineage events of a run's parts carry as their parent."""
    return {"run": {"runId": run.reported_id}, "job": {"namespace": job.namespace, "name": job.name}}


def event(row: Event, *, hidden: Mapping[str, frozenset[str]] | None = None, is_after: bool = False) -> dict[str, Any]:
    """Return an event; ``hidden`` are names of private values by step, None shows all."""
    metadata = json.loads(row.event_metadata) if row.event_metadata else {}
    if hidden is not None:
        metadata = {name: value for name, value in metadata.items() if name not in hidden.get(row.step or "", ())}
    flags = [*row.flags.split(), *(["after_end"] if is_after else [])]
    return {
        "id": row.id,
        "sequence": row.sequence,
        "kind": row.kind,
        "wire_kind": row.wire_kind,
        "state": row.state,
        "step": row.step,
        "name": row.name,
        "metadata": metadata,
        "fraction": row.fraction,
        "progress": row.progress,
        "reason": row.reason,
        "occurred_at": plain(row.occurred_at),
        "received_at": plain(row.received_at),
        "event_id": row.event_id,
        "updates": row.updates,
        "flags": flags,
    }
