"""What a run is after its events changed: its row, its steps, its history, and who is told."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.bulk import insert_rows
from app.changes.actor import Actor
from app.db import utcnow
from app.driver import bound
from app.jobs.actions import pulse
from app.jobs.actions.following import put
from app.jobs.actions.telling import Before, tell
from app.jobs.actions.texts import in_turn
from app.jobs.models import DurationStat, Run, RunStatus, RunStep
from app.jobs.progress import history, silence
from app.jobs.progress.fold import Fold, Report
from app.jobs.progress.view import StepView, View, points
from app.jobs.reads.histories import pasts
from app.jobs.reads.plans import Known
from app.jobs.reads.tracked import Tracked
from app.jobs.times import maybe, micros

STEP = ("position", "state", "state_at", "state_sequence", "started_at", "ended_at", "fraction", "is_done",
        "event_metadata")  # fmt: skip


def settle(
    session: Session,
    one: Tracked,
    fold: Fold,
    reports: Sequence[Report],
    plan: Known | None,
    actor: Actor,
    *,
    every_step: bool = False,
) -> None:
    """Write what a run is after ``reports`` were folded, and tell what changed. Flushes; nothing without reports."""
    run, following = one.run, one.following
    if not reports or following is None:
        return
    with session.no_autoflush:
        now, before, way = utcnow(), Before.of(run), None
        planned = plan.plan if plan is not None else None
        view = fold.view(planned)
        gap = (now - run.last_seen_at).total_seconds()
        gaps = silence.add_gap([(at, count) for at, count in json.loads(following.gaps)], gap)
        _run(run, view, reports, before)
        pulse.started(run, one.job, before.started_at)
        pulse.alive(session, one, now)
        if (before.progress, before.status, before.started_at) != (run.progress, run.status, run.started_at):
            pulse.estimated(session, one, view.reached_at)
            way = points(fold, planned)
            _remember(session, one, view, (way, gaps), before.status)
        session.flush()
        _steps(session, run, view, None if every_step else reports)
        told = tell(session, one, before, actor, added=True)
    put(
        session, following, fold=fold.to_json(), gaps=json.dumps(gaps), told=told,
        points=following.points if way is None else json.dumps(way),
        sequence=max(report.sequence for report in reports),
    )  # fmt: skip


def _run(run: Run, view: View, reports: Sequence[Report], before: Before) -> None:
    run.status = RunStatus(view.status)
    # What was shown stays: an update may take back what a percent came from.
    run.progress = max(view.progress, before.progress or 0.0) if view.progress is not None else before.progress
    run.progress_kind = view.progress_kind
    run.step = view.step
    run.started_at, run.ended_at = maybe(view.started_at), maybe(view.ended_at)
    run.ended_reason = view.ended_reason[:500] if view.ended_reason else None
    run.ended_by = view.ended_by
    if run.started_at is not None:
        run.began_at = run.started_at
    times = [moment for report in reports if (moment := maybe(report.at)) is not None]
    run.first_event_at = _least(run.first_event_at, min(times))
    run.last_event_at = max(*times, run.last_event_at or times[0])


def _least(known: datetime | None, at: datetime) -> datetime:
    return at if known is None else min(known, at)


def _remember(
    session: Session,
    one: Tracked,
    view: View,
    way: tuple[Sequence[tuple[float, int]], Sequence[tuple[float, int]]],
    status_before: str,
) -> None:
    """Keep how a completed attempt went, for the estimates of later ones; forget one that turned out otherwise."""
    run, is_done = one.run, one.run.status == RunStatus.COMPLETED
    if not is_done and status_before != RunStatus.COMPLETED:
        return
    in_turn(session, "history", run.job_id)
    known = pasts(session, run.job_id, one.major)
    if is_done and view.ended_at is not None:
        took = {step.tag: (step.ended_at - step.started_at) / 1e6 for step in view.steps
                if step.ended_at is not None and step.started_at is not None}  # fmt: skip
        began = view.started_at if view.started_at is not None else micros(run.began_at)
        known = history.remember(known, history.past(run.number, began, view.ended_at, *way, took))
    else:
        known = history.forget(known, run.number)
    row = {
        "realm_id": run.realm_id,
        "job_id": run.job_id,
        "major": one.major,
        "runs": history.write(known),
        "updated_at": utcnow(),
    }
    insert_rows(
        bound(session), DurationStat.__table__, [row], conflict=("job_id", "major"), update=("runs", "updated_at")
    )


def _steps(session: Session, run: Run, view: View, reports: Sequence[Report] | None) -> None:
    """Write the states of steps that reports named, and of those whose beginning was guessed from them."""
    touched = {report.step: report.at for report in reports or () if report.step is not None}
    earliest = min(touched.values(), default=0)
    changed = [
        step
        for step in view.steps
        if reports is None
        or step.tag in touched
        or (step.is_guess and touched and step.ended_at is not None and step.ended_at > earliest)
    ]
    rows = [_row(run, step) for step in changed if step.place is not None or step.tag in touched]
    insert_rows(bound(session), RunStep.__table__, rows, conflict=("run", "tag"), update=STEP)


def _row(run: Run, step: StepView) -> dict[str, object]:
    return {
        "realm_id": run.realm_id,
        "run": run.number,
        "tag": step.tag,
        "position": step.position,
        "state": step.state or "pending",
        "state_at": maybe(step.place[0]) if step.place else None,
        "state_sequence": step.place[1] if step.place else None,
        "started_at": maybe(step.started_at),
        "ended_at": maybe(step.ended_at),
        "fraction": step.fraction,
        "is_done": step.is_done,
        "event_metadata": step.metadata,
    }
