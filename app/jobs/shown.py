"""How a run stands in words: the same on page, list, API, badge and share link. Pure (specification 3.4 to 3.8)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

from app.jobs.progress.deadline import micros
from app.jobs.progress.standing import OPEN, Standing, standing

STALLED: Final = "stalled"


class Heard(Protocol):
    """What tells whether a run is stalled."""

    status: str
    silent_until: datetime | None
    dismissed_at: datetime | None


class Told(Heard, Protocol):
    """What these functions need of a run."""

    deadline_at: datetime | None
    eta_at: datetime | None
    eta_high_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    progress: float | None
    progress_kind: str | None


@dataclass(frozen=True, slots=True)
class Lateness:
    """How a run stands to its deadline: ``word`` is on time, at risk, late or done late; ``seconds`` by how much."""

    word: str
    token: str
    seconds: float
    at: datetime

    @property
    def is_bad(self) -> bool:
        """Return whether somebody should look."""
        return self.token in ("warn", "bad")


@dataclass(frozen=True, slots=True)
class Left:
    """When a run will be done: seconds left (below 0: over by), within which 8 of 10 end, from how many ``runs``."""

    seconds: float
    high: float | None
    runs: int


def is_open(run: Told) -> bool:
    """Return whether a run goes on."""
    return run.status in OPEN


def is_stalled(run: Heard, now: datetime) -> bool:
    """Return whether a run that goes on has been silent for too long and nobody dismissed it."""
    found = standing(str(run.status), micros(now), silent_until=_micros(run.silent_until))
    return found.is_stalled and run.dismissed_at is None


def status(run: Heard, now: datetime) -> str:
    """Return the word shown for a run, one of seven: its status, or stalled in its place."""
    return STALLED if is_stalled(run, now) else str(run.status)


def lateness(run: Told, now: datetime) -> Lateness | None:
    """Return how a run stands to its deadline, None without one, or when it failed or was cancelled before it."""
    due = run.deadline_at
    if due is None:
        return None
    found = _standing(run, now)
    over = found.over_s or 0.0
    if found.is_late:
        return Lateness("late", "bad", over, due)
    if found.at_risk:
        return Lateness("at risk", "warn", (due - now).total_seconds(), due)
    if over and not is_open(run):
        return Lateness("done late" if run.status == "completed" else "ended late", "warn", over, due)
    if run.status in ("failed", "cancelled"):
        return None
    return Lateness("on time", "ok", ((run.ended_at or now) - due).total_seconds() * -1, due)


def left(run: Told, runs: int, now: datetime) -> Left | None:
    """Return the estimate of the end of a run that goes on, None while there is none."""
    if not is_open(run) or run.eta_at is None:
        return None
    high = (run.eta_high_at - now).total_seconds() if run.eta_high_at is not None else None
    return Left((run.eta_at - now).total_seconds(), high, runs)


def percent(run: Told) -> str:
    """Return the progress as text, ``about`` in front of an estimated one; empty without any."""
    if run.progress is None:
        return ""
    return f"{'about ' if run.progress_kind == 'estimated' and is_open(run) else ''}{figure(run.progress)} %"


def figure(number: float) -> str:
    """Return a percentage with at most one decimal, rounded down: ``10``, ``33.3``, ``99.9``."""
    return f"{int(number * 10 + 1e-9) / 10:g}"


def _standing(run: Told, now: datetime) -> Standing:
    return standing(
        str(run.status),
        micros(now),
        silent_until=_micros(run.silent_until),
        deadline_at=_micros(run.deadline_at),
        high_at=_micros(run.eta_high_at),
        ended_at=_micros(run.ended_at),
    )


def _micros(at: datetime | None) -> int | None:
    return micros(at) if at is not None else None
