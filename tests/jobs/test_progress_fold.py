"""Reports of one attempt: whatever their order, status and percent are the same (acceptance 1 to 4 and 6)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.jobs.progress.fold import Fold, Report, View, refold
from app.jobs.progress.plan import Plan, PlannedStep
from app.jobs.progress.view import points


def plan(*weights: int, optional: str = "") -> Plan:
    names = ("fetch", "run", "return", "tell")
    steps = (PlannedStep(tag, tag.title(), w, tag != optional) for tag, w in zip(names, weights, strict=False))
    return Plan("Lung", tuple(steps))


LUNG = plan(1, 8, 1)
DONE, BEGUN = ("step", "completed"), ("step", "running")
INFO, ERROR, END = ("info", None), ("error", "failed"), ("complete", "completed")


def told(*said: tuple[Any, ...], of: Plan | None = LUNG) -> View:
    fold = Fold()
    for report in _reports(said):
        fold.add(report)
    return Fold.from_json(fold.to_json()).view(of)


def _reports(said: tuple[tuple[Any, ...], ...]) -> list[Report]:
    keys = ("kind", "state", "step", "fraction", "ends", "replaces")
    return [
        Report(at=at * 60_000_000, sequence=at, **dict(zip(keys, (*what[0], *what[1:]), strict=False)))
        for at, what in enumerate(said, 1)
    ]


FETCHED, RAN, RETURNED = (DONE, "fetch"), (DONE, "run"), (DONE, "return")
STOPPED = (ERROR, None, None, "failed")
FINISHED = (END, None, None, "completed")


@pytest.mark.parametrize(
    ("said", "of", "status", "percent"),
    [
        ([], LUNG, "queued", 0.0),
        ([(("step", "pending"), "fetch"), (INFO,)], LUNG, "queued", 0.0),
        ([FETCHED], LUNG, "running", 10.0),
        ([FETCHED, FETCHED], LUNG, "running", 10.0),
        ([FETCHED, (BEGUN, "run", 0.5)], LUNG, "running", 50.0),
        ([FETCHED, (BEGUN, "run", 0.5), (ERROR, "run")], LUNG, "failed", 50.0),
        ([FETCHED, (BEGUN, "run", 0.5), (ERROR, "run"), (BEGUN, "run", 0.1)], LUNG, "running", 50.0),
        ([FETCHED, (ERROR,), (INFO, "run", 0.9)], LUNG, "failed", 10.0),
        ([FETCHED, RAN], LUNG, "running", 90.0),
        ([FETCHED, RAN, (BEGUN, "return", 1.0)], LUNG, "running", 99.9),
        ([RETURNED, RAN, FETCHED], LUNG, "completed", 100.0),
        ([FETCHED, RAN, RETURNED, (BEGUN, "run")], LUNG, "running", 100.0),
        ([FETCHED], plan(0, 0, 0), "running", 33.3),
        ([FETCHED, RAN], plan(0, 0, 0), "running", 66.6),
        ([FETCHED], plan(-5, 1, 1), "running", 0.0),
        ([FETCHED, RAN], plan(-5, 1, 1), "running", 50.0),
        ([FETCHED, RAN], plan(1, 8, 1, optional="return"), "completed", 100.0),
        ([RETURNED], plan(1, 8, 1, optional="return"), "running", 0.0),
        ([FETCHED, FINISHED], LUNG, "completed", 100.0),
        ([FETCHED, FINISHED, (ERROR, "run")], LUNG, "completed", 100.0),
        ([FETCHED, STOPPED, RAN], LUNG, "failed", 90.0),
        ([FETCHED, STOPPED, FINISHED], LUNG, "completed", 100.0),
        ([FETCHED, FINISHED, STOPPED], LUNG, "failed", 100.0),
        ([(INFO, None, None, "cancelled")], LUNG, "cancelled", 0.0),
        ([FETCHED], None, "running", None),
        ([FETCHED, FINISHED], None, "completed", 100.0),
        ([FETCHED], Plan("Empty"), "running", None),
    ],
)
def test_status_and_percent_are_those_of_the_table(
    said: list[tuple[Any, ...]], of: Plan | None, status: str, percent: float | None
) -> None:
    seen = told(*said, of=of)
    assert (seen.status, seen.progress) == (status, percent)


def test_fractions_are_exact_in_tenths() -> None:
    assert told((BEGUN, "fetch", 0.29), of=plan(1)).progress == 29.0
    assert told((BEGUN, "fetch", float("nan")), (BEGUN, "fetch", -3.0), of=plan(1)).progress == 0.0


def test_a_run_without_a_plan_shows_the_greatest_progress_it_reported_and_the_steps_it_named() -> None:
    fold = Fold()
    for sequence, progress in enumerate((40.0, 62.55, 12.0), 1):
        fold.add(Report(sequence, sequence, "step", "running", f"part {4 - sequence}", progress=progress))
    fold.add(Report(9, 9, "error", "failed", progress=90.0))
    seen = fold.view()
    assert (seen.progress, seen.progress_kind, seen.status) == (62.5, "reported", "failed")
    assert [step.tag for step in seen.steps] == ["part 3", "part 2", "part 1"]


def test_a_step_that_only_tells_its_end_began_when_another_ended() -> None:
    fetch, run, back = told(FETCHED, (BEGUN, "return"), RAN, RETURNED).steps
    assert (fetch.started_at, fetch.is_guess) == (60_000_000, True)
    assert (run.started_at, run.ended_at, run.is_guess) == (60_000_000, 180_000_000, True)
    assert (back.started_at, back.ended_at, back.is_guess) == (120_000_000, 240_000_000, False)


def test_the_step_at_work_is_the_newest_that_runs_or_the_one_that_failed() -> None:
    assert told((BEGUN, "run"), (BEGUN, "fetch"), FETCHED).step == "Run"
    assert told((BEGUN, "run"), (ERROR, "run")).step == "Run"
    assert told(FETCHED, RAN, RETURNED).step is None


def test_what_came_after_the_end_can_be_told_apart() -> None:
    seen = told(FETCHED, STOPPED, (ERROR, "run"))
    assert seen.end_place == (120_000_000, 2)
    assert (seen.started_at, seen.ended_at) == (60_000_000, 120_000_000)


def test_complete_updated_to_error_fails_the_run_and_takes_no_percent() -> None:
    reports = _reports((FETCHED, FINISHED, (ERROR, None, None, None, 2)))
    seen = refold(reports).view(LUNG)
    assert (seen.status, seen.progress, seen.ended_at) == ("failed", 100.0, 180_000_000)


def test_the_newest_update_stands_where_its_event_stood() -> None:
    begun, fetched = (BEGUN, "run"), (INFO, "run")
    reports = _reports((begun, FETCHED, (ERROR, "run", None, None, 1), (DONE, "run", None, None, 1), fetched))
    seen = refold(reports).view(LUNG)
    assert (seen.status, seen.progress) == ("running", 90.0)
    run = seen.steps[1]
    assert (run.state, run.started_at, run.ended_at) == ("completed", 60_000_000, 240_000_000)


def test_an_update_of_what_decides_nothing_needs_no_second_fold() -> None:
    reports = _reports(((INFO,), (BEGUN, "run"), (DONE, "fetch"), (ERROR, None, None, None, 1)))
    fold = Fold()
    for report in reports[:3]:
        fold.add(report)
    assert not fold.replace(reports[2], reports[3])
    assert fold.replace(reports[0], reports[3])
    assert fold.view(LUNG) == refold(reports).view(LUNG)


TAGS = st.sampled_from([None, "fetch", "run", "return", "tell"])
KINDS = st.sampled_from([BEGUN, DONE, INFO, ERROR, END, ("step", "pending")])
SAID = st.tuples(
    KINDS,
    TAGS,
    st.none() | st.floats(0, 1.2),
    st.none() | st.floats(0, 100),
    st.sampled_from([None] * 6 + ["completed", "failed", "cancelled"]),
)
PLANS = st.sampled_from([LUNG, plan(0, 0, 0, 0), plan(3, -2, 0), plan(1, 1, 1, 1, optional="run"), None])


def _numbered(said: list[Any], times: list[int]) -> list[Report]:
    return [
        Report(at, sequence, kind, state, step, fraction, progress, ends)
        for sequence, (at, ((kind, state), step, fraction, progress, ends)) in enumerate(
            zip(times, said, strict=False), 1
        )
    ]


@given(st.lists(SAID, max_size=14), PLANS, st.data())
def test_order_and_repetition_of_reports_change_nothing(said: list[Any], of: Plan | None, data: st.DataObject) -> None:
    times = data.draw(st.lists(st.integers(0, 10**15), min_size=len(said), max_size=len(said), unique=True))
    reports = _numbered(said, times)
    again = data.draw(st.lists(st.sampled_from(reports), max_size=5)) if reports else []
    shuffled = data.draw(st.permutations(reports + again))
    one, other = Fold(), Fold()
    for report in reports:
        one.add(report)
    for report in shuffled:
        other.add(report)
        other = Fold.from_json(other.to_json())
    assert other.view(of) == one.view(of)


@given(st.lists(SAID, max_size=14), PLANS, st.lists(st.integers(0, 50), min_size=14, max_size=14))
def test_percent_never_falls_and_never_passes_a_hundred(said: list[Any], of: Plan | None, times: list[int]) -> None:
    fold, last = Fold(), 0.0
    for report in _numbered(said, times):
        fold.add(report)
        progress = fold.view(of).progress
        assert last <= (progress or 0.0) <= 100.0
        last = progress or 0.0
        ways = points(fold, of)
        assert ways == sorted(set(ways))
        assert not ways or ways[-1][0] == last
