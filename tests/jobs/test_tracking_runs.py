"""Runs are opened, tried again, cancelled and ended."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.changes.models import Change
from app.jobs.models import Run
from app.jobs.signals import run_ended
from app.realms.models import Realm
from tests.browser import Browser
from tests.jobs.tracking import Program, make_provider, member, program


@pytest.fixture
def run(provider: Program) -> dict[str, Any]:
    """A queued run of the plan of most tests."""
    provider.register()
    return provider.open()


def rows(session: Session) -> list[Run]:
    """Return all runs in the order they were opened."""
    return list(session.scalars(select(Run).order_by(Run.number)))


def verbs(session: Session) -> list[str]:
    """Return what the change log says of runs."""
    found = session.scalars(select(Change.verb).where(Change.kind == "run").order_by(Change.id))
    return [verb.removeprefix("run.") for verb in found]


def test_the_same_names_are_the_same_run_until_it_fails(
    provider: Program, run: dict[str, Any], visitor: Browser, session: Session, realm: Realm
) -> None:
    assert provider.open()["id"] == run["id"]
    provider.send(run, "complete")
    assert provider.open()["id"] == run["id"]
    provider.post(f"/runs/{run['id']}/completion", {"status": "failed"})
    again = provider.open()

    assert (again["attempt"], again["progress"]) == (2, 0.0)
    other = make_provider(visitor, session, realm, "other")
    other.register()
    assert other.post("/runs", {"tag": "lung", "external_id": "433"}).status_code == 201
    assert [each.attempt for each in rows(session)] == [1, 2, 1]
    assert rows(session)[0].next_attempt == 2


def test_a_customer_is_a_member_with_that_role_and_stays(
    provider: Program, run: dict[str, Any], session: Session, realm: Realm
) -> None:
    for name in ("ann", "bob"):
        member(session, realm, name, Role.CUSTOMER)
    made = provider.open("434", customer="ann")
    assert provider.open("434")["id"] == made["id"]

    assert provider.post("/runs", {"tag": "lung", "external_id": "434", "customer": "bob"}).status_code == 409
    assert provider.post("/runs", {"job": "x", "external_id": "434"}).status_code == 409
    for wrong in ("clinic", "nobody", 4_000_000):
        answer = provider.post("/runs", {"tag": "lung", "external_id": "435", "customer": wrong})
        assert (answer.status_code, answer.get_json()["code"]) == (422, "unknown_customer")
    assert len(rows(session)) == 2
    assert run


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"tag": "none", "external_id": "1"}, "/tag"),
        ({"tag": "lung", "external_id": "1", "version": "9.9.9"}, "/version"),
        ({"tag": "lung", "external_id": ""}, "/external_id"),
        ({"tag": "lung", "external_id": "1", "parent": 4_000_000}, "/parent"),
        ({"tag": "lung", "external_id": "1", "attempt": 0}, "/attempt"),
        ({"external_id": "1"}, "/tag"),
    ],
)
def test_a_run_that_cannot_be_opened_says_why(
    provider: Program, run: dict[str, Any], body: dict[str, Any], field: str
) -> None:
    answer = provider.post("/runs", body)

    assert run
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, field)


def test_a_run_says_how_openlineage_names_it(provider: Program, run: dict[str, Any], session: Session) -> None:
    assert run["parent"] == {
        "run": {"runId": run["id"]},
        "job": {"namespace": "headwater://clinic", "name": "lung"},
    }
    assert rows(session)[0].reported_id == run["id"]
    assert provider.get(f"/runs/{run['number']}").get_json()["id"] == run["id"]


def test_what_waits_is_cancelled_at_once(provider: Program, run: dict[str, Any]) -> None:
    answer = provider.post(f"/runs/{run['id']}/cancellation", {"why": "wrong input"})

    assert (answer.get_json()["outcome"], answer.get_json()["status"]) == ("cancelled", "cancelled")
    again = provider.post(f"/runs/{run['id']}/cancellation", {"why": "again"})
    assert (again.status_code, again.get_json()["code"]) == (409, "final")


def test_what_runs_is_asked_to_stop_with_those_below_it(provider: Program, run: dict[str, Any]) -> None:
    provider.send(run, "start")
    child = provider.open("child", parent=run["id"])
    answer = provider.post(f"/runs/{run['id']}/cancellation", {"why": "wrong input"}).get_json()

    assert (answer["outcome"], answer["children"], answer["status"]) == ("requested", 1, "running")
    assert provider.send(run, "step", "fetch")["cancel_requested"]
    assert provider.post(f"/runs/{run['id']}/heartbeat").get_json()["cancel_requested"]
    assert provider.get(f"/runs/{child['id']}").get_json()["status"] == "cancelled"
    ended = provider.post(f"/runs/{run['id']}/completion", {"status": "cancelled"}).get_json()
    assert (ended["status"], ended["cancel_requested"]) == ("cancelled", False)


def test_a_run_with_others_below_it_is_ended_by_force_only_by_its_number(
    provider: Program, run: dict[str, Any]
) -> None:
    provider.send(run, "start")
    provider.open("child", parent=run["number"])
    force = {"status": "cancelled", "force": True}

    assert provider.post(f"/runs/{run['id']}/completion", force).status_code == 422
    ended = provider.post(f"/runs/{run['id']}/completion", {**force, "number": str(run["number"])})
    assert ended.get_json()["status"] == "cancelled"
    assert provider.send(run, "step", "fetch")["status"] == "cancelled"


def test_trying_again_leaves_the_old_attempt_as_it_was(
    provider: Program, run: dict[str, Any], session: Session
) -> None:
    assert provider.post(f"/runs/{run['id']}/attempts").status_code == 409
    provider.send(run, "step", "fetch")
    provider.post(f"/runs/{run['id']}/completion", {"status": "failed", "reason": "disk full"})
    again = provider.post(f"/runs/{run['id']}/attempts")

    assert (again.status_code, again.get_json()["attempt"]) == (201, 2)
    old, new = rows(session)
    assert (old.status, old.progress, old.ended_reason, old.next_attempt) == ("failed", 10.0, "disk full", 2)
    assert (new.status, new.progress, new.started_at, new.external_id) == ("queued", 0.0, None, "433")
    assert provider.post(f"/runs/{run['id']}/attempts").status_code == 409


def test_an_ended_run_leaves_the_lists_and_comes_back(provider: Program, run: dict[str, Any]) -> None:
    path = f"/runs/{run['id']}"
    assert provider.post(f"{path}/archival").status_code == 409
    provider.send(run, "complete")
    listed = []
    for act in ("archival", "restoration"):
        assert [provider.post(f"{path}/{act}").status_code for _ in range(2)] == [200, 409]
        listed.append(len(provider.get("/runs").get_json()["items"]))

    assert listed == [0, 1]


def test_fields_of_a_form_alone_open_and_end_a_run(provider: Program) -> None:
    form = {"job": "nightly", "run": "2026-11-22"}
    first = provider.post("/events", data={**form, "kind": "step", "step": "load", "metadata.Rows": "91"})
    second = provider.post("/events", data={**form, "kind": "complete"})

    assert (first.status_code, first.get_json()["status"]) == (201, "running")
    assert (second.get_json()["status"], second.get_json()["progress"]) == ("completed", 100.0)
    [shown] = provider.get("/runs").get_json()["items"]
    assert (shown["job"], shown["external_id"], shown["status"]) == ("nightly", "2026-11-22", "completed")
    [event, _] = provider.get(f"/runs/{shown['id']}/events").get_json()["items"]
    assert event["metadata"] == {"Rows": 91}


def test_each_transition_is_told_once_and_the_end_is_signalled_once(
    provider: Program, run: dict[str, Any], session: Session
) -> None:
    ended: list[tuple[str, int | None]] = []

    def hear(_sender: object, *, session: Session, run: Run) -> None:
        assert session
        ended.append((str(run.status), run.parent_run))

    with run_ended.connected_to(hear):
        for kind in ("start", "info", "start"):
            provider.send(run, kind, "fetch")
        provider.send(run, "error", "fetch")
        provider.send(run, "start", "fetch")
        provider.send(run, "error", "fetch")
        provider.send(run, "complete")
        provider.send(run, "complete")

    assert ended == [("failed", None)]
    said = verbs(session)
    assert [verb for verb in said if verb != "advanced"] == ["created", "started", "failed", "completed"]
    assert len(said) == 1 + 8


def test_an_operator_writes_on_behalf_of_a_provider_he_names(
    provider: Program, run: dict[str, Any], visitor: Browser, session: Session, realm: Realm
) -> None:
    operator = program(visitor, session, realm, member(session, realm, "op", Role.OPERATOR, "jobs.write"))

    assert operator.post("/runs", {"job": "x", "external_id": "1"}).get_json()["code"] == "required"
    assert operator.post("/runs", {"job": "x", "external_id": "1", "provider": "op"}).status_code == 422
    assert operator.open("433", provider="clinic")["id"] == run["id"]
    assert provider.post("/runs", {"job": "x", "external_id": "1", "provider": "op"}).status_code == 422
