"""When a run will be done, by how earlier ones went from the same progress on (specification of jobs, 3.6)."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from app.jobs.progress.deadline import LATEST
from app.jobs.progress.history import KEPT, Past

FEWEST: Final = 3
MICRO: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """The end as expected: its time, the time by which 8 of 10 were done (us), and how many runs say so."""

    eta_at: int
    high_at: int
    runs: int

    def left(self, now: int) -> float:
        """Return seconds left, below 0 when it should have ended already."""
        return (self.eta_at - now) / MICRO

    def high(self, now: int) -> float:
        """Return seconds left until 8 of 10 were done."""
        return (self.high_at - now) / MICRO


def estimate(progress: float | None, reached_at: int | None, began: int, history: Sequence[Past]) -> Estimate | None:
    """Return when a run will end that reached its progress at a time (us), None with fewer than 3 earlier runs.

    Without a progress, whole lengths are compared from its beginning on. It changes only as progress is made.
    """
    taken = history[:KEPT]
    if len(taken) < FEWEST:
        return None
    known = progress if progress and reached_at is not None else 0.0
    since = reached_at if known and reached_at is not None else began
    rests = sorted(rest(one, known) for one in taken)
    eta, high = median(rests), percentile(rests, 80)
    return Estimate(min(since + round(eta * MICRO), LATEST), min(since + round(high * MICRO), LATEST), len(taken))


def rest(one: Past, progress: float) -> float:
    """Return how many seconds a run still took from a progress on, linear between what it told."""
    place = bisect_left(one.points, (progress,))
    low = one.points[place - 1] if place else (0.0, one.seconds)
    high = one.points[place] if place < len(one.points) else (100.0, 0.0)
    return _between(progress, low, high)


def percentile(ordered: Sequence[float], percent: int) -> float:
    """Return the smallest of some rising numbers that this many percent do not exceed."""
    return ordered[-(-len(ordered) * percent // 100) - 1]


def _between(at: float, low: tuple[float, float], high: tuple[float, float]) -> float:
    width = high[0] - low[0]
    share = min(max((at - low[0]) / width, 0.0), 1.0) if width > 0 else 0.0
    return low[1] + (high[1] - low[1]) * share
