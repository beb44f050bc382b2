"""How a run stands, in words; no database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from uuid_utils.compat import uuid7

from app.jobs import shown
from app.jobs.models import Run
from app.jobs.reads.run_head import head
from app.jobs.reads.run_tracked import Step, lanes, opened_at
from app.jobs.reads.run_values import Promise, plain, values

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def at(minutes: float) -> datetime:
    """Return a moment so many minutes from now."""
    return NOW + timedelta(minutes=minutes)


def run(status: str = "running", **values: Any) -> Run:
    """Return a run that began half an hour ago."""
    return Run(**{"status": status, "began_at": at(-30), "last_seen_at": at(-1), **values})


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (run(deadline_at=at(20), eta_high_at=at(15)), "on time, 20 min to go"),
        (run(deadline_at=at(10), eta_high_at=at(15)), "at risk, 10 min to go"),
        (run(deadline_at=at(-3)), "late by 3 min"),
        (run("completed", deadline_at=at(-20), ended_at=at(-6)), "done, 14 min late"),
        (run("completed", deadline_at=at(-5), ended_at=at(-6)), "on time"),
        (run("failed", deadline_at=at(-20), ended_at=at(-15)), "ended 5 min after it"),
        (run("failed", deadline_at=at(20), ended_at=at(-15)), ""),
        (run(), ""),
    ],
)
def test_a_deadline_is_told(given: Run, words: str) -> None:
    assert head(given, 0, NOW).deadline == words


@pytest.mark.parametrize(
    ("given", "runs", "words", "sure"),
    [
        (run(eta_at=at(12), eta_high_at=at(15)), 20, "about 12 min left", "20 runs, 8 of 10 within 15 min"),
        (run(eta_at=at(-4), eta_high_at=at(-1)), 20, "over by 4 min", "20 runs"),
        (run(eta_at=at(1.5), eta_high_at=at(200)), 3, "about 90 s left", "3 runs, 8 of 10 within 3 h 20 min"),
        (run(), 0, "no estimate yet", ""),
        (run("queued", eta_at=at(5)), 5, "", ""),
        (run("completed", eta_at=at(5), ended_at=NOW), 5, "", ""),
    ],
)
def test_an_estimate_is_told(given: Run, runs: int, words: str, sure: str) -> None:
    assert (head(given, runs, NOW).estimate, head(given, runs, NOW).sure) == (words, sure)


def test_what_has_no_end_has_no_estimate() -> None:
    found = head(run(eta_at=at(5)), 5, NOW, is_streaming=True)

    assert (found.estimate, found.untold) == ("", "It has no natural end.")


def test_silence_is_shown_in_place_of_the_status_until_it_is_dismissed() -> None:
    assert shown.status(run(silent_until=at(-1)), NOW) == "stalled"
    assert shown.status(run(silent_until=at(1)), NOW) == "running"
    assert shown.status(run(silent_until=at(-1), dismissed_at=NOW), NOW) == "running"
    assert shown.status(run("failed", silent_until=at(-1)), NOW) == "failed"


def test_a_percentage_is_never_rounded_up() -> None:
    assert [shown.figure(number) for number in (10.0, 33.3, 66.6, 99.9, 99.99, 100.0, 0.0)] == [
        "10", "33.3", "66.6", "99.9", "99.9", "100", "0"
    ]  # fmt: skip
    assert shown.percent(run(progress=40.0, progress_kind="estimated")) == "about 40 %"


@pytest.mark.parametrize(
    ("value", "kind", "text", "is_odd"),
    [
        (50, "number", "50 %", False), (0.9, "number", "0.9 %", False), ("7", "number", "7 %", False),
        (True, "number", "true", True), ("x", "number", "x", True), ("1e999", "number", "1e999", True),
        ("javascript:alert(1)", "link", "javascript:alert(1)", True), (True, "text", "true %", False),
    ],
)  # fmt: skip
def test_a_value_is_shown_by_its_kind(value: object, kind: str, text: str, is_odd: bool) -> None:
    found = values({"v": value}, [Promise("v", kind, "%", private=False)], private=False, is_planned=True)[0]

    assert (found.text, found.is_odd, found.link) == (text, is_odd, None)


def test_private_values_are_left_out_and_order_stays() -> None:
    told = {"b": 1, "secret": 2, "a": 3}
    found = values(told, [Promise("secret", "text", None, private=True)], private=False, is_planned=False)

    assert [value.name for value in found] == ["b", "a"]
    assert plain("x") == "x"


def test_the_chart_begins_with_the_queue_and_tells_pauses() -> None:
    waited = run(id=uuid7())
    opened = opened_at(waited)
    waited.began_at = waited.started_at = opened + timedelta(seconds=90)
    steps = [
        Step(tag=tag, name=tag, state=state, share=None, required=True, fraction=None, seconds=None, median=None,
             slower=None, spark=[], values=[], started_at=opened + timedelta(seconds=begins),
             ended_at=opened + timedelta(seconds=ends) if ends else None)
        for tag, state, begins, ends in (("fetch", "completed", 90, 120), ("run", "running", 150, 0))
    ]  # fmt: skip

    found = lanes(waited, steps, opened + timedelta(seconds=300))

    assert [(lane.label, lane.pause, lane.grows) for lane in found.lanes] == [
        ("Queue", None, False), ("fetch", None, False), ("run", 30.0, True)
    ]  # fmt: skip
    assert [(bar.x, bar.width) for bar in found.chart.bars if bar] == [(0.0, 300.0), (300.0, 100.0), (500.0, 500.0)]
