"""Signs of life and clocks of a run: how long it may be silent, when it should be done."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy.orm import Session

from app.jobs.endless import ENDLESS
from app.jobs.models import Job, Run, RunStatus
from app.jobs.progress import silence
from app.jobs.progress.deadline import deadline
from app.jobs.progress.estimate import estimate
from app.jobs.progress.history import Past
from app.jobs.queries import tracking as queries
from app.jobs.reads.histories import pasts, remembered
from app.jobs.reads.tracked import Tracked, many_numbered
from app.jobs.times import maybe, maybe_micros, micros

MOST_LEVELS = 12
MOST_OPEN = 1_000


def alarms_at_start(session: Session, made: Tracked, given: datetime | None) -> None:
    """Set when a new run is silent too long, and its deadline."""
    run, job = made.run, made.job
    _silence(run, job, pasts(session, job.id, made.major), run.last_seen_at)
    run.deadline_at = maybe(maybe_micros(given)) or _due(run, job)


def started(run: Run, job: Job, before: datetime | None) -> None:
    """Set the deadline that counts from the start, unless the run has one of its own."""
    if job.deadline_s is None or run.started_at is None:
        return
    length = timedelta(seconds=job.deadline_s)
    if run.deadline_at in (None, before + length if before is not None else None, _due(run, job)):
        run.deadline_at = run.started_at + length


def _due(run: Run, job: Job) -> datetime | None:
    """Return the time of day a run of the job is due by: all that is known of its deadline until it starts."""
    due = (job.due_by, job.due_zone) if job.due_by and job.due_zone else None
    # It stays the same when the run starts: the id of a tracked run says when that was made.
    made = (run.id.int >> 80) * 1_000
    nominal = made if run.nominal_start_at is None else micros(run.nominal_start_at)
    return maybe(deadline(None, None, None, due, nominal))


def expect_anew(session: Session, job: Job, length_before: int | None) -> None:
    """Let the open runs of a job follow alarms that changed, at most a thousand; a time of day is for new runs."""
    known: dict[str, list[Past]] = {}
    for run, major in session.execute(queries.open_of_job(job.id, MOST_OPEN)):
        if major not in known:
            known[major] = pasts(session, job.id, major)
        _silence(run, job, known[major], run.last_seen_at)
        start, was_ours = run.started_at, length_before is not None
        if was_ours and start is not None and run.deadline_at == start + timedelta(seconds=length_before or 0):
            run.deadline_at = None
        started(run, job, None)
    session.flush()


def alive(session: Session, one: Tracked, at: datetime) -> None:
    """Take in a sign of life of a run, and of those above it; a statement for each of these levels."""
    alive_all(session, [one], at)


def alive_all(session: Session, ones: Sequence[Tracked], at: datetime) -> list[Run]:
    """Take in signs of life of runs, and of those above them; returns the latter. A statement for each level."""
    touched: list[Run] = []
    seen = {one.run.number for one in ones}
    level = list(ones)
    for _ in range(MOST_LEVELS):
        for one in level:
            _silence(one.run, one.job, _history(session, one), at)
        above = sorted({one.run.parent_run for one in level if one.run.parent_run is not None} - seen)
        if not above:
            break
        level = many_numbered(session, above)
        touched += [parent.run for parent in level]
        seen.update(above)
    return touched


def estimated(session: Session, one: Tracked, reached_at: int | None) -> None:
    """Set when the run will be done, by how earlier ones went."""
    run = one.run
    found = None
    if run.status == RunStatus.RUNNING:
        found = estimate(run.progress, reached_at, micros(run.started_at or run.began_at), _history(session, one))
    run.eta_at, run.eta_high_at = (maybe(found.eta_at), maybe(found.high_at)) if found else (None, None)


def _history(session: Session, one: Tracked) -> list[Past]:
    return remembered(session, one.run.job_id, one.major, one.learned_at)


def _silence(run: Run, job: Job, history: Sequence[Past], at: datetime) -> None:
    run.last_seen_at = max(run.last_seen_at, at)
    if RunStatus(run.status).is_final:
        run.silent_until = None
        return
    allowed = silence.limit(
        job.heartbeat_s,
        [past.gaps for past in history[: silence.ATTEMPTS]],
        is_queued=run.status == RunStatus.QUEUED,
        is_reported=run.origin != "tracked",
        is_endless=run.processing_type in ENDLESS,
        running_s=current_app.config["SETTINGS"].run_stalled_s,
    )
    run.silent_until = maybe(silence.silent_until(micros(run.last_seen_at), allowed))
