"""Defects of the original tracker, each a named test of the API that stands in for it (acceptance 25).

Others stand elsewhere: anonymous accounts (b) and slowed passwords (e) in tests/accounts/test_members.py and
test_sign_in.py, half-written accounts (f) in test_members.py, polls after the end (l) in tests/jobs/test_live_runs.py.
"""

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Membership, Role, User
from app.db import utcnow
from app.jobs.models import Event, JobConfiguration, Run
from app.realms.models import CapGrant, Realm
from tests import factories
from tests.browser import Browser
from tests.jobs.tracker_client import STEPS, Client, make_client
from tests.jobs.tracking import member


@pytest.fixture
def other(visitor: Browser, session: Session, realm: Realm) -> Client:
    """The program of another provider of the realm."""
    return make_client(visitor, session, realm, "other", Role.PROVIDER, "jobs.write")


def test_a_an_update_without_a_key_or_with_a_foreign_one_changes_nothing(
    clinic: Client, other: Client, customer: User, session: Session, other_realm: Realm
) -> None:
    clinic.register()
    clinic.open(customer)
    body = {"id": clinic.event("running", "fetch")["id"], "kind": "Error"}
    theirs = make_client(clinic.browser, session, other_realm, "theirs", Role.PROVIDER, "jobs.write")

    for headers, status in (({}, 403), ({"x-api_key": other.key}, 404), ({"x-api_key": theirs.key}, 404)):
        answer = clinic.browser.api("POST", "/api/tracker/update_event", json=body, headers=headers)
        assert answer.status_code == status
    assert [event.kind for event in session.scalars(select(Event))] == ["step"]
    assert session.scalars(select(Run.status)).one() == "running"


@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
def test_b_there_is_no_way_to_an_account(clinic: Client, session: Session) -> None:
    before = len(session.scalars(select(Membership)).all())
    body = {"email": "x@example.org", "password": "p", "role": "operator", "first_name": "X", "last_name": "Y"}
    for path in ("/signup", "/users", "/users/", "/login", "/api-keys", "/organizations", "/hospitals", "/providers"):
        for headers in ({}, {"x-api_key": clinic.key}):
            answer = clinic.browser.api("POST", f"/api/tracker{path}", json=body, headers=headers)
            assert (answer.status_code, answer.get_json()) == (404, {"detail": "Not Found"})
    assert len(session.scalars(select(Membership)).all()) == before


def test_c_no_answer_holds_a_password_or_a_key(clinic: Client, customer: User) -> None:
    clinic.register()
    run = clinic.open(customer)
    for path in ("/jobs", f"/jobs/{run['id']}", f"/studies/{run['id']}"):
        text = clinic.send("GET", path).text
        assert "argon2" not in text
        assert "password" not in text
        assert clinic.key[:11] not in text


def test_d_an_id_of_a_user_is_no_id_of_anything_else(
    clinic: Client, other: Client, customer: User, session: Session, realm: Realm
) -> None:
    clinic.register(step_configurations=[])
    session.execute(update(JobConfiguration).values(id=other.user.id))
    session.commit()
    run = clinic.open(customer)
    clinic.event("info")
    reader = Client(clinic.browser, customer, factories.make_key(session, customer, realm, "jobs.read")[1])

    assert other.get("/job_configurations") == other.get("/jobs") == []
    assert len(other.send("GET", "/reporting").text.splitlines()) == 1
    assert clinic.get(f"/job_configurations/{other.user.id}")["provider_id"] == clinic.user.id
    assert other.send("GET", f"/study_configurations/{other.user.id}").status_code == 404
    assert reader.send("GET", f"/job_configurations/{other.user.id}").status_code == 403
    assert (reader.send("GET", "/reporting").status_code, reader.get("/jobs")[0]["id"]) == (403, run["id"])


@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
def test_g_an_unknown_customer_is_refused(clinic: Client, session: Session, realm: Realm, other_realm: Realm) -> None:
    clinic.register()
    strange = member(session, other_realm, "far", Role.CUSTOMER)
    gone = member(session, realm, "gone", Role.CUSTOMER)
    session.scalars(select(Membership).where(Membership.user_id == gone.id)).one().archived_at = utcnow()
    session.commit()
    for id_ in (4_000_000, 0, -1, clinic.user.id, strange.id, gone.id):
        answer = clinic.post("/jobs", {"provider_job_id": "1", "customer_id": id_, "tag": "lung"})
        assert answer.status_code == 422, id_
        assert answer.get_json()["detail"][0]["loc"] == ["body", "customer_id"]
    assert not session.scalars(select(Run)).all()


@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
def test_h_the_version_of_a_nested_plan_is_text(clinic: Client, customer: User) -> None:
    clinic.register(version="1.2.3-rc.1+b5")
    assert clinic.open(customer)["job_configuration"]["version"] == "1.2.3-rc.1+b5"
    assert clinic.get("/jobs")[0]["job_configuration"]["version"] == "1.2.3-rc.1+b5"


