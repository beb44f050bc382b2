"""Whatever is sent below the mount, the answer is no fault of ours, says ``detail``, and nothing is half written."""

import json
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.changes.models import Change
from app.jobs.models import Event, JobConfiguration, Run
from tests.jobs.tracker_client import PLAN, STEPS, Client

BIG, NUL, LONE = 10**30, "a\0b", "\ud800"
ODD: list[Any] = [None, True, 1.5, BIG, "", "x" * 10_000, NUL, LONE, [1], {"x": {"y": [BIG]}}]
RAW = [
    b"", b" ", b"{", b"[]", b"null", b'"x"', b"1", b"\xff\xfe", b"[" * 100_000, b'{"kind":' * 5_000, b"{'kind': 1}",
    b'{"kind": NaN}', b'{"kind": 1e999, "id": Infinity}', b'{"id": ' + b"9" * 5_000 + b"}",
    b'{"kind": "info", "kind": 1}', b"\xef\xbb\xbf{}", b'{"tag": "\\ud83d"}',
    b'{"provider_job_id": "\\u0000", "kind": "info"}',
]  # fmt: skip
KINDS = ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/xml", "nonsense"]
WRITES = ["/study_configurations", "/events"]
Sent = tuple[str, dict[str, Any]]


def bodies(customer: User, event_id: int) -> dict[str, dict[str, Any]]:
    """Return a body for each path that would be taken."""
    return {
        "/job_configurations": PLAN,
        "/jobs": {"provider_job_id": "1", "customer_id": customer.id, "tag": "lung"},
        "/events": {"provider_job_id": "433", "kind": "info", "tag": "run", "name": "x", "event_metadata": {"a": 1}},
        "/update_event": {"id": event_id, "kind": "info", "event_metadata": {"a": 1}},
    }


def probes(good: dict[str, dict[str, Any]]) -> Iterator[Sent]:
    """Return requests nobody should send: bodies that are none, and good ones with one odd member or without one."""
    for path, raw in product(WRITES, RAW):
        yield path, {"data": raw, "content_type": "application/json"}
    for kind in KINDS:
        yield "/events", {"data": b'{"kind": "info"}', "content_type": kind}
    for path, body in good.items():
        for name in body:
            yield path, {"json": {key: value for key, value in body.items() if key != name}}
            for odd in ODD:
                yield path, {"json": {**body, name: odd}}
    for name, odd in product(("points", "metadata_configurations"), ODD):
        yield "/job_configurations", {"json": {**PLAN, "step_configurations": [{**STEPS[0], name: odd}]}}
    for name, odd in product(("name", "kind", "units"), ODD):
        steps = [{**STEPS[0], "metadata_configurations": [{"name": "n", name: odd}]}]
        yield "/job_configurations", {"json": {**PLAN, "version": "7.0.0", "step_configurations": steps}}


# PostgreSQL is the stricter one: what it takes, SQLite takes.
@pytest.mark.parametrize("prepared", ["postgresql"], indirect=True)
def test_nothing_that_is_sent_is_our_fault(clinic: Client, customer: User) -> None:
    clinic.register()
    clinic.open(customer)
    sent, refused = 0, 0
    for path, how in probes(bodies(customer, clinic.event("info")["id"])):
        raw = {"data": json.dumps(how["json"]).encode(), "content_type": "application/json"} if "json" in how else how
        answer = clinic.browser.client.post(f"/api/tracker{path}", headers={"x-api_key": clinic.key}, **raw)
        sent += 1
        assert answer.status_code in (200, 400, 404, 409, 422), (path, str(how)[:200], answer.text[:200])
        assert answer.content_type == "application/json"
        if answer.status_code != 200:
            refused += 1
            assert list(answer.get_json()) == ["detail"], (path, str(how)[:200])
            _looks_like_pydantic(answer.status_code, answer.get_json()["detail"])
    assert sent > 220
    assert refused > 150


def _looks_like_pydantic(status: int, detail: Any) -> None:
    assert isinstance(detail, list) is (status == 422)
    for error in detail if status == 422 else []:
        assert list(error) == ["loc", "msg", "type"]
        assert error["loc"][0] == "body"
        assert error["type"].startswith(("value_error", "type_error"))


@pytest.mark.parametrize("prepared", ["postgresql"], indirect=True)
def test_no_address_is_our_fault(clinic: Client) -> None:
    numbers = ("0", "-1", str(2**63), str(BIG), "x", "1.5", "%00", "%ff", "n" * 5_000)
    paths = [f"/{noun}/{each}" for noun in ("jobs", "studies", "job_configurations") for each in numbers]
    paths += [f"/jobs/{each}/events" for each in numbers]
    queries = ("tag=%00", "tag=%ff", "version=%ed%a0%80", f"tag={'x' * 9_000}", "before=1.", f"before={BIG}.{BIG}",
               f"before={10**18}.1", f"start_date={BIG}", "start_date=%F0", "end_date=0")  # fmt: skip
    paths += [f"{path}?{query}" for path in ("/jobs", "/job_configurations/", "/reporting") for query in queries]
    for path in paths:
        answer = clinic.send("GET", path)
        assert answer.status_code in (200, 400, 404, 422), path


@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
def test_a_body_beyond_four_mebibytes_is_not_read(clinic: Client) -> None:
    answer = clinic.post("/events", data=b"x" * 4_200_000, content_type="application/json")
    assert (answer.status_code, answer.get_json()) == (413, {"detail": "The body has at most 4 MiB."})
    steps: list[Any] = [{"metadata_configurations": [{}] * 100}] * 20
    answer = clinic.post("/job_configurations", {**PLAN, "step_configurations": steps})
    assert len(answer.get_json()["detail"]) == 100


