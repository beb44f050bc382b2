"""The state of a run from all its events in every order, its ids, and runs that were only named as parents."""

from itertools import permutations

import pytest

from app.jobs.models import RunStatus
from tests.browser import Browser
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import FIRST, at, facet, moment, parent, run

Story = list[tuple[str | None, float]]

STORIES: list[tuple[str, Story, str]] = [
    ("the end before the start", [("COMPLETE", 2), ("START", 1)], "completed"),
    ("running and other after the end", [("COMPLETE", 1), ("RUNNING", 2), ("OTHER", 3)], "completed"),
    ("a failure after the end", [("COMPLETE", 1), ("FAIL", 2)], "failed"),
    ("an end after a failure", [("FAIL", 1), ("COMPLETE", 2)], "completed"),
    ("abort and start after it", [("ABORT", 1), ("START", 2)], "cancelled"),
    ("other only", [("OTHER", 1), ("OTHER", 2)], "queued"),
    ("no type only", [(None, 1), (None, 2)], "unknown"),
    ("a type nobody knows", [("PAUSE", 1)], "unknown"),
    ("start and other", [("START", 1), ("OTHER", 2), (None, 3)], "running"),
    ("running without start", [("RUNNING", 1), ("OTHER", 2)], "running"),
    ("everything", [("START", 1), ("RUNNING", 2), ("OTHER", 3), ("COMPLETE", 4)], "completed"),
]
RUN_IDS = [
    "...",
    "a8098c1a-f86e-11da-bd1a-00112444be1e",
    "5f0f1ae1-9d50-4f7b-8f4b-6f8f1d0a2b3c",
    "886313e1-3b8a-5372-9b90-0c9aee199e5d",
    "01941f29-7c00-7000-8000-000000000001",
    "01941F29-7C00-7000-8000-0000000000AB",
    "Not a UUID / but text",
]


def in_rounds(intake: Intake, story: Story, prefix: str) -> int:
    """Send a story in each of its orders, one run for each; a batch has one event of every order."""
    orders = list(permutations(story))
    for place in range(len(story)):
        intake.take(*[run(f"{prefix}{n}", "job", order[place][0], order[place][1]) for n, order in enumerate(orders)])
    return len(orders)


@pytest.mark.parametrize(("story", "status"), [story[1:] for story in STORIES], ids=[story[0] for story in STORIES])
def test_the_state_is_the_same_in_every_order(intake: Intake, store: Store, story: Story, status: str) -> None:
    count = in_rounds(intake, story, "r")

    runs = store.runs().values()
    assert len(runs) == count
    assert {run.status for run in runs} == {status}
    starts = [minute for type_, minute in story if type_ == "START"]
    ends = [minute for type_, minute in story if type_ in {"COMPLETE", "FAIL", "ABORT"}]
    assert {run.started_at for run in runs} == {moment(min(starts)) if starts else None}
    assert {run.ended_at for run in runs} == {moment(max(ends)) if ends else None}
    assert {(run.first_event_at, run.last_event_at) for run in runs} == {
        (moment(min(minute for _, minute in story)), moment(max(minute for _, minute in story)))
    }


@pytest.mark.parametrize("together", [True, False])
def test_start_and_end_of_one_time_are_a_completed_run_without_duration(
    intake: Intake, store: Store, *, together: bool
) -> None:
    events = [run("a", "j", "START", 5), run("a", "j", "COMPLETE", 5), run("b", "j", "COMPLETE", 5)]
    events.append(run("b", "j", "START", 5))
    if together:
        intake.take(*events)
    else:
        intake.each(events)

    for name in "ab":
        row = store.run(name)
        assert (row.status, row.started_at, row.ended_at) == (RunStatus.COMPLETED, moment(5), moment(5))


def test_between_ends_of_one_time_the_later_arrival_decides(intake: Intake, store: Store) -> None:
    intake.each([run("a", "j", "COMPLETE", 5), run("a", "j", "FAIL", 5), run("b", "j", "FAIL", 5)])
    intake.take(run("b", "j", "COMPLETE", 5))

    assert (store.run("a").status, store.run("b").status) == ("failed", "completed")


