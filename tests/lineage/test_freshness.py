"""When a dataset is late."""

from datetime import UTC, datetime, timedelta

import pytest

from app.lineage.reads.freshness import Stream, freshness

NOW = datetime(2026, 5, 3, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def daily(count: int, last: datetime) -> list[datetime]:
    """Return writes a day apart, newest first."""
    return [last - number * DAY for number in range(count)]


def test_three_writes_are_not_enough_to_tell() -> None:
    verdict = freshness(daily(3, NOW - 9 * DAY), NOW)

    assert (verdict.word, verdict.due_at) == ("unknown", None)


def test_a_dataset_without_a_write_was_never_written() -> None:
    assert freshness([], NOW).word == "never"


@pytest.mark.parametrize(("late_by", "word"), [(timedelta(0), "fresh"), (timedelta(seconds=1), "late")])
def test_daily_writes_are_late_after_two_intervals(late_by: timedelta, word: str) -> None:
    assert freshness(daily(20, NOW - 2 * DAY - late_by), NOW).word == word


def test_a_short_interval_has_an_hour_of_grace() -> None:
    writes = [NOW - timedelta(minutes=65 + number) for number in range(20)]

    assert freshness(writes, NOW).word == "late"
    assert freshness([moment + timedelta(minutes=5) for moment in writes], NOW).word == "fresh"


def test_one_long_gap_does_not_change_the_rhythm() -> None:
    writes = [NOW - DAY, NOW - 2 * DAY, NOW - 3 * DAY, NOW - 30 * DAY]

    assert freshness(writes, NOW).interval == DAY


def test_a_stream_is_late_after_five_of_its_gaps() -> None:
    gap = timedelta(minutes=2)

    assert freshness([], NOW, stream=Stream(NOW - 5 * gap, gap)).word == "streaming"
    assert freshness([], NOW, stream=Stream(NOW - 5 * gap - timedelta(seconds=1), gap)).word == "late"
    assert freshness([], NOW, stream=Stream(NOW - 50 * DAY, None)).word == "streaming"


def test_what_was_dropped_is_not_late() -> None:
    assert freshness(daily(20, NOW - 9 * DAY), NOW, dropped=True).word == "dropped"