WRONG: list[tuple[dict[str, Any], list[Any], str, str]] = [
    ({"version": "1.0"}, ["version"], "1.0 is not valid SemVer string", "value_error"),
    ({"version": 1}, ["version"], "1 is not valid SemVer string", "value_error"),
    ({"tag": 1.5}, ["tag"], "str type expected", "type_error.str"),
    ({"name": None}, ["name"], "none is not an allowed value", "type_error.none.not_allowed"),
    ({"step_configurations": {}}, ["step_configurations"], "value is not a valid list", "type_error.list"),
    ({"step_configurations": [1]}, ["step_configurations", 0], "value is not a valid dict", "type_error.dict"),
    ({"step_configurations": [STEPS[0], STEPS[0]]}, ["step_configurations"], "the list has duplicated items",
     "value_error.list.unique_items"),
    ({"step_configurations": [{**STEPS[0], "points": "1"}]}, ["step_configurations", 0, "points"],
     "value is not a valid integer", "type_error.integer"),
    ({"step_configurations": [{**STEPS[0], "points": True}]}, ["step_configurations", 0, "points"],
     "value is not a valid integer", "type_error.integer"),
    ({"step_configurations": [{**STEPS[0], "metadata_configurations": [{"name": "n", "kind": "date"}]}]},
     ["step_configurations", 0, "metadata_configurations", 0, "kind"],
     "value is not a valid enumeration member; permitted: 'text', 'number', 'link'", "type_error.enum"),
]  # fmt: skip


@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
def test_what_is_wrong_with_a_plan_is_said_as_pydantic_says_it(clinic: Client) -> None:
    for changed, loc, msg, kind in WRONG:
        answer = clinic.register(**changed)
        told = [{"loc": ["body", *loc], "msg": msg, "type": kind}]
        assert (answer.status_code, answer.get_json()) == (422, {"detail": told}), changed
    empty = clinic.post("/job_configurations", {"step_configurations": [{}]}).get_json()["detail"]
    assert [error["loc"][1:] for error in empty] == [
        ["tag"], ["name"], ["version"], *(["step_configurations", 0, name] for name in ("tag", "name", "points"))
    ]  # fmt: skip
    assert {(error["msg"], error["type"]) for error in empty} == {("field required", "value_error.missing")}
    for version in ("1", "v1.0.0", "01.0.0", "", None, 1.0):
        assert clinic.register(version=version).status_code == 422, version
    long = clinic.register(tag="x" * 201).get_json()["detail"][0]
    assert long == {"loc": ["body", "tag"], "msg": "Tag has at most 200 characters.", "type": "value_error"}


@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
def test_what_is_wrong_with_runs_and_events_is_said_likewise(clinic: Client, customer: User) -> None:
    clinic.register()
    clinic.open(customer)
    run = {"provider_job_id": "1", "customer_id": customer.id, "tag": "lung"}
    event = {"provider_job_id": "433", "kind": "info"}
    study = {"provider_study_id": "1", "kind": "Done"}
    for path, body, loc, kind in [
        ("/jobs", {**run, "customer_id": "x"}, ["customer_id"], "type_error.integer"),
        ("/jobs", {**run, "customer_id": BIG}, ["customer_id"], "value_error"),
        ("/jobs", {"provider_job_id": "1", "customer_id": 1}, ["tag"], "value_error.missing"),
        ("/studies", {**run, "provider_study_id": "1"}, ["hospital_id"], "value_error.missing"),
        ("/events", {"kind": "info"}, ["provider_job_id"], "value_error.missing"),
        ("/events", {**event, "kind": "Done"}, ["kind"], "type_error.enum"),
        ("/events", study, ["kind"], "type_error.enum"),
        ("/events", {**event, "tag": "no"}, ["tag"], "value_error"),
        ("/events", {**event, "event_metadata": {"a": {}}}, ["event_metadata", "a"], "type_error"),
        ("/events", {**event, "event_metadata": {"a": None}}, ["event_metadata", "a"], "type_error"),
        ("/events", {**event, "event_metadata": [1]}, ["event_metadata"], "type_error.dict"),
        ("/update_event", {"kind": "info"}, ["id"], "value_error.missing"),
        ("/update_event", {"id": 1.5, "kind": "info"}, ["id"], "type_error.integer"),
    ]:  # fmt: skip
        answer = clinic.post(path, body)
        assert answer.status_code == 422, (path, body)
        [error] = answer.get_json()["detail"]
        assert (error["loc"], error["type"]) == (["body", *loc], kind), (path, body)
    bad = clinic.post("/events", data=b"{", content_type="application/json").get_json()["detail"][0]
    assert (bad["loc"], bad["type"]) == (["body", 1], "value_error.jsondecode")
    words = clinic.post("/events", study).get_json()["detail"][0]["msg"]
    assert words.endswith("permitted: 'In progress', 'Error', 'Info', 'Complete', 'Pending'")


def test_what_is_refused_leaves_nothing(clinic: Client, customer: User, session: Session) -> None:
    clinic.register()
    clinic.open(customer)
    before = [len(session.scalars(select(model)).all()) for model in (JobConfiguration, Run, Event, Change)]
    clinic.register(name="Other")
    clinic.register(version="2.0.0", step_configurations=[STEPS[0], STEPS[0]])
    clinic.post("/jobs", {"provider_job_id": "2", "customer_id": clinic.user.id, "tag": "lung"})
    clinic.post("/events", {"provider_job_id": "433", "kind": "step", "tag": "no"})
    clinic.post("/events", {"provider_job_id": "433", "kind": "step", "event_metadata": {"a": "\ud800"}})

    found = [len(session.scalars(select(model)).all()) for model in (JobConfiguration, Run, Event, Change)]
    assert found == before
