"""Jobs and runs for programs, and who sees them."""

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import Membership, Role, User
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import job_type, parent, run

URL = "/api/v1/jobs"


@pytest.fixture
def key(session: Session, owner: User, realm: Realm) -> str:
    """A key that may read lineage."""
    return factories.make_key(session, owner, realm, "lineage.read")[1]


def test_runs_are_paged_by_cursor(visitor: Browser, intake: Intake, key: str) -> None:
    intake.take(*(run(f"r{index}", "job", minute=index) for index in range(5)))

    first = visitor.api("GET", f"{URL}/runs?limit=3", key).get_json()
    second = visitor.api("GET", f"{URL}/runs?limit=3&after={first['next']}", key).get_json()

    ids = [item["reported_id"] for item in first["items"] + second["items"]]
    assert ids == ["r4", "r3", "r2", "r1", "r0"]
    assert second["next"] is None


def test_a_run_is_found_by_number_and_id(visitor: Browser, intake: Intake, store: Store, key: str) -> None:
    intake.take(run("r1", "inner", facets={"parent": parent("r0", "outer")}))
    found = store.run("r1")

    by_number = visitor.api("GET", f"{URL}/runs/{found.number}", key).get_json()
    by_id = visitor.api("GET", f"{URL}/runs/{found.id}", key).get_json()

    assert by_number["id"] == by_id["id"] == str(found.id)
    assert by_id["parent_job"] == "outer"
    assert by_id["facets"]["parent"]["run"]["runId"] == "r0"
    assert by_id["url"].endswith(f"/r/acme/jobs/runs/{found.id}")


def test_a_run_is_found_by_the_id_its_producer_gave(visitor: Browser, intake: Intake, store: Store, key: str) -> None:
    sql = job_type("SPARK", "SQL_JOB")
    intake.take(run("r1", "app"), run("r2", "app.part", job_facets=sql, facets={"parent": parent("r1", "app")}))
    assert store.run("r2").role == "part"

    def found(named: str) -> list[str]:
        answer = visitor.api("GET", f"{URL}/runs?reported_id={named}", key)
        return [each["reported_id"] for each in answer.get_json()["items"]]

    assert (found("r2"), found("r"), found("r1")) == (["r2"], [], ["r1"])


def test_jobs_are_listed_and_shown(visitor: Browser, intake: Intake, store: Store, key: str) -> None:
    intake.take(run("r1", "one"), run("r2", "two", "FAIL"))

    items = visitor.api("GET", f"{URL}/jobs?status=failed", key).get_json()["items"]
    one = visitor.api("GET", f"{URL}/jobs/{store.jobs()['one'].id}", key).get_json()

    assert [item["name"] for item in items] == ["two"]
    assert (one["name"], one["last_status"]) == ("one", "completed")


def test_a_silent_job_is_stalled_and_its_run_says_what_stands_beside(client: Browser, intake: Intake, key: str) -> None:
    intake.take(run("r1", "ended"), run("r2", "silent", "START"))
    page = "/r/acme/jobs/jobs?status=stalled"

    [job] = client.api("GET", f"{URL}/jobs?status=stalled", key).get_json()["items"]
    [one] = client.api("GET", f"{URL}/runs?status=stalled", key).get_json()["items"]

    assert (job["name"], job["last_status"]) == ("silent", "stalled")
    assert (one["status"], one["stored_status"]) == ("stalled", "running")
    assert [row["last_status"] for row in client.get(f"{page}&format=json").get_json()["items"]] == ["stalled"]
    assert "</svg>stalled<" in client.get(page).text


@pytest.mark.parametrize("path", ["runs/0", "runs/x", "runs/99999999999999999999", "jobs/0", "jobs/4000000"])
def test_what_is_not_there_is_404(visitor: Browser, intake: Intake, key: str, path: str) -> None:
    assert intake
    assert visitor.api("GET", f"{URL}/{path}", key).status_code == 404


def test_a_customer_without_lineage_sees_no_reported_runs(
    visitor: Browser, session: Session, intake: Intake, realm: Realm, store: Store
) -> None:
    intake.take(run("r1", "one", "FAIL"))
    reader = factories.make_user(session, "reader", realm, "jobs.read")
    browser = visitor.as_(reader)

    assert ">one<" not in browser.get("/r/acme/jobs/runs").text
    assert ">one<" not in browser.get("/r/acme/jobs/jobs").text
    assert ">one<" not in browser.get("/r/acme/jobs").text
    assert browser.get(f"/r/acme/jobs/runs/{store.run('r1').id}").status_code == 404
    assert browser.get(f"/r/acme/jobs/jobs/{store.jobs()['one'].id}").status_code == 404


def test_an_operator_sees_reported_runs(visitor: Browser, session: Session, intake: Intake, realm: Realm) -> None:
    intake.take(run("r1", "one"))
    user = factories.make_user(session, "operator", None)
    session.add(Membership(realm_id=realm.id, user_id=user.id, role=Role.OPERATOR, created_by="SYSTEM"))
    session.commit()
    factories.make_grant(session, user, realm, "jobs.read")

    assert ">one<" in visitor.as_(user).get("/r/acme/jobs/runs").text
