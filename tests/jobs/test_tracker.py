"""The tracker-compatible API: every row of its table, answered as the clients of all three generations read it."""

import csv
import io
import re

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.jobs.models import Event, Run
from app.jobs.tracker import queries
from app.realms.models import Realm
from tests import factories
from tests.jobs.tracker_client import PLAN, STEPS, Client, make_client
from tests.jobs.tracking import member

TIME = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00")
CONFIGURATION = ["id", "provider_id", "tag", "name", "version", "step_configurations", "created_at", "updated_at"]
EVENT = ["id", "job_id", "kind", "name", "event_metadata", "step_configuration", "created_at", "updated_at"]
RUN = [
    "id", "provider_job_id", "customer_id", "provider_job_name", "provider_id", "job_configuration_id", "created_at",
    "updated_at", "provider", "job_configuration", "events",
]  # fmt: skip


def test_a_key_is_tried(clinic: Client) -> None:
    answer = clinic.send("GET", "/api-keys/protected")
    assert (answer.status_code, answer.content_type, answer.data) == (200, "application/json", b'"Authorized!"')

    ask = clinic.browser.api
    missing = ask("GET", "/api/tracker/api-keys/protected")
    assert missing.status_code == 403
    assert missing.get_json() == {"detail": "Invalid credentials. Missing x-api_key header"}
    wrong = ask("GET", "/api/tracker/api-keys/protected", headers={"x-api_key": "hw_wrong"})
    assert (wrong.status_code, wrong.get_json()) == (403, {"detail": "Invalid credentials. Unauthorized"})


@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
def test_a_key_comes_in_any_of_its_headers(clinic: Client) -> None:
    basic = {"Authorization": "Basic YTpi"}
    sent = [
        {"x-api_key": clinic.key}, {"X-Api-Key": clinic.key}, {"Authorization": f"Bearer {clinic.key}"},
        {"x-api_key": clinic.key, **basic}, {"X-Api-Key": f"{clinic.key},{clinic.key}"},
        {"X-Api-Key": " ", "Authorization": f"bearer {clinic.key}"},
    ]  # fmt: skip
    for headers in sent:
        assert clinic.browser.api("GET", "/api/tracker/api-keys/protected", headers=headers).status_code == 200, headers
    for headers in ({"X-Api-Key": f"{clinic.key},hw_other"}, basic, {"X-Api-Key": "käse", **sent[2]}):
        assert clinic.browser.api("GET", "/api/tracker/api-keys/protected", headers=headers).status_code == 403, headers
    assert clinic.browser.api("GET", "/api/v1/jobs/runs", headers=sent[0]).status_code == 401


@pytest.mark.parametrize("noun", ["job", "study"])
def test_a_plan_is_registered(clinic: Client, noun: str) -> None:
    answer = clinic.register(noun)
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    found = answer.get_json()
    assert list(found) == CONFIGURATION
    assert (found["provider_id"], found["version"], found["updated_at"]) == (clinic.user.id, "1.0.0", None)
    step = found["step_configurations"][1]
    parts = ["id", f"{noun}_configuration_id", "tag", "name", "points", "metadata_configurations", "created_at"]
    assert list(step) == [*parts, "updated_at"]
    assert (step[f"{noun}_configuration_id"], step["tag"], step["points"]) == (found["id"], "run", 8)
    value = {key: value for key, value in step["metadata_configurations"][0].items() if key not in ("id", "created_at")}
    assert value == {"step_configuration_id": step["id"], "name": "Score", "kind": "number", "units": "%",
                     "updated_at": None}  # fmt: skip
    assert step["metadata_configurations"][1]["units"] is None

    again = clinic.register(noun, step_configurations=STEPS[::-1])
    assert (again.status_code, again.get_json()) == (200, found)


@pytest.mark.parametrize("noun", ["job", "study"])
def test_other_content_of_a_known_version_is_refused_with_what_changed(clinic: Client, noun: str) -> None:
    clinic.register(noun)
    answer = clinic.register(noun, name="Lungs", step_configurations=[STEPS[0], {**STEPS[1], "points": -9}])

    assert answer.status_code == 400
    detail = answer.get_json()["detail"]
    assert detail["msg"] == f"{noun} configuration: this version already exists with other content"
    assert "step_configurations.run.points: 8 -> -9" in detail["changes"]
    assert "name: 'Lung' -> 'Lungs'" in detail["changes"]
    assert clinic.register(noun, version="2.0.0-rc.1+b5", step_configurations=[]).status_code == 200


