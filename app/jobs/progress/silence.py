"""How long a run may say nothing before it counts as stalled (specification of jobs, 3.7)."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

ATTEMPTS: Final = 20
FEWEST: Final = 3
SHORTEST: Final = 120.0
TIMES: Final = 3
RUNNING_S: Final = 1_800
QUEUED_S: Final = 3_600
REPORTED_S: Final = 3_600
STREAM_S: Final = 900
KEPT: Final = 100
Gaps = list[tuple[float, int]]


def limit(
    heartbeat_s: int | None,
    attempts: Sequence[Sequence[tuple[float, int]]],
    *,
    is_queued: bool = False,
    is_reported: bool = False,
    is_endless: bool = False,
    running_s: int = RUNNING_S,
) -> float:
    """Return the allowed silence in seconds, from the gaps of the newest 20 attempts.

    What a person set as heartbeat holds. OpenLineage runs (``is_reported``) get an hour at least, those without a
    natural end a quarter of one. ``running_s`` is the setting RUN_STALLED_S; what only waits gets twice as much.
    """
    if heartbeat_s is not None:
        return float(heartbeat_s)
    usual = float(running_s * (2 if is_queued else 1))
    if len(attempts) >= FEWEST:
        usual = max(SHORTEST, TIMES * p95([gap for one in attempts[:ATTEMPTS] for gap in one]))
    if not is_reported:
        return usual
    return max(usual, float(STREAM_S if is_endless else REPORTED_S))


def silent_until(seen_at: int, limit_s: float) -> int:
    """Return when silence since a sign of life becomes too long (us)."""
    return seen_at + round(limit_s * 1_000_000)


def add_gap(gaps: Sequence[tuple[float, int]], seconds: float) -> Gaps:
    """Return gaps [seconds, how often], rising, with one more; of very many the nearest two become the greater."""
    known = dict(gaps)
    length = round(max(seconds, 0.0), 1)
    known[length] = known.get(length, 0) + 1
    ordered = sorted(known.items())
    if len(ordered) <= KEPT:
        return ordered
    at = min(range(len(ordered) - 1), key=[high[0] / max(low[0], 0.1) for low, high in pairwise(ordered)].__getitem__)
    merged = (ordered[at + 1][0], ordered[at][1] + ordered[at + 1][1])
    return [*ordered[:at], merged, *ordered[at + 2 :]]


def p95(gaps: Sequence[tuple[float, int]]) -> float:
    """Return the smallest gap that 95 % do not exceed, 0 without any."""
    wanted = -(-sum(count for _, count in gaps) * 95 // 100)
    for seconds, count in sorted(gaps):
        wanted -= count
        if wanted <= 0:
            return seconds
    return 0.0