def test_i_sixty_four_senders_at_once_all_arrive(clinic: Client, customer: User, session: Session) -> None:
    clinic.register()
    bodies = [{"provider_job_id": str(number), "customer_id": customer.id, "tag": "lung"} for number in range(8)]
    for body in bodies:
        clinic.post("/jobs", body)

    def send(number: int) -> int:
        event = {"provider_job_id": str(number % 8), "kind": "info", "name": str(number)}
        http = clinic.browser.app.test_client()
        return http.post("/api/tracker/events", json=event, headers={"x-api_key": clinic.key}).status_code

    with ThreadPoolExecutor(64) as pool:
        assert set(pool.map(send, range(96))) == {200}
    assert len(set(session.scalars(select(Event.name)))) == 96


def test_i_the_same_sent_twenty_times_at_once_is_one(clinic: Client, customer: User, session: Session) -> None:
    plan = {"tag": "lung", "name": "Lung", "version": "1.0.0", "step_configurations": STEPS}
    run = {"provider_job_id": "433", "customer_id": customer.id, "tag": "lung"}
    info = {"provider_job_id": "433", "kind": "info"}

    def send(path: str, body: dict[str, Any]) -> tuple[int, Any]:
        http = clinic.browser.app.test_client()
        answer = http.post(f"/api/tracker{path}", json=body, headers={"x-api_key": clinic.key})
        return answer.status_code, (answer.get_json() or {}).get("id")

    with ThreadPoolExecutor(20) as pool:
        plans = set(pool.map(lambda _: send("/job_configurations", plan), range(20)))
        runs = set(pool.map(lambda _: send("/jobs", run), range(20)))
        event = clinic.event("Pending", "fetch")
        body = {"id": event["id"], "kind": "Complete"}
        # What is put right and what is new come at once, too.
        updated = set(pool.map(lambda odd: send("/update_event", body) if odd else send("/events", info), [0, 1] * 10))
    assert plans == {(200, session.scalars(select(JobConfiguration.id)).one())}
    assert runs == {(200, session.scalars(select(Run.number)).one())}
    assert {status for status, _ in updated} == {200}
    assert sorted(session.scalars(select(Event.sequence))) == list(range(1, 22))


@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
def test_j_the_report_ends_now_and_holds_events_without_a_step(clinic: Client, customer: User) -> None:
    clinic.register()
    clinic.open(customer)

    def kinds() -> list[tuple[str, str]]:
        lines = csv.DictReader(io.StringIO(clinic.send("GET", "/reporting").text))
        return [(line["kind"], line["step"]) for line in lines]

    clinic.event("info")
    assert kinds() == [("info", "")]
    clinic.event("step", "fetch")
    assert kinds() == [("info", ""), ("step", "fetch")]
    late = int((utcnow() + timedelta(hours=1)).timestamp())
    assert len(clinic.send("GET", f"/reporting?start_date={late}").text.splitlines()) == 1


def test_k_the_list_takes_the_same_statements_for_more_runs_and_sends_no_events(clinic: Client, customer: User) -> None:
    clinic.register()
    clinic.open(customer)
    headers = {"x-api_key": clinic.key}

    def statements(path: str) -> int:
        watch = clinic.browser.app.extensions["test.watch"]
        watch.count = 0
        assert clinic.browser.client.get(f"/api/tracker{path}", headers=headers, buffered=True).status_code == 200
        return int(watch.count)

    statements("/jobs")
    few = statements("/jobs")
    for number in range(5):
        clinic.open(customer, str(number))
        clinic.event("info", "run")
    assert statements("/jobs") == few <= 5
    assert statements(f"/jobs/{clinic.get('/jobs')[0]['id']}/events") <= 6
    assert all("events" not in run for run in clinic.get("/jobs"))


def test_m_kinds_of_both_generations_are_taken_from_studies(clinic: Client, customer: User, session: Session) -> None:
    clinic.register("study")
    clinic.post("/studies", {"provider_study_id": "1", "hospital_id": customer.id, "tag": "lung"})

    for kind in ("step", "complete", "Complete", "In progress", "Pending", "Info", "info", "Error"):
        event = clinic.event(kind, "fetch", provider_study_id="1")
        assert (event["kind"], "study_id" in event) == (kind, True)
    done = clinic.event("complete", "fetch", provider_study_id="1")
    # What ends a job does not end a study, whether it is sent or put right.
    put_right = clinic.post("/update_event", {"id": done["id"], "kind": "complete"}).get_json()
    assert put_right["study_id"] == done["study_id"]
    assert session.scalars(select(Run.status)).one() == "running"


