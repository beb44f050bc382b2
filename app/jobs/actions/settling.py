"""What runs are after their events changed: their rows, their steps, their history, and who is told."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from app.bulk import insert_rows
from app.changes.actor import Actor
from app.db import utcnow
from app.driver import bound, piped
from app.jobs.actions import pulse
from app.jobs.actions.following import put_all, write_runs
from app.jobs.actions.learning import Lesson, learn
from app.jobs.actions.telling import Before, Telling, record_all, signal
from app.jobs.models import Run, RunStatus, RunStep
from app.jobs.progress import silence
from app.jobs.progress.fold import Fold, Report
from app.jobs.progress.silence import Gaps
from app.jobs.progress.view import StepView, View, points
from app.jobs.reads.plans import Known
from app.jobs.reads.tracked import Tracked
from app.jobs.times import maybe

STEP = ("position", "state", "state_at", "state_sequence", "started_at", "ended_at", "fraction", "is_done",
        "event_metadata")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Folded:
    """A run whose ``fold`` has taken in ``reports``, which ``actor`` brought."""

    one: Tracked
    fold: Fold
    reports: Sequence[Report]
    plan: Known | None
    actor: Actor
    every_step: bool = False


@dataclass(slots=True)
class _Settling:
    """The same with what it looks like now, and ``way``, how it got there, if that changed."""

    folded: Folded
    before: Before
    view: View
    gaps: Gaps
    way: list[tuple[float, int]] | None = None


def settle(session: Session, many: Sequence[Folded]) -> None:
    """Write what runs are now, and tell what changed; those without reports are left alone. Flushes.

    The statements are those of one run, and one for each level of parents; each job whose runs completed has two more.
    """
    now = utcnow()
    session.flush()
    with session.no_autoflush:
        settling = [_shown(each, now) for each in many if each.reports and each.one.following is not None]
        if not settling:
            return
        above = pulse.alive_all(session, [each.folded.one for each in settling], now)
        for each in settling:
            _expected(session, each)
        lessons = [_lesson(each) for each in settling if each.way is not None]
        learn(session, [lesson for lesson in lessons if lesson is not None])
        signal(session, _write(session, settling, above))


def _write(session: Session, settling: Sequence[_Settling], above: Sequence[Run]) -> list[Run]:
    """Write all of it, without waiting for one statement before the next; return the runs that ended."""
    with piped(bound(session)):
        write_runs(session, [*(each.folded.one.run for each in settling), *above])
        _write_steps(session, settling)
        tellings = [Telling(each.folded.one, each.before, each.folded.actor, added=True) for each in settling]
        told, ended = record_all(session, tellings)
        put_all(session, [(each.folded.one, _state(each, words)) for each, words in zip(settling, told, strict=True)])
    return ended


def _shown(folded: Folded, now: datetime) -> _Settling:
    run, following = folded.one.run, folded.one.following
    before, view = Before.of(run), folded.fold.view(folded.plan.plan if folded.plan is not None else None)
    gap = (now - run.last_seen_at).total_seconds()
    known = json.loads(following.gaps) if following is not None else []
    _show(run, view, folded.reports, before)
    pulse.started(run, folded.one.job, before.started_at)
    return _Settling(folded, before, view, silence.add_gap([(at, count) for at, count in known], gap))


def _expected(session: Session, each: _Settling) -> None:
    run, before = each.folded.one.run, each.before
    if (before.progress, before.status, before.started_at) != (run.progress, run.status, run.started_at):
        pulse.estimated(session, each.folded.one, each.view.reached_at)
        each.way = points(each.folded.fold, each.folded.plan.plan if each.folded.plan is not None else None)


def _lesson(each: _Settling) -> Lesson | None:
    is_done = each.folded.one.run.status == RunStatus.COMPLETED
    if not is_done and each.before.status != RunStatus.COMPLETED:
        return None
    return Lesson(each.folded.one, each.view, each.way or [], each.gaps, is_done=is_done)


def _state(each: _Settling, told: str) -> dict[str, object]:
    following = each.folded.one.following
    kept = following.points if following is not None else "[]"
    return {
        "sequence": max(report.sequence for report in each.folded.reports),
        "fold": each.folded.fold.to_json(),
        "points": kept if each.way is None else json.dumps(each.way),
        "gaps": json.dumps(each.gaps),
        "told": told,
    }


def _show(run: Run, view: View, reports: Sequence[Report], before: Before) -> None:
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


def _write_steps(session: Session, settling: Sequence[_Settling]) -> None:
    rows = [_row(each.folded.one.run, step) for each in settling for step in _changed_steps(each)]
    insert_rows(bound(session), RunStep.__table__, rows, conflict=("run", "tag"), update=STEP)


def _changed_steps(each: _Settling) -> list[StepView]:
    """Return the steps that reports named, and those whose beginning was guessed from them."""
    reports = None if each.folded.every_step else each.folded.reports
    touched = {report.step: report.at for report in reports or () if report.step is not None}
    earliest = min(touched.values(), default=0)
    changed = [
        step
        for step in each.view.steps
        if reports is None
        or step.tag in touched
        or (step.is_guess and touched and step.ended_at is not None and step.ended_at > earliest)
    ]
    return [step for step in changed if step.place is not None or step.tag in touched]


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
