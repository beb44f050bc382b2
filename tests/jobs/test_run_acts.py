"""What people do to a run from its page."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.jobs.models import JobConfiguration, Run
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import run as reported

URL = "/r/acme/jobs/runs"


@pytest.fixture
def provider(session: Session, realm: Realm) -> User:
    """Issues runs in ``acme``."""
    user = factories.make_user(session, "imaging")
    factories.make_membership(session, user, realm, Role.PROVIDER)
    factories.make_grant(session, user, realm, "jobs.write")
    return user


@pytest.fixture
def plan(session: Session, realm: Realm, provider: User) -> JobConfiguration:
    """Fetch 1, run 8, return 1."""
    return factories.make_configuration(session, realm, provider)


def test_what_waits_is_cancelled_at_once_and_what_runs_is_asked(
    visitor: Browser, session: Session, provider: User, plan: JobConfiguration
) -> None:
    browser = visitor.as_(provider)
    waiting = factories.make_tracked_run(session, provider, plan, status="queued", external_id="1", started_at=None)
    running = factories.make_tracked_run(session, provider, plan, external_id="2")

    for run in (waiting, running):
        assert browser.get(f"{URL}/{run.id}/cancellation").status_code == 200
        assert browser.post(f"{URL}/{run.id}/cancellation", {"why": "wrong patient"}).status_code == 303

    assert session.get(Run, waiting.number, populate_existing=True).status == "cancelled"  # type: ignore[union-attr]
    assert "asked for" in browser.get(f"{URL}/{running.id}").text
    again = browser.post(f"{URL}/{waiting.id}/cancellation", {"why": ""})
    assert again.status_code == 409
    assert "This run has ended already." in again.text


def test_a_run_with_others_below_is_ended_by_hand_only_when_its_number_is_typed(
    client: Browser, session: Session, provider: User, plan: JobConfiguration
) -> None:
    run = factories.make_tracked_run(session, provider, plan)
    factories.make_tracked_run(session, provider, plan, parent_run=run.number, external_id="child")

    refused = client.post(f"{URL}/{run.id}/ending", {"status": "failed", "reason": "gone", "number": "x"})
    assert refused.status_code == 422
    assert f"type its number, {run.number}" in refused.text

    assert client.post(f"{URL}/{run.id}/ending", {"status": "failed", "number": str(run.number)}).status_code == 303
    assert session.get(Run, run.number, populate_existing=True).status == "failed"  # type: ignore[union-attr]


def test_a_failed_run_is_tried_again_and_once_only(
    client: Browser, session: Session, provider: User, plan: JobConfiguration
) -> None:
    run = factories.make_tracked_run(session, provider, plan, status="failed")

    answer = client.post(f"{URL}/{run.id}/attempts")

    second = session.scalar(select(Run).where(Run.attempt == 2))
    assert second
    assert answer.location.endswith(str(second.id))
    assert "Attempt 2 waits for its program." in client.get(answer.location).text
    assert client.post(f"{URL}/{run.id}/attempts").status_code == 409


def test_an_ended_run_is_archived_and_comes_back(
    client: Browser, session: Session, provider: User, plan: JobConfiguration, intake: Intake, store: Store
) -> None:
    intake.take(reported("r1", "one"))
    going = factories.make_tracked_run(session, provider, plan, external_id="1")
    ended = factories.make_tracked_run(session, provider, plan, status="failed", external_id="2")
    for other in (going, store.run("r1")):
        assert client.post(f"{URL}/{other.id}/archival").status_code == 409

    for act, shown in (("archival", False), ("restoration", True)):
        assert client.post(f"{URL}/{ended.id}/{act}").status_code == 303
        assert (f'id="run-{ended.number}"' in client.get(URL).text) is shown
        assert client.post(f"{URL}/{ended.id}/{act}").status_code == 409
    assert f"{ended.id}/archival" in client.get(f"{URL}/{ended.id}").text


def test_only_silence_of_reported_runs_is_dismissed_and_with_a_reason(
    client: Browser, intake: Intake, store: Store
) -> None:
    intake.take(reported("r1", "one", "START"))
    url = f"{URL}/{store.run('r1').id}/dismissal"

    assert client.post(url, {"why": ""}).status_code == 422
    assert client.post(url, {"why": "known outage"}).status_code == 303
    assert store.run("r1").dismissed_why == "known outage"
    assert client.post(url, {"why": "again"}).status_code == 409


def test_customers_only_look(visitor: Browser, session: Session, realm: Realm, plan: JobConfiguration) -> None:
    provider = session.get(User, plan.provider_id)
    customer = factories.make_user(session, "clinic", realm, "jobs.write")
    assert provider
    run = factories.make_tracked_run(session, provider, plan, customer_id=customer.id)
    browser = visitor.as_(customer)

    for act in ("cancellation", "ending", "attempts", "badges", "archival"):
        assert browser.post(f"{URL}/{run.id}/{act}", {"why": "x"}).status_code == 403
    assert "/cancellation" not in browser.get(f"{URL}/{run.id}").text