def test_plans_are_listed_by_tag_and_version(clinic: Client) -> None:
    made = {version: clinic.register(version=version).get_json() for version in ("1.0.0", "1.1.0", "0.9.0")}
    ids = {version: plan["id"] for version, plan in made.items()}
    assert [version for version, plan in made.items() if "warning" in plan] == ["0.9.0"]
    kidney = clinic.register("study", tag="kidney").get_json()["id"]

    def listed(query: str, noun: str = "job") -> list[int]:
        return [each["id"] for each in clinic.get(f"/{noun}_configurations{query}")]

    assert listed("/?tag=lung") == listed("?tag=lung") == [ids["0.9.0"], ids["1.1.0"], ids["1.0.0"]]
    assert listed("/?tag=lung&version=1.1.0") == [ids["1.1.0"]]
    assert listed("/?tag=lung&version=latest", "study") == [ids["0.9.0"]]
    assert listed("") == listed("/") == listed("/?version=latest") == [ids["0.9.0"], kidney]
    assert listed("/?tag=none") == listed("/?tag=lung&version=7.0.0") == []
    assert clinic.get(f"/study_configurations/{kidney}")["tag"] == "kidney"
    missing = clinic.send("GET", "/job_configurations/4000000")
    assert (missing.status_code, missing.get_json()) == (404, {"detail": "Job configuration not found"})


def test_a_run_is_opened_as_a_job(clinic: Client, customer: User, session: Session) -> None:
    plan = clinic.register().get_json()
    found = clinic.open(customer)

    assert list(found) == RUN
    run = session.scalars(select(Run)).one()
    assert (found["id"], found["provider_job_id"], found["customer_id"]) == (run.number, "433", customer.id)
    assert (found["job_configuration"], found["job_configuration_id"]) == (plan, plan["id"])
    assert (found["provider"]["id"], found["provider"]["role"], found["events"]) == (clinic.user.id, "provider", [])
    assert found["updated_at"] is None
    assert TIME.fullmatch(found["created_at"])
    assert TIME.fullmatch(plan["created_at"])
    assert clinic.open(customer) == found
    assert session.scalars(select(Run)).one()

    refused = clinic.post("/jobs", {"provider_job_id": "434", "customer_id": customer.id, "tag": "no"})
    assert (refused.status_code, refused.get_json()) == (400, {"detail": "Invalid job configuration tag"})
    other = member(session, session.get_one(Realm, run.realm_id), "bob", Role.CUSTOMER)
    taken = clinic.post("/jobs", {"provider_job_id": "433", "customer_id": other.id, "tag": "lung"})
    assert (taken.status_code, taken.get_json()) == (409, {"detail": "433 is a run for another customer."})


def test_a_run_is_opened_as_a_study_and_told_of_as_what_one_asks_for(clinic: Client, customer: User) -> None:
    clinic.register("study")
    body = {"provider_study_id": 433, "hospital_id": str(customer.id), "tag": "lung"}
    study = clinic.post("/studies", body).get_json()

    assert (study["provider_study_id"], study["hospital_id"]) == ("433", customer.id)
    assert list(study) == [name.replace("job", "study").replace("customer", "hospital") for name in RUN]
    assert clinic.get(f"/studies/{study['id']}") == study
    assert clinic.get("/studies")[0]["study_configuration"] == study["study_configuration"]
    assert clinic.get(f"/jobs/{study['id']}")["customer_id"] == customer.id
    refused = clinic.post("/studies", {**body, "provider_study_id": "434", "tag": "no"})
    assert (refused.status_code, refused.get_json()) == (400, {"detail": "Invalid study configuration tag"})


@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
def test_what_is_sent_again_under_its_key_is_done_once(clinic: Client, customer: User, session: Session) -> None:
    clinic.register()
    clinic.open(customer)
    headers, event = {"Idempotency-Key": "k1"}, {"provider_job_id": "433", "kind": "info"}
    first, again = (clinic.post("/events", event, headers=headers).get_json() for _ in range(2))
    assert first == again
    assert len(session.scalars(select(Event)).all()) == 1
    reused = clinic.post("/events", {**event, "kind": "error"}, headers=headers)
    assert (reused.status_code, reused.get_json()["detail"][0]["type"]) == (422, "value_error")


