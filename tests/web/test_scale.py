"""Numbers behind the charts."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.scale import Scale, bars, last_point, nice_ticks, shares, sparkline

NUMBERS = st.floats(-1e12, 1e12)


def test_a_scale_maps_ends_to_ends_and_turns_around() -> None:
    scale = Scale(0, 10, 100, 0)

    assert [scale.at(value) for value in (0, 2.5, 10)] == [100, 75, 0]


def test_equal_values_stand_in_the_middle() -> None:
    assert Scale(5, 5, 0, 20).at(5) == 10


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 10, [0, 2, 4, 6, 8, 10]),
        (0, 97, [0, 20, 40, 60, 80, 100]),
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (-3, 3, [-4, -2, 0, 2, 4]),
        (0.1, 0.35, [0.1, 0.15, 0.2, 0.25, 0.3, 0.35]),
        (7, 7, [7]),
        (math.nan, 1, []),
    ],
)
def test_ticks_are_round_numbers(low: float, high: float, ticks: list[float]) -> None:
    assert nice_ticks(low, high) == ticks


@given(NUMBERS, NUMBERS, st.integers(1, 12))
def test_ticks_cover_the_values_and_are_few(low: float, high: float, count: int) -> None:
    ticks = nice_ticks(low, high, count)

    slack = 1e-6 * max(1e-9, abs(low), abs(high))
    assert ticks[0] <= min(low, high) + slack
    assert ticks[-1] >= max(low, high) - slack or len(ticks) == 1
    assert len(ticks) <= count + 3


def test_a_sparkline_spreads_its_values_over_the_drawing() -> None:
    assert sparkline([0, 5, 10], 102, 22) == ["1,21 51,11 101,1"]


def test_a_gap_breaks_the_line_and_a_lone_value_is_a_stroke() -> None:
    assert sparkline([1, 2, None, math.nan, 1], 42, 12) == ["1,11 11,1", "40,11 42,11"]


def test_a_level_line_runs_through_the_middle() -> None:
    assert sparkline([4, 4], 12, 12) == ["1,6 11,6"]


def test_a_line_may_stand_on_zero() -> None:
    assert sparkline([5, 10], 12, 12, zero=True) == ["1,6 11,1"]


@pytest.mark.parametrize("values", [[], [None], [math.inf]])
def test_no_values_are_no_line(values: list[float | None]) -> None:
    assert (sparkline(values, 10, 10), last_point(values, 10, 10)) == ([], None)


def test_the_dot_stands_at_the_last_value() -> None:
    assert last_point([0, 5, 10], 102, 22) == (101, 1)


def test_bars_stand_on_zero_and_hang_below_it() -> None:
    found = bars([10, 5, None, 0, -10], 100, 40, gap=0.5)

    assert [(bar.y, bar.height) for bar in found] == [(0, 20), (10, 10), (20, 0), (20, 0), (20, 20)]
    assert [(bar.x, bar.width) for bar in found[:2]] == [(5, 10), (25, 10)]


def test_a_small_value_is_still_seen() -> None:
    assert bars([1, 100_000], 10, 20)[0].height == 0.5


def test_bars_without_values_have_no_height() -> None:
    assert bars([], 10, 10) == []
    assert [(bar.y, bar.height) for bar in bars([0, None], 10, 10)] == [(10, 0), (10, 0)]


@given(st.lists(NUMBERS | st.none(), min_size=1, max_size=30))
def test_bars_stay_inside_the_drawing(values: list[float | None]) -> None:
    for bar in bars(values, 300, 50):
        assert bar.x >= 0
        assert bar.x + bar.width <= 300.02
        assert bar.y >= -0.51
        assert bar.y + bar.height <= 50.51


def test_shares_fill_the_width() -> None:
    assert shares([1, 3, 0, -2], 100) == [(0, 25), (25, 75), (100, 0), (100, 0)]
    assert shares([0, 0], 100) == [(0, 0), (0, 0)]
