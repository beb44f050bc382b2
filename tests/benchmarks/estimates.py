"""How far off estimates of the end are on simulated histories, and what they cost with many past runs."""

import random
import statistics
import time
from collections.abc import Iterator

from app.jobs.progress.estimate import estimate
from app.jobs.progress.fold import Fold, Report
from app.jobs.progress.history import Past, past, read, write
from app.jobs.progress.plan import Plan, PlannedStep
from app.jobs.progress.view import points
from tests.benchmarks.machine import head, row

STEPS = (("fetch", 60, 1), ("prepare", 240, 2), ("run", 1_200, 8), ("check", 180, 1), ("return", 120, 1))
PLAN = Plan("Simulated", tuple(PlannedStep(tag, tag, weight) for tag, _, weight in STEPS))
WIDE = ("steps ± 10 %", "steps ± 30 %", "one in five twice as long", "weights that tell nothing")
PAST = (3, 10, 20, 50)
TRIALS = 200
S = 1_000_000


def run(dice: random.Random, kind: str) -> tuple[list[tuple[float, int]], int]:
    """Return progress points and length (us) of a simulated run that tells a fraction each tenth of a step."""
    fold, at, sequence = Fold(), 0, 0
    longer = 2.0 if kind == WIDE[2] and dice.random() < 0.2 else 1.0
    spread = 0.3 if kind == WIDE[1] else 0.1
    for tag, seconds, _ in STEPS:
        length = int(seconds * dice.uniform(1 - spread, 1 + spread) * longer * S)
        for part in range(1, 11):
            at, sequence = at + length // 10, sequence + 1
            state, fraction = ("completed", None) if part == 10 else ("running", part / 10)
            fold.add(Report(at, sequence, "step", state, tag, fraction))
    plan = PLAN if kind != WIDE[3] else Plan("x", tuple(PlannedStep(tag, tag, 0) for tag, _, _ in STEPS))
    return points(fold, plan), at


def error(pool: list[tuple[list[tuple[float, int]], int]], count: int, share: float) -> float:
    """Return the median absolute error in percent of what was left, at a share of the time of runs."""
    errors = []
    for trial, (found, end) in enumerate(pool[max(PAST) :], max(PAST)):
        before = pool[trial - count : trial]
        history = [past(number, 0, length, reached) for number, (reached, length) in enumerate(before)]
        progress, reached_at = next((p for p in reversed(found) if p[1] <= end * share), (None, None))
        told = estimate(progress, reached_at, 0, history)
        assert told is not None
        errors.append(100 * abs(told.eta_at - end) / (end * (1 - share)))
    return statistics.median(errors)


def tables(quick: bool) -> Iterator[str]:
    """Yield the table of errors, and that of the cost."""
    yield head("estimates: median error in % of what is left, half-way", *(f"{count} past runs" for count in PAST))
    for kind in WIDE:
        dice = random.Random(1)
        pool = [run(dice, kind) for _ in range(max(PAST) + (TRIALS // 10 if quick else TRIALS))]
        yield row([kind, *(f"{error(pool, count, 0.5):.1f}" for count in PAST)])
    yield ""
    yield head("estimates: cost of one, its newest 50 at hand", "20 past runs", "1,000 past runs", "ratio")
    few, many = (_cost(count) for count in (20, 1_000))
    yield row(["microseconds", f"{few:.0f}", f"{many:.0f}", f"{many / few:.2f}"])


def _cost(count: int) -> float:
    dice, history = random.Random(1), list[Past]()
    for number in range(count):
        found, end = run(dice, WIDE[0])
        history = read(write([past(number, 0, end + number, found), *history]))
    took = []
    for _ in range(200):
        begun = time.perf_counter()
        estimate(40.0, 700 * S, 0, history)
        took.append(time.perf_counter() - begun)
    return statistics.median(took) * 1e6
