"""What the kind of a report means (specification of jobs, 3.3)."""

from typing import Final, Literal, NamedTuple

Noun = Literal["own", "job", "study"]
AHEAD: Final = 300_000_000  # how far a sender's clock may be ahead, in us


class Kind(NamedTuple):
    """A kind as folded: step, error, info or complete; the state it gives its step; the end it declares."""

    kind: str
    state: str | None = None
    ends: str | None = None


PENDING, RUNNING = Kind("step", "pending"), Kind("step", "running")
STEP, ERROR, INFO = Kind("step", "completed"), Kind("error", "failed"), Kind("info")
COMPLETE, END = Kind("complete", "completed"), Kind("complete", "completed", "completed")
KINDS: Final = {
    "pending": PENDING,
    "inprogress": RUNNING,
    "running": RUNNING,
    "started": RUNNING,
    "start": RUNNING,
    "step": STEP,
    "error": ERROR,
    "failed": ERROR,
    "fail": ERROR,
    "info": INFO,
    "complete": COMPLETE,
}
IGNORED: Final = str.maketrans("", "", "_- \t")


def read_kind(wire: str, *, has_step: bool, noun: Noun = "own", fraction: float | None = None) -> Kind | None:
    """Return what a word of the wire means, None for an unknown one.

    ``noun`` tells how the run was named: by our own API, by provider_job_id or by provider_study_id. Programs of the
    job kind end their run by exactly ``complete``, whatever step they name; others by a complete without a step.
    """
    kind = KINDS.get(wire.translate(IGNORED).lower())
    if kind is STEP and fraction is not None and fraction < 1:
        return RUNNING
    if kind is COMPLETE and (not has_step or (noun == "job" and wire == "complete")):
        return END
    return kind


def settled(occurred: int | None, now: int) -> tuple[int, bool]:
    """Return when a report counts as having happened, and whether the sender's clock was too far ahead."""
    if occurred is None:
        return now, False
    return (now, True) if occurred > now + AHEAD else (occurred, False)
