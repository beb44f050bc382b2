"""How far a run is by the runs below it (specification of jobs, 3.5): those it has, and those its last one had."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from app.jobs.progress.deadline import LATEST
from app.jobs.progress.history import KEPT, Past

MOST: Final = 95.0  # what an estimate by time never passes
NEARLY: Final = 99.9
JOBS: Final = 500  # how many jobs below a run are remembered


@dataclass(frozen=True, slots=True)
class Child:
    """A run below another: its job, when it began and, once it is finished, when it ended (us)."""

    job: int
    began_at: int
    ended_at: int | None


@dataclass(frozen=True, slots=True)
class Parts:
    """``points`` are [(percent, us)] as in ``view.points``; ``steps`` how long each finished job took in seconds."""

    points: list[tuple[float, int]]
    steps: dict[str, float]
    is_known: bool

    @property
    def progress(self) -> float:
        """Return the percent reached."""
        return self.points[-1][0] if self.points else 0.0

    @property
    def reached_at(self) -> int | None:
        """Return when it was reached (us)."""
        return self.points[-1][1] if self.points else None


def parts(children: Iterable[Child], history: Sequence[Past] = ()) -> Parts:
    """Return what the runs below a run say of it; a job counts as done when all of its runs are finished.

    A job weighs what it usually took, 1 where that is not known.
    """
    below: dict[str, list[Child]] = defaultdict(list)
    for child in children:
        below[str(child.job)].append(child)
    expected = set(history[0].steps) if history else set()
    weights = {job: _weight(job, history) for job in sorted(expected | below.keys())}
    if not any(weights.values()):
        weights = dict.fromkeys(weights, 1)
    done = sorted((end, job) for job, runs in below.items() if (end := _end(runs)) is not None)
    whole, summed, points = sum(weights.values()), 0, list[tuple[float, int]]()
    for at, job in done:
        summed += weights[job]
        points.append((min(summed * 1000 // whole / 10, NEARLY), at))
    steps = {job: max(at - min(run.began_at for run in below[job]), 0) / 1_000_000 for at, job in done[:JOBS]}
    return Parts([point for point in points if point[0]], steps, is_known=bool(weights))


def usual_end(began: int, history: Sequence[Past]) -> int:
    """Return when a run that began at a time (us) ends if it takes as long as usual; there is some history."""
    return min(began + round(median(one.seconds for one in history[:KEPT]) * 1_000_000), LATEST)


def about(began: int, expected_end: int, now: int) -> float:
    """Return the percent of the usual length that has gone by, at most 95."""
    if expected_end <= began:
        return MOST
    return min(max((now - began) * 1000 // (expected_end - began) / 10, 0.0), MOST)


def _weight(job: str, history: Sequence[Past]) -> int:
    known = [length for one in history if (length := one.steps.get(job)) is not None]
    return round(median(known) * 1000) if known else 1000


def _end(runs: Sequence[Child]) -> int | None:
    ends = [run.ended_at for run in runs if run.ended_at is not None]
    return max(ends) if len(ends) == len(runs) else None
