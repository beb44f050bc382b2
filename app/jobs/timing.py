"""How long runs took, and what is usual. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Protocol

ENDED = ("completed", "failed", "cancelled")


class Timed(Protocol):
    """What these functions need of a run."""

    status: str
    began_at: datetime
    started_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Usual:
    """Share of ended runs that completed (0 to 1), median and 80th percentile of completed ones in seconds."""

    ended: int
    completed: int
    success: float | None
    median: float | None
    p80: float | None


def seconds(run: Timed, now: datetime) -> float | None:
    """Return how long a run took or has been going, None when nothing tells."""
    end = run.ended_at if run.ended_at is not None else now if run.status == "running" else None
    return None if end is None else max(0.0, (end - run.began_at).total_seconds())


def usual(runs: Sequence[Timed], now: datetime) -> Usual:
    """Return what is usual among some runs of a job; the percentile is the smallest value 80 % do not exceed."""
    ended = [run for run in runs if run.status in ENDED]
    good = [run for run in ended if run.status == "completed"]
    took = sorted(length for run in good if (length := seconds(run, now)) is not None)
    return Usual(
        ended=len(ended),
        completed=len(good),
        success=len(good) / len(ended) if ended else None,
        median=median(took) if took else None,
        p80=took[-(-len(took) * 4 // 5) - 1] if took else None,
    )


def grown(percent: float) -> str:
    """Return a change in percent as words: ``+12 %``, ``−3 %``, ``0 %``."""
    whole = round(percent)
    return "0 %" if whole == 0 else f"{'+' if whole > 0 else '−'}{abs(whole):,} %"


def change(now: float | None, before: float | None) -> float | None:
    """Return by how many percent a number grew, None where that says nothing."""
    if now is None or not before:
        return None
    return 100 * (now - before) / before
