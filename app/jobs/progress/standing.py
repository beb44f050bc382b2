"""Whether a run is stalled, at risk or late: by the clock alone, so that it holds without a worker."""

from dataclasses import dataclass

OPEN = frozenset(("queued", "running"))


@dataclass(frozen=True, slots=True)
class Standing:
    """``over_s`` is by how much the deadline passed: until now, or until the run was done; None before."""

    is_stalled: bool
    is_late: bool
    at_risk: bool
    over_s: float | None


def standing(
    status: str,
    now: int,
    *,
    silent_until: int | None = None,
    deadline_at: int | None = None,
    high_at: int | None = None,
    ended_at: int | None = None,
) -> Standing:
    """Return how a run stands (times in us); ``high_at`` is when 8 of 10 would be done."""
    is_open = status in OPEN
    is_late = is_open and deadline_at is not None and deadline_at < now
    end = now if is_open else ended_at
    over = (end - deadline_at) / 1_000_000 if end is not None and deadline_at is not None else None
    return Standing(
        is_stalled=is_open and silent_until is not None and silent_until < now,
        is_late=is_late,
        at_risk=is_open and not is_late and deadline_at is not None and high_at is not None and high_at > deadline_at,
        over_s=over if over is not None and over > 0 else None,
    )
