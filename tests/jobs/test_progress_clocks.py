"""Estimates, silence and deadlines, worked out by hand (acceptance 13 to 15)."""

import random
from datetime import UTC, datetime

import pytest

from app.jobs.progress.deadline import deadline, micros, moment
from app.jobs.progress.estimate import estimate, rest
from app.jobs.progress.history import Past, forget, is_long, past, read, remember, write
from app.jobs.progress.silence import KEPT, add_gap, limit, p95, silent_until
from app.jobs.progress.standing import standing
from tests.benchmarks.estimates import PAST, WIDE, error, run

S = 1_000_000
MINUTE = 60


def _past(run: int, seconds: float) -> Past:
    """Return an attempt that reached 10 % after a tenth of its time and 90 % after half of it."""
    points = [(10.0, round(seconds * 0.1 * S)), (90.0, round(seconds * 0.5 * S))]
    return past(run, 0, round(seconds * S), points)


HISTORY = [_past(run, seconds) for run, seconds in enumerate((1000, 1100, 1200, 1300, 2000), 1)]


def test_two_past_runs_tell_nothing_three_do() -> None:
    assert estimate(10.0, 0, 0, HISTORY[:2]) is None
    assert estimate(10.0, 0, 0, HISTORY[:3]) is not None


def test_the_worked_example_holds_to_the_second() -> None:
    assert [rest(one, 10.0) for one in HISTORY] == [900, 990, 1080, 1170, 1800]
    assert rest(HISTORY[0], 50.0) == 700  # half-way between 900 and 500
    assert rest(HISTORY[0], 95.0) == 250
    found = estimate(50.0, 400 * S, 0, HISTORY)
    assert found is not None
    assert (found.left(500 * S), found.high(500 * S), found.runs) == (840 - 100, 910 - 100, 5)
    assert found.left(1300 * S) == -60  # over by a minute


def test_without_progress_whole_lengths_are_compared() -> None:
    found = estimate(None, None, 100 * S, HISTORY)
    assert found is not None
    assert found.left(400 * S) == 900


def test_a_history_keeps_the_newest_fifty_in_any_order_and_forgets() -> None:
    every = [Past(run, run * S, 1.0) for run in range(60)]
    kept: list[Past] = []
    for one in sorted(every, key=lambda one: one.run % 7):
        kept = remember(remember(kept, one), one)
    assert [one.run for one in kept] == list(range(59, 9, -1))
    assert read(write(kept)) == kept
    assert len(forget(kept, 20)) == 49


def test_silence_is_allowed_by_heartbeat_by_history_or_by_setting() -> None:
    assert limit(45, []) == 45
    assert limit(None, []) == 1_800
    assert limit(None, [], is_queued=True) == 3_600
    assert limit(None, [[(60.0, 5)]] * 3) == 180
    assert limit(None, [[(5.0, 5)]] * 3) == 120
    assert limit(None, [[(600.0, 5)]] + [[(60.0, 400)]] * 20) == 180
    assert limit(None, [[(5.0, 5)]] * 3, is_reported=True) == 3_600
    assert limit(None, [[(5.0, 5)]] * 3, is_reported=True, is_endless=True) == 900
    assert limit(45, [], is_reported=True) == 45
    assert silent_until(10 * S, 1.5) == 11_500_000


def test_gaps_are_exact_while_few_and_never_too_short_when_many() -> None:
    gaps: list[tuple[float, int]] = []
    for seconds in range(1000, 0, -1):
        gaps = add_gap(gaps, seconds)
    assert len(gaps) == KEPT
    assert sum(count for _, count in gaps) == 1000
    assert 950 <= p95(gaps) <= 1000
    assert p95(add_gap(add_gap([], 5), 5.04)) == 5.0


def _us(text: str) -> int:
    return micros(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("after", "due", "at"),
    [
        ("2026-03-28T12:00Z", "06:00", "2026-03-29T04:00Z"),  # clocks went forward at 01:00 UTC
        ("2026-03-27T12:00Z", "06:00", "2026-03-28T05:00Z"),
        ("2026-03-28T12:00Z", "02:30", "2026-03-29T01:30Z"),  # not on the clock that day: as if it were still winter
        ("2026-10-24T12:00Z", "06:00", "2026-10-25T05:00Z"),  # clocks went back at 01:00 UTC
        ("2026-10-24T12:00Z", "02:30", "2026-10-25T00:30Z"),  # shown twice: the first
        ("2026-10-25T00:30Z", "02:30", "2026-10-26T01:30Z"),
    ],
)
def test_a_time_of_day_is_that_of_its_zone_on_days_the_clocks_change(after: str, due: str, at: str) -> None:
    found = deadline(None, None, None, (due, "Europe/Vienna"), _us(after))
    assert found is not None
    assert moment(found) == datetime.fromisoformat(at)


def test_a_run_s_own_deadline_comes_before_a_length_and_that_before_a_time_of_day() -> None:
    due, created = ("06:00", "UTC"), _us("2026-01-01T00:00Z")
    assert deadline(7, 5, 60, due, created) == 7
    assert deadline(None, 5, 60, due, created) == 5 + 60 * S
    assert deadline(None, None, 60, due, created) == _us("2026-01-01T06:00Z")
    assert deadline(None, 5, None) is None


def test_a_run_is_at_risk_then_late_then_done_late() -> None:
    due = 1_000 * S
    risky = standing("running", 500 * S, deadline_at=due, high_at=1_001 * S)
    assert (risky.at_risk, risky.is_late, risky.over_s) == (True, False, None)
    late = standing("running", 1_060 * S, deadline_at=due, high_at=1_100 * S)
    assert (late.at_risk, late.is_late, late.over_s) == (False, True, 60.0)
    done = standing("completed", 9_000 * S, deadline_at=due, ended_at=1_000 * S + 14 * MINUTE * S)
    assert (done.is_late, done.over_s) == (False, 14.0 * MINUTE)
    assert standing("completed", 9_000 * S, deadline_at=due, ended_at=900 * S).over_s is None


def test_only_an_open_run_is_stalled_and_only_after_its_limit() -> None:
    assert not standing("running", 10, silent_until=10).is_stalled
    assert standing("queued", 11, silent_until=10).is_stalled
    assert not standing("failed", 11, silent_until=10).is_stalled
    assert not standing("running", 11).is_stalled


def test_moments_and_microseconds_are_the_same_to_the_last_digit() -> None:
    at = datetime(2026, 3, 29, 1, 30, 0, 123_457, UTC)
    assert moment(micros(at)) == at


def test_a_history_grows_by_lines_and_the_upper_of_two_holds() -> None:
    first, again, other = Past(1, 5, 1.0), Past(1, 6, 2.0, [(10.0, 1.0)]), Past(2, 4, 3.0, [], [(1.0, 2)], {"a": 1.0})
    assert read(write([again]) + write([other]) + write([first])) == [again, other]
    assert read("[]") == read("") == []
    assert is_long(write([first]) * 80)


def test_half_way_the_estimate_is_off_by_less_than_a_sixth_of_what_is_left() -> None:
    dice = random.Random(4)
    pool = [run(dice, WIDE[0]) for _ in range(max(PAST) + 20)]
    assert error(pool, 20, 0.5) <= 15


def test_long_histories_keep_points_spread_over_the_run() -> None:
    one = past(1, 0, 100 * S, [(float(value), value * S) for value in range(1, 101)])
    assert len(one.points) == 25
    assert (one.points[0], one.points[-1]) == ((1.0, 99.0), (100.0, 0.0))
    assert rest(one, 50.0) == 50
