"""What would become of many runs if somebody cancelled them or tried them again. Pure."""

from dataclasses import dataclass
from typing import Final

from app.jobs.models import Run, RunStatus
from app.jobs.progress.standing import OPEN
from app.jobs.queries.sight import TRACKED, Sight

ACTS: Final = ("cancel", "retry")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether something would be done to a run, and in words what, or why not."""

    is_done: bool
    words: str


def verdict(act: str, run: Run, sight: Sight) -> Verdict:
    """Return what an act (one of ACTS) of an account would do to a run."""
    if run.origin != TRACKED:
        return Verdict(is_done=False, words="reported by OpenLineage, which starts and ends it")
    if not (sight.is_all or run.provider_id == sight.user_id):
        return Verdict(is_done=False, words="the run of another provider")
    return _cancelled(run) if act == "cancel" else _again(run)


def _cancelled(run: Run) -> Verdict:
    if run.status not in OPEN:
        return Verdict(is_done=False, words=f"has ended already: {run.status}")
    if run.status == RunStatus.QUEUED:
        return Verdict(is_done=True, words="waiting: cancelled at once")
    if run.cancel_requested_at is not None:
        return Verdict(is_done=False, words="was asked to stop already")
    return Verdict(is_done=True, words="running: its program is asked to stop")


def _again(run: Run) -> Verdict:
    if run.status in OPEN:
        return Verdict(is_done=False, words="has not ended yet")
    if run.next_attempt is not None:
        return Verdict(is_done=False, words="was tried again already")
    return Verdict(is_done=True, words=f"{run.status}: a new attempt waits for its program")