def test_the_oldest_clients_name_their_job_and_have_no_plan(clinic: Client, customer: User, session: Session) -> None:
    clinic.register(tag="Lung")
    body = {"provider_job_id": "433", "customer_id": customer.id, "provider_job_name": "Lung"}
    found = clinic.post("/jobs", body).get_json()

    assert (found["provider_job_name"], found["job_configuration_id"], found["job_configuration"]) == (
        "Lung",
        None,
        None,
    )
    event = clinic.event("step", name="Reading")
    assert (event["name"], event["step_configuration"]) == ("Reading", None)
    assert clinic.event("complete")["kind"] == "complete"
    run = session.scalars(select(Run)).one()
    assert (run.status, run.progress) == ("completed", 100.0)
    assert clinic.post("/studies", {"provider_study_id": "1", "hospital_id": customer.id,
                                    "provider_study_name": "x"}).status_code == 422  # fmt: skip


def test_an_event_is_answered_as_it_came(clinic: Client, customer: User) -> None:
    plan, run = clinic.register().get_json(), clinic.open(customer)
    metadata = {"z": 50, "a": 0.9, "y": True, "b": "x"}
    event = clinic.event("Complete", "run", name="Reading", event_metadata=metadata, unknown=[1])

    assert list(event) == EVENT
    assert (event["job_id"], event["kind"], event["name"]) == (run["id"], "Complete", "Reading")
    assert list(event["event_metadata"].items()) == list(metadata.items())
    assert event["event_metadata"]["y"] is True
    assert event["step_configuration"] == plan["step_configurations"][1]
    assert event["updated_at"] is None
    bare = clinic.event("In Progress", event_metadata={})
    assert (bare["name"], bare["event_metadata"], bare["step_configuration"]) == (None, {}, None)
    assert clinic.get(f"/jobs/{run['id']}/events") == [event, {**bare, "event_metadata": None}]
    assert clinic.get(f"/jobs/{run['id']}")["events"][0] == event


def test_an_event_is_put_right_under_its_id(clinic: Client, customer: User, session: Session) -> None:
    clinic.register()
    run, began = clinic.open(customer), clinic.event("running", "fetch", event_metadata={"n": 1})
    done = clinic.post("/update_event", {"id": str(began["id"]), "kind": "Complete"}).get_json()

    assert {**done, "updated_at": None} == {**began, "kind": "Complete", "event_metadata": None}
    assert done["updated_at"] > done["created_at"]
    assert TIME.fullmatch(done["updated_at"])
    assert session.scalars(select(Run)).one().progress == 10.0
    failed = clinic.post("/update_event", {"id": began["id"], "kind": "Error", "event_metadata": {"why": "x"}})
    assert failed.get_json()["event_metadata"] == {"why": "x"}
    one = session.scalars(select(Run)).one()
    assert (one.status, one.progress) == ("failed", 10.0)
    [event] = clinic.get(f"/jobs/{run['id']}/events")
    assert event == failed.get_json()
    for event_id in (4_000_000, 10**30, 0, -1):
        missing = clinic.post("/update_event", {"id": event_id, "kind": "info"})
        assert (missing.status_code, missing.get_json()) == (404, {"detail": "Event not found"})


@pytest.mark.parametrize(("noun", "name"), [("job", "Job"), ("study", "Study")])
def test_what_is_not_there_says_what(clinic: Client, noun: str, name: str) -> None:
    for answer in (
        clinic.post("/events", {f"provider_{noun}_id": "no", "kind": "info"}),
        clinic.send("GET", f"/{'studies' if noun == 'study' else 'jobs'}/4000000"),
        clinic.send("GET", f"/{'studies' if noun == 'study' else 'jobs'}/4000000/events"),
    ):
        assert (answer.status_code, answer.get_json()) == (404, {"detail": f"{name} not found"})


