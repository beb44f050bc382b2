"""Events move a run: weights, kinds, ends; known ones write nothing."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.changes.actor import CLI
from app.db import db, scope
from app.jobs.actions.reporting import EventDraft, update_event
from app.jobs.models import Event, RunStep
from app.jobs.reads.tracked import numbered
from app.realms.models import Realm
from tests.databases import Database
from tests.jobs.tracking import STEPS, URL, Program


@pytest.fixture
def run(provider: Program) -> dict[str, Any]:
    """A queued run of the plan of most tests."""
    provider.register()
    return provider.open()


def stored(session: Session) -> list[Event]:
    """Return all events in the order they came."""
    return list(session.scalars(select(Event).order_by(Event.id)))


def test_percent_is_weighted_and_the_last_step_completes_the_run(provider: Program, run: dict[str, Any]) -> None:
    found = [provider.send(run, "complete", step) for step in ("fetch", "run", "return")]

    assert [each["progress"] for each in found] == [10.0, 90.0, 100.0]
    assert [each["status"] for each in found] == ["running", "running", "completed"]


def test_a_fraction_counts_and_an_error_takes_nothing_back(provider: Program, run: dict[str, Any]) -> None:
    provider.send(run, "step", "fetch")

    assert provider.send(run, "step", "run", fraction=0.5)["progress"] == 50.0
    failed = provider.send(run, "error", "run", name="disk full")
    assert (failed["progress"], failed["status"]) == (50.0, "failed")
    assert provider.send(run, "running", "run")["status"] == "running"
    shown = provider.get(f"/runs/{run['id']}").get_json()
    assert (shown["progress"], shown["ended_reason"]) == (50.0, None)


def test_info_moves_nothing_and_an_untagged_error_fails_the_run(provider: Program, run: dict[str, Any]) -> None:
    info = provider.send(run, "info", "fetch", name="reading", fraction=1)
    assert (info["progress"], info["status"]) == (0.0, "queued")
    error = provider.send(run, "error", name="no licence")

    assert (error["progress"], error["status"]) == (0.0, "failed")
    assert provider.get(f"/runs/{run['id']}").get_json()["ended_reason"] == "no licence"


def test_what_comes_after_the_end_is_kept_and_marked_and_changes_nothing(
    provider: Program, run: dict[str, Any]
) -> None:
    provider.send(run, "complete")
    late = provider.send(run, "error", "run")
    assert (late["status"], late["progress"]) == ("completed", 100.0)

    events = provider.get(f"/runs/{run['id']}/events").get_json()["items"]
    assert [each["flags"] for each in events] == [[], ["after_end"]]


def test_the_newest_of_two_ends_decides(provider: Program, run: dict[str, Any]) -> None:
    provider.send(run, "complete", occurred_at="2026-01-01T10:00:00Z")
    failed = provider.post(f"/runs/{run['id']}/completion", {"status": "failed", "reason": "disk full"}).get_json()

    assert (failed["status"], failed["progress"]) == ("failed", 100.0)
    assert provider.send(run, "complete", occurred_at="2026-01-01T11:00:00Z")["status"] == "failed"
    assert provider.get(f"/runs/{run['id']}").get_json()["ended_reason"] == "disk full"


def test_a_known_id_is_answered_again_and_writes_nothing(
    provider: Program, run: dict[str, Any], session: Session
) -> None:
    body = {"kind": "step", "step": "fetch", "event_id": "a1"}
    first = provider.post(f"/runs/{run['id']}/events", body)
    again = provider.post(f"/runs/{run['id']}/events", body)
    other = provider.post(f"/runs/{run['id']}/events", {**body, "step": "run"})

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 200)
    assert first.get_json() == again.get_json()
    assert other.get_json()["note"] == "ignored, id known"
    assert len(stored(session)) == 1


def test_the_same_id_sent_twenty_times_at_once_is_one_row(
    provider: Program, run: dict[str, Any], session: Session
) -> None:
    def send(_: int) -> int:
        client = provider.browser.app.test_client()
        headers = {"Authorization": f"Bearer {provider.key}"}
        body = {"kind": "step", "step": "fetch", "event_id": "a1"}
        return client.post(f"{URL}/runs/{run['id']}/events", json=body, headers=headers).status_code

    with ThreadPoolExecutor(10) as pool:
        found = sorted(pool.map(send, range(20)))

    assert found == [200] * 19 + [201]
    assert len(stored(session)) == 1


def test_of_a_list_the_good_ones_are_stored(provider: Program, run: dict[str, Any], session: Session) -> None:
    bad = {"kind": "step", "step": "nowhere"}
    found = provider.post(f"/runs/{run['id']}/events", [{"kind": "start"}, bad, {"kind": "step", "step": "run"}])

    results = found.get_json()["results"]
    assert [sorted(each) for each in results] == [["id", "index"], ["error", "index"], ["id", "index"]]
    assert results[1]["error"]["code"] == "unknown_step"
    assert found.get_json()["progress"] == 80.0
    assert len(stored(session)) == 2


def test_lines_of_json_are_a_list(provider: Program, run: dict[str, Any]) -> None:
    lines = b'{"kind":"step","step":"fetch"}\n{"kind":\n{"kind":"step","step":"run","event_id":"x"}\n'
    found = provider.post(f"/runs/{run['id']}/events", data=lines, content_type="application/x-ndjson").get_json()

    assert ["error" in each for each in found["results"]] == [False, True, False]
    assert found["progress"] == 90.0


def test_metadata_keeps_types_and_order(provider: Program, run: dict[str, Any], session: Session) -> None:
    metadata = {"z": 50, "a": 0.9, "m": True, "b": "x"}
    provider.send(run, "complete", "run", metadata=metadata)

    [event] = provider.get(f"/runs/{run['id']}/events").get_json()["items"]
    [_, step, _] = provider.get(f"/runs/{run['id']}").get_json()["steps"]
    kept = [json.loads(stored(session)[0].event_metadata or ""), event["metadata"], step["metadata"]]
    assert [list(one.items()) for one in kept] == [list(metadata.items())] * 3
    assert [type(value) for value in event["metadata"].values()] == [int, float, bool, str]


@pytest.mark.parametrize("value", [None, [1], {"x": 1}])
def test_a_value_that_is_no_scalar_is_refused(provider: Program, run: dict[str, Any], value: object) -> None:
    answer = provider.post(f"/runs/{run['id']}/events", {"kind": "info", "metadata": {"Score": value}})

    assert (answer.status_code, answer.get_json()["code"]) == (422, "not_scalar")


def test_what_does_not_fit_the_plan_is_flagged_or_refused(
    provider: Program, session: Session, run: dict[str, Any]
) -> None:
    values = [{"name": "Score", "kind": "number"}, {"name": "Page", "kind": "link"}]
    provider.register(version="2.0.0", steps=[{**STEPS[0], "metadata": values}])
    of_new_plan = provider.open("434")
    for metadata in ({"Score": "91.5"}, {"Score": "many"}, {"Page": "javascript:x"}, {"Other": 1}):
        provider.send(of_new_plan, "running", "fetch", metadata=metadata)
    assert [event.flags for event in stored(session)] == ["", "metadata", "metadata", "metadata"]

    job = provider.get("/jobs").get_json()["items"][0]["id"]
    provider.browser.api("PATCH", f"{URL}/jobs/{job}", provider.key, json={"metadata_check": "reject"})
    answer = provider.post(
        f"/runs/{of_new_plan['id']}/events", {"kind": "info", "step": "fetch", "metadata": {"Other": 1}}
    )
    assert (answer.status_code, answer.get_json()["code"]) == (422, "misfit")


def test_steps_are_rows_whatever_order_their_events_came_in(
    provider: Program, run: dict[str, Any], session: Session
) -> None:
    provider.send(run, "complete", "run", occurred_at="2026-01-01T10:05:00Z")
    provider.send(run, "start", "run", occurred_at="2026-01-01T10:01:00Z")
    provider.send(run, "complete", "fetch", occurred_at="2026-01-01T10:01:00Z")

    rows = {row.tag: row for row in session.scalars(select(RunStep))}
    assert [(row.state, row.is_done) for row in (rows["fetch"], rows["run"])] == [("completed", True)] * 2
    assert rows["run"].ended_at is not None
    assert rows["run"].started_at is not None
    assert (rows["run"].ended_at - rows["run"].started_at).total_seconds() == 240


def test_the_same_events_in_another_order_and_other_requests_make_the_same_run(provider: Program) -> None:
    provider.register()
    told: list[dict[str, Any]] = [
        {"kind": kind, "step": step, "fraction": part, "event_id": f"e{n}", "occurred_at": f"2026-01-01T10:0{n}:00Z"}
        for n, (kind, step, part) in enumerate(
            [("start", "fetch", None), ("complete", "fetch", None), ("step", "run", 0.5), ("error", "run", None)]
        )
    ]
    whole, parts = provider.open("whole"), provider.open("parts")
    provider.post(f"/runs/{whole['id']}/events", told)
    for some in (told[3:], told[1:2], told[:1] + told[2:], told[:2]):
        provider.post(f"/runs/{parts['id']}/events", some)

    one, other = (provider.get(f"/runs/{each['id']}").get_json() for each in (whole, parts))
    same = ("status", "progress", "step", "started_at", "ended_at", "steps")
    assert [one[name] for name in same] == [other[name] for name in same]
    assert (one["status"], one["progress"]) == ("failed", 50.0)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"kind": "dance"}, "unknown_kind"),
        ({"kind": "step", "step": "nowhere"}, "unknown_step"),
        ({"kind": "step", "step": "run", "fraction": 1.1}, "out_of_range"),
        ({"kind": "step", "occurred_at": "yesterday"}, "bad_body"),
        ({"kind": "step", "occurred_at": "0001-01-01T00:00:00+14:00"}, "bad_time"),
        ({"kind": "step", "color": 1}, "bad_body"),
        ({}, "bad_body"),
        ({"kind": "step", "event_id": "x\0y"}, "bad_text"),
    ],
)
def test_what_no_run_takes_is_refused(
    provider: Program, run: dict[str, Any], session: Session, body: dict[str, Any], code: str
) -> None:
    answer = provider.post(f"/runs/{run['id']}/events", body)

    assert (answer.status_code, answer.get_json()["code"]) == (422, code)
    assert not stored(session)


def test_an_update_stands_in_the_place_of_its_event_and_takes_no_percent_back(
    provider: Program, run: dict[str, Any], session: Session, database: Database, realm: Realm
) -> None:
    told = provider.send(run, "complete", occurred_at="2026-01-01T10:00:00Z")
    with database.app.app_context():
        writing = db.session()
        scope(writing, realm.id)
        one, event = numbered(writing, run["number"]), writing.get(Event, told["id"])
        assert one is not None
        assert event is not None
        update_event(writing, one, event, EventDraft("Error", metadata={"why": "wrong"}), CLI)
        writing.commit()

    shown = provider.get(f"/runs/{run['id']}").get_json()
    assert (shown["status"], shown["progress"]) == ("failed", 100.0)
    old, new = stored(session)
    assert (old.kind, new.kind, new.updates, new.event_metadata) == ("complete", "error", old.id, '{"why": "wrong"}')