def test_the_newest_event_names_job_parent_nominal_time_and_reason_in_any_order(intake: Intake, store: Store) -> None:
    events = [
        run("p", "old_parent", minute=0),
        run("q", "new_parent", minute=0),
        run("a", "j", "START", 1, facets={"parent": parent("p", "old_parent"), "errorMessage": facet(message="old")}),
        run(
            "a",
            "j.x",
            "FAIL",
            2,
            facets={"errorMessage": facet(message="m" * 600), "parent": parent("q", "new_parent")},
        ),
        run("a", "j.x", "OTHER", 3, facets={"nominalTime": facet(nominalStartTime=at(7))}),
    ]
    for batch in (
        events,
        [event | {"run": {**event["run"], "runId": f"late-{event['run']['runId']}"}} for event in events[::-1]],
    ):
        intake.each(batch)

    rows, jobs = store.runs(), store.jobs()
    for name, above in (("a", "q"), ("late-a", "q")):
        row = rows[name]
        assert (row.job_id, row.parent_run) == (jobs["j.x"].id, rows[above].number)
        assert (row.nominal_start_at, row.nominal_end_at) == (moment(7), None)
        assert row.ended_reason == "m" * 500


def test_any_text_is_a_run_id_that_search_and_resolve_find(client: Browser, intake: Intake, store: Store) -> None:
    for type_, minute in (("START", 0), ("COMPLETE", 1)):
        intake.take(*[run(run_id, "load", type_, minute) for run_id in RUN_IDS])

    runs = store.runs()
    assert runs.keys() == set(RUN_IDS)
    for run_id, row in runs.items():
        assert (row.status, row.began_at) == ("completed", FIRST)
        answer = client.get("/r/acme/lineage/resolve", query_string={"kind": "run", "id": run_id})
        assert answer.location.endswith(f"/{row.id}")
        assert str(row.id) in client.get("/r/acme/search", query_string={"q": run_id}).get_data(as_text=True)


def test_ids_that_differ_in_case_are_two_runs(intake: Intake, store: Store) -> None:
    intake.take(run("abc", "load"), run("ABC", "load"), run("abc", "load", "FAIL", 1))

    assert {name: row.status for name, row in store.runs().items()} == {"abc": "failed", "ABC": "completed"}


@pytest.mark.parametrize("type_", ["COMPLETE", "OTHER", None])
def test_a_run_only_named_as_parent_is_referenced_and_keeps_its_id_when_it_reports(
    intake: Intake, store: Store, type_: str | None
) -> None:
    intake.take(run("child", "task", facets={"parent": parent("above", "dag")}))
    named = store.run("above")
    assert (named.origin, named.status, store.jobs()["dag"].origin) == ("referenced", "unknown", "referenced")

    intake.take(run("above", "dag", type_, 3))

    reported = store.run("above")
    assert (reported.number, reported.id) == (named.number, named.id)
    assert (reported.origin, reported.began_at, store.jobs()["dag"].origin) == ("reported", moment(3), "reported")
    assert store.run("child").parent_run == named.number
    assert store.jobs()["task"].parent_job_id == store.jobs()["dag"].id


def test_the_list_says_referenced_only_until_the_run_reports(client: Browser, intake: Intake, store: Store) -> None:
    intake.take(run("child", "task", facets={"parent": parent("above", "dag")}))
    url = f"/r/acme/jobs/runs/{store.run('above').id}"
    assert "referenced only" in client.get(url).get_data(as_text=True).lower()

    intake.take(run("above", "dag", minute=3))

    assert "referenced only" not in client.get(url).get_data(as_text=True).lower()


def test_a_cycle_and_a_run_that_is_its_own_parent_are_stored_and_open(
    client: Browser, intake: Intake, store: Store
) -> None:
    intake.take(
        run("a", "one", facets={"parent": parent("b", "two")}),
        run("b", "two", facets={"parent": parent("a", "one")}),
        run("self", "three", facets={"parent": parent("self", "three")}),
    )

    rows = store.runs()
    assert (rows["a"].parent_run, rows["b"].parent_run) == (rows["b"].number, rows["a"].number)
    assert rows["self"].parent_run == rows["self"].number
    assert store.jobs()["three"].parent_job_id is None
    for row in rows.values():
        assert client.get(f"/r/acme/jobs/runs/{row.id}").status_code == 200
    for job in store.jobs().values():
        assert client.get(f"/r/acme/jobs/jobs/{job.id}").status_code == 200