def test_the_list_holds_the_newest_and_leads_to_the_rest(
    clinic: Client, customer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST", 2)
    clinic.register()
    numbers = [clinic.open(customer, external_id)["id"] for external_id in ("433", "2", "3", "4", "5")]
    for name in range(3):
        clinic.event("info", name=str(name))

    def pages(path: str) -> list[list[int]]:
        found, at = [], path
        while at:
            answer = clinic.send("GET", at)
            found.append([each["id"] for each in answer.get_json()])
            link = answer.headers.get("Link", "")
            assert not link or link.endswith('>; rel="next"')
            at = link.partition("/api/tracker")[2].partition(">")[0]
        return found

    # What began to run last is newest.
    assert pages("/jobs") == [numbers[3:], numbers[1:3], numbers[:1]]
    assert [len(page) for page in pages(f"/studies/{numbers[0]}/events")] == [2, 1]
    assert len(clinic.get(f"/jobs/{numbers[0]}")["events"]) == 2
    assert clinic.get("/jobs?before=x") == clinic.get("/jobs")
    assert "events" not in clinic.get("/jobs")[0]


def test_the_report_is_csv_of_a_span(clinic: Client, customer: User) -> None:
    clinic.register()
    clinic.open(customer)
    clinic.event("info")
    answer = clinic.send("GET", "/reporting?start_date=0")

    assert (answer.status_code, answer.content_type) == (200, "text/csv; charset=utf-8")
    [row] = csv.DictReader(io.StringIO(answer.text))
    assert (row["external_id"], row["kind"], row["step"]) == ("433", "info", "")
    assert len(clinic.send("GET", "/reporting?start_date=0&end_date=1").text.splitlines()) == 1
    for value in ("x", "-1", str(10**30), "1.5"):
        wrong = clinic.send("GET", f"/reporting?start_date={value}")
        error = {"loc": ["query", "start_date"], "msg": "value is not a valid integer", "type": "type_error.integer"}
        assert (wrong.status_code, wrong.get_json()) == (422, {"detail": [error]})


@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
def test_what_people_looked_at_asks_them_to_sign_in(clinic: Client) -> None:
    for path in ("/jobs", "/studies", "/jobs/1", "/studies/1/events", "/reporting"):
        for headers in ({}, {"x-api_key": "hw_wrong"}):
            answer = clinic.browser.api("GET", f"/api/tracker{path}", headers=headers)
            assert (answer.status_code, answer.get_json()) == (401, {"detail": "Not authenticated"}), path
            assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
def test_slashes_may_be_doubled_and_nothing_redirects(clinic: Client) -> None:
    for path in ("/api/tracker//job_configurations//", "/api//tracker/job_configurations/", "/api/tracker//jobs/"):
        answer = clinic.browser.client.get(path, headers={"x-api_key": clinic.key})
        assert (answer.status_code, answer.get_json()) == (200, []), path
    sent = clinic.browser.client.post("/api//tracker/job_configurations/", json=PLAN, headers={"x-api_key": clinic.key})
    assert sent.status_code == 200


@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
def test_all_else_below_the_mount_is_not_there(clinic: Client) -> None:
    for path in ("", "/", "/login", "/signup", "/users", "/api-keys", "/organizations", "/docs", "/jobs/x", "/jobs/-1",
                 f"/jobs/{2**70}", "/jobs/1/x", "/events/1", "/a%00b"):  # fmt: skip
        answer = clinic.send("GET", path)
        assert (answer.status_code, answer.get_json()) == (404, {"detail": "Not Found"}), path
    for method, path in (("GET", "/events"), ("DELETE", "/jobs"), ("PUT", "/jobs/1"), ("OPTIONS", "/jobs"),
                         ("PATCH", "/events"), ("POST", "/reporting"), ("POST", "/job_configurations/1")):  # fmt: skip
        answer = clinic.send(method, path)
        assert (answer.status_code, answer.get_json()) == (405, {"detail": "Method Not Allowed"}), path
        assert answer.headers["Allow"]


def test_a_key_of_no_provider_writes_nothing(clinic: Client, session: Session, realm: Realm, customer: User) -> None:
    operator = make_client(clinic.browser, session, realm, "op", Role.OPERATOR, "jobs.write")
    reader = Client(clinic.browser, customer, factories.make_key(session, customer, realm, "jobs.read")[1])
    for who in (operator, reader):
        for path in ("/job_configurations", "/studies", "/events", "/update_event"):
            answer = who.post(path, PLAN)
            assert (answer.status_code, answer.get_json()) == (403, {"detail": "This key belongs to no provider"}), path
    weak = Client(clinic.browser, clinic.user, factories.make_key(session, clinic.user, realm, "jobs.read")[1])
    assert weak.register().get_json() == {"detail": "The key was not given jobs.write."}
    assert not session.scalars(select(Event)).all()


def test_whoever_is_asked_to_stop_hears_of_it(clinic: Client, customer: User, session: Session) -> None:
    clinic.register()
    run, event = clinic.open(customer), clinic.event("running", "fetch")
    assert "cancel_requested" not in event
    id_ = session.scalars(select(Run.id)).one()
    clinic.browser.api("POST", f"/api/v1/jobs/runs/{id_}/cancellation", clinic.key, json={})

    assert clinic.event("info")["cancel_requested"] is True
    assert clinic.post("/update_event", {"id": event["id"], "kind": "Complete"}).get_json()["cancel_requested"] is True
    assert clinic.open(customer)["cancel_requested"] is True
    assert clinic.get(f"/jobs/{run['id']}")["cancel_requested"] is True