def test_the_middle_step_ends_a_job_by_complete_and_not_a_study_by_its_first(
    clinic: Client, customer: User, session: Session
) -> None:
    clinic.register()
    clinic.open(customer)
    clinic.event("complete", "run")
    job = session.scalars(select(Run)).one()
    assert (job.status, job.progress) == ("completed", 100.0)

    clinic.register("study", tag="four", step_configurations=[{"tag": t, "name": t, "points": 1} for t in "abcd"])
    clinic.post("/studies", {"provider_study_id": "9", "hospital_id": customer.id, "tag": "four"})
    clinic.event("Complete", "a", provider_study_id="9")
    study = session.scalars(select(Run).where(Run.external_id == "9")).one()
    assert (study.status, study.progress) == ("running", 25.0)


def test_points_may_be_negative_and_then_weigh_nothing(clinic: Client, customer: User, session: Session) -> None:
    steps = [{"tag": tag, "name": tag, "points": points} for tag, points in (("a", -5), ("b", 1), ("c", 3))]
    clinic.register(step_configurations=steps)
    clinic.open(customer)
    clinic.event("step", "a")
    assert session.scalars(select(Run.progress)).one() == 0.0
    clinic.event("step", "b")
    assert session.scalars(select(Run.progress)).one() == 25.0


def test_a_failed_run_is_tried_again_under_its_own_id(
    clinic: Client, other: Client, customer: User, session: Session
) -> None:
    clinic.register()
    first = clinic.open(customer)
    clinic.event("error")
    again = clinic.open(customer)
    assert again["id"] > first["id"]
    assert [run["id"] for run in clinic.get("/jobs")] == [again["id"]]
    assert clinic.event("info")["job_id"] == again["id"]
    assert clinic.get(f"/jobs/{first['id']}/events")[0]["kind"] == "error"
    other.register()
    assert other.open(customer)["id"] not in (first["id"], again["id"])


def test_rows_are_those_of_ones_role(
    clinic: Client, other: Client, customer: User, session: Session, realm: Realm, other_realm: Realm
) -> None:
    plan = clinic.register().get_json()
    bob = make_client(clinic.browser, session, realm, "bob", Role.CUSTOMER, "jobs.read")
    operator = make_client(clinic.browser, session, realm, "op", Role.OPERATOR, "jobs.read")
    far = make_client(clinic.browser, session, other_realm, "far", Role.OPERATOR, "root")
    ann = Client(clinic.browser, customer, factories.make_key(session, customer, realm, "jobs.read")[1])
    other.register()
    run, theirs = clinic.open(customer), other.open(bob.user, "1")

    seen: dict[int, list[Client]] = {run["id"]: [clinic, ann, operator], theirs["id"]: [other, bob, operator]}
    for who in (clinic, other, ann, bob, operator, far):
        mine = [number for number, readers in seen.items() if who in readers]
        assert [row["id"] for row in who.get("/jobs")] == mine
        for number in seen:
            for path in (f"/jobs/{number}", f"/studies/{number}/events"):
                assert who.send("GET", path).status_code == (200 if number in mine else 404)
    assert (operator.send("GET", "/reporting").status_code, far.get("/job_configurations")) == (200, [])
    assert far.send("GET", f"/job_configurations/{plan['id']}").status_code == 404
    assert [one["provider_id"] for one in operator.get("/job_configurations")] == [other.user.id, clinic.user.id]


def test_a_customer_reads_no_private_value(clinic: Client, customer: User, session: Session, realm: Realm) -> None:
    values = [{"name": "Score"}, {"name": "Host", "private": True}]
    plan = {"tag": "lung", "name": "L", "version": "1.0.0", "steps": [{"tag": "run", "name": "R", "metadata": values}]}
    clinic.browser.api("POST", "/api/v1/jobs/configurations", clinic.key, json=plan)
    run = clinic.open(customer)
    clinic.event("info", "run", event_metadata={"Score": 1, "Host": "h1"})
    ann = Client(clinic.browser, customer, factories.make_key(session, customer, realm, "jobs.read")[1])

    assert ann.get(f"/jobs/{run['id']}/events")[0]["event_metadata"] == {"Score": 1}
    assert ann.get(f"/jobs/{run['id']}")["events"][0]["event_metadata"] == {"Score": 1}
    assert clinic.get(f"/jobs/{run['id']}/events")[0]["event_metadata"]["Host"] == "h1"


def test_an_account_that_left_is_unauthorized(clinic: Client, session: Session) -> None:
    def told(path: str) -> list[object]:
        answer = clinic.post(path, {"provider_job_id": "1", "kind": "info"})
        return [answer.status_code, answer.get_json()["detail"]]

    here = session.scalars(select(Membership).where(Membership.user_id == clinic.user.id)).one()
    here.archived_at = utcnow()
    session.commit()
    assert told("/events") == told("/jobs") == [403, "This key belongs to no provider"]
    session.execute(delete(CapGrant).where(CapGrant.user_id == clinic.user.id))
    session.commit()
    assert told("/events") == told("/jobs") == [403, "Invalid credentials. Unauthorized"]
    session.execute(update(User).where(User.id == clinic.user.id).values(active=False))
    session.commit()
    assert told("/events") == told("/jobs") == [403, "Invalid credentials. Unauthorized"]
