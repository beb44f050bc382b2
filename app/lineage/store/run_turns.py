"""What a batch did to a run, as far as its progress is concerned."""

from typing import Final

from app.jobs.progress.standing import OPEN
from app.jobs.progress.view import FINAL
from app.lineage.store.run_state import RunState

HOUR: Final = 3_600_000_000


def is_ours(state: RunState) -> bool:
    """Return whether the events of a run decide how far it is; those of tracked ones do not."""
    return state.row["origin"] != "tracked" and bool(state.row["job_id"])


def heard(state: RunState, now: int) -> int:
    """Return when a run was heard of: now, but for events that tell of the past."""
    told = state.row["last_event_at"]
    return now if told is None or told > now - HOUR else int(told)


def has_opened(state: RunState) -> bool:
    """Return whether a run that goes on says so for the first time, or otherwise than before."""
    row = state.row
    fresh = ("status", "job_id", "processing_type", "started_at")
    return row["status"] in OPEN and (
        row["silent_until"] is None or any(row[key] != state.before.get(key) for key in fresh)
    )


def has_moved(state: RunState) -> bool:
    """Return whether a run came, ended, or hangs on another."""
    return state.row["parent_run"] != state.before.get("parent_run") or has_ended(state)


def has_ended(state: RunState) -> bool:
    """Return whether this batch told of the end, or of another end, beginning or job."""
    told = ("status", "ended_at", "began_at", "job_id")
    return state.row["status"] in FINAL and any(state.row[key] != state.before.get(key) for key in told)


def was_done(state: RunState) -> bool:
    """Return whether a run that was completed turns out otherwise, or to be one of another job."""
    row, before = state.row, state.before
    return before.get("status") == "completed" and (row["status"], row["job_id"]) != ("completed", before["job_id"])


def is_done(state: RunState) -> bool:
    """Return whether this batch told that a run completed."""
    return state.row["status"] == "completed" and has_ended(state)
