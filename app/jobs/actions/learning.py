"""How completed attempts went is kept for the estimates of later ones."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.bulk import insert_rows
from app.db import utcnow
from app.driver import bound
from app.jobs.actions.texts import in_turn
from app.jobs.models import DurationStat
from app.jobs.progress import history
from app.jobs.progress.history import Past
from app.jobs.progress.silence import Gaps
from app.jobs.progress.view import View
from app.jobs.reads.histories import current, keep
from app.jobs.reads.tracked import Tracked
from app.jobs.times import micros


@dataclass(frozen=True, slots=True)
class Lesson:
    """An attempt that completed, or (not ``is_done``) one that was thought to have and turned out otherwise."""

    one: Tracked
    view: View
    way: Sequence[tuple[float, int]]
    gaps: Gaps
    is_done: bool


def learn(session: Session, lessons: Sequence[Lesson]) -> None:
    """Remember how attempts went; one statement, and for each job and major version one to read, in turn."""
    known: dict[tuple[int, str], list[Past]] = {}
    for lesson in sorted(lessons, key=_key):
        key = _key(lesson)
        if key not in known:
            in_turn(session, "history", key[0])
            known[key] = current(session, *key)
        known[key] = _with(known[key], lesson)
    if not known:
        return
    realm_id, now = lessons[0].one.run.realm_id, utcnow()
    rows = [
        {"realm_id": realm_id, "job_id": job_id, "major": major, "runs": history.write(past), "updated_at": now}
        for (job_id, major), past in known.items()
    ]
    changed = ("runs", "updated_at")
    insert_rows(bound(session), DurationStat.__table__, rows, conflict=("job_id", "major"), update=changed)
    for (job_id, major), past in known.items():
        keep(session, job_id, major, now, past)


def _key(lesson: Lesson) -> tuple[int, str]:
    return lesson.one.run.job_id, lesson.one.major


def _with(known: Sequence[Past], lesson: Lesson) -> list[Past]:
    run, view = lesson.one.run, lesson.view
    if not lesson.is_done or view.ended_at is None:
        return history.forget(known, run.number)
    took = {step.tag: (step.ended_at - step.started_at) / 1e6 for step in view.steps
            if step.ended_at is not None and step.started_at is not None}  # fmt: skip
    began = view.started_at if view.started_at is not None else micros(run.began_at)
    return history.remember(known, history.past(run.number, began, view.ended_at, lesson.way, lesson.gaps, took))
