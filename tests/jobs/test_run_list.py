"""The list of tracked runs: attempts, alarms, filters, and what is done to many at once."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.db import utcnow
from app.jobs.models import Job, JobConfiguration, Run
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser
from tests.jobs.tracking import Program, make_provider, member

URL = "/r/acme/jobs/runs"
METADATA = (("run", "Score", "number", "%", False), ("run", "Host", "text", None, True))


@pytest.fixture
def provider(session: Session, realm: Realm) -> User:
    """Issues runs in ``acme``."""
    return member(session, realm, "imaging", Role.PROVIDER, "jobs.write")


@pytest.fixture
def plan(session: Session, realm: Realm, provider: User) -> JobConfiguration:
    """Fetch 1, run 8, return 1."""
    return factories.make_configuration(session, realm, provider, metadata=METADATA)


@pytest.fixture
def runs(session: Session, realm: Realm, provider: User, plan: JobConfiguration) -> dict[str, Run]:
    """One of each kind, by external id."""
    now, minute = utcnow(), timedelta(minutes=1)
    ann = member(session, realm, "ann", Role.CUSTOMER, "jobs.read")
    other = factories.make_configuration(session, realm, provider, version="2.0.0")
    told: dict[str, dict[str, Any]] = {
        "well": {"customer_id": ann.id, "deadline_at": now + 60 * minute, "eta_high_at": now + 30 * minute},
        "silent": {"silent_until": now - minute},
        "dismissed": {"silent_until": now - minute, "dismissed_at": now},
        "late": {"deadline_at": now - minute},
        "risky": {"deadline_at": now + minute, "eta_high_at": now + 9 * minute},
        "done": {
            "status": "completed",
            "ended_at": now - minute,
            "deadline_at": now - 9 * minute,
            "silent_until": None,
        },
        "failed": {"status": "failed", "ended_at": now, "ended_reason": "disk full", "silent_until": None},
        "kept": {"status": "cancelled", "ended_at": now, "archived_at": now, "silent_until": None},
    }
    found = {
        name: factories.make_tracked_run(session, provider, plan, external_id=name, **v) for name, v in told.items()
    }
    ended = {"status": "failed", "ended_at": now - 5 * minute, "silent_until": None, "next_attempt": 2}
    found["first"] = factories.make_tracked_run(session, provider, other, external_id="again", **ended)
    found["again"] = factories.make_tracked_run(session, provider, other, external_id="again", attempt=2)
    values = json.dumps({"Score": 91.5, "Host": "h1"})
    factories.make_step(session, found["well"], "run", 1, "running", event_metadata=values)
    return found


def listed(browser: Browser, query: str = "") -> list[str]:
    """Return external ids of the list with attempts beyond the first, in its order."""
    items = browser.get(f"{URL}?format=json&{query}").get_json()["items"]
    return [each["external_id"] + (f" {each['attempt']}" if each["attempt"] > 1 else "") for each in items]


FILTERS: dict[str, set[str]] = {
    "alarm=stalled": {"silent"},
    "status=stalled,failed": {"silent", "failed"},
    "alarm=late": {"late"},
    "alarm=at_risk": {"risky"},
    "tag=lung&version=2.0.0": {"again 2"},
    "attempts=all&version=2.0.0": {"again 2", "again"},
    "archived=1&status=cancelled": {"kept"},
    "customer=Ann": {"well"},
    "provider=nobody": set(),
    "longer=8m&shorter=9.5m&status=completed": {"done"},
    "ended_since=1h&status=failed": {"failed"},
    "value=Score%3D91.5": {"well"},
    "value=Score%3D91": set(),
    "origin=reported": set(),
}


def test_each_filter_narrows_the_list(client: Browser, runs: dict[str, Run]) -> None:
    assert runs
    for query, shown in FILTERS.items():
        assert set(listed(client, query)) == shown, query


def test_a_bad_filter_is_refused(client: Browser, realm: Realm) -> None:
    assert realm
    for query in ("alarm=odd", "origin=x", "longer=soon", "value=Score", "sort=name"):
        assert client.get(f"{URL}?{query}").status_code == 422, query


def test_lists_show_the_newest_attempt_and_say_which(client: Browser, runs: dict[str, Run]) -> None:
    page = client.get(f"{URL}?q=again").text

    assert "attempt 2" in page
    assert str(runs["again"].id) in page
    assert str(runs["first"].id) not in page


def test_rows_tell_progress_alarms_and_parties(client: Browser, runs: dict[str, Run]) -> None:
    page = client.get(URL).text

    assert f'aria-label="Progress of run {runs["well"].number}">10 %</progress>' in page
    assert re.search(r"</svg>stalled", page)
    assert re.search(r"</svg>at risk", page)
    assert "for ann" in page


@pytest.mark.parametrize("sort", ["-duration", "ended_at"])
def test_pages_in_order_of_length_and_end_follow_each_other(client: Browser, runs: dict[str, Run], sort: str) -> None:
    seen, url = [], f"{URL}?format=json&attempts=all&archived=1&sort={sort}"
    whole = [each["number"] for each in client.get(url).get_json()["items"]]
    page = client.api("GET", f"{URL}?attempts=all&archived=1&sort={sort}&limit=4").text
    for _ in range(4):
        seen += [int(number) for number in re.findall(r'name="id" value="(\d+)"', page)]
        following = re.search(r'rel="next" href="([^"]+)"', page)
        page = client.get(f"{following[1].replace('&amp;', '&')}&limit=4").text if following else ""

    assert seen == whole
    assert set(seen) == {run.number for run in runs.values()}


def test_a_private_value_is_not_found_by_a_customer(visitor: Browser, session: Session, runs: dict[str, Run]) -> None:
    ann = session.get_one(User, runs["well"].customer_id)
    browser = visitor.as_(ann)

    assert listed(browser, "value=Score%3D91.5") == ["well"]
    assert listed(browser, "value=Host%3Dh1") == []


def test_the_board_puts_first_what_needs_somebody(client: Browser, runs: dict[str, Run]) -> None:
    assert runs
    page = client.get("/r/acme/jobs").text

    alarmed, running = page.split('id="alarmed"')[1].split('id="running"')
    assert [word for word in ("silent", "late", "risky", "well") if f">{word}<" in alarmed] == [
        "silent",
        "late",
        "risky",
    ]
    assert ">well<" in running
    assert ">silent<" not in running


def test_a_customer_sees_his_board(visitor: Browser, session: Session, runs: dict[str, Run]) -> None:
    page = visitor.as_(session.get_one(User, runs["well"].customer_id)).get("/r/acme/jobs").text

    assert ">well<" in page
    assert ">silent<" not in page


def test_what_is_shown_before_is_what_becomes_of_them(
    client: Browser, visitor: Browser, session: Session, realm: Realm
) -> None:
    program: Program = make_provider(visitor, session, realm)
    waiting, going, done = (program.open(name, job="load") for name in ("w", "g", "d"))
    program.send(going, "running", "a")
    program.post(f"/runs/{done['id']}/completion", {"status": "failed"})

    preview = client.get(f"{URL}/bulk?act=cancel&all=1&query=tag%3D&id=1").text
    numbers = re.findall(r'name="id" value="(\d+)"', preview)
    outcome = client.post(f"{URL}/bulk", {"act": "cancel", "id": numbers, "why": "too many"})

    expected = ["waiting: cancelled at once", "running: its program is asked to stop", "has ended already: failed"]
    assert outcome.status_code == 200
    for words in expected:
        assert f"<strong>1</strong> {words}" in preview
        assert f"<strong>1</strong> {words}" in outcome.text
    assert [program.get(f"/runs/{each['id']}").get_json()["status"] for each in (waiting, going)] == [
        "cancelled", "running",
    ]  # fmt: skip
    again = client.post(f"{URL}/bulk", {"act": "retry", "id": [waiting["number"], going["number"], done["number"]]})
    assert again.text.count("a new attempt waits for its program</span>") == 2 + 2
    assert "<strong>1</strong> has not ended yet" in again.text
    assert set(listed(client)) == {"d 2", "w 2", "g"}


def test_programs_are_told_before_what_becomes_of_many(visitor: Browser, session: Session, realm: Realm) -> None:
    provider: Program = make_provider(visitor, session, realm)
    waiting, done = (provider.open(name, job="load") for name in ("w", "d"))
    provider.post(f"/runs/{done['id']}/completion", {"status": "failed"})
    asked = {"act": "cancel", "query": "origin=tracked", "why": "wrong input"}

    preview = provider.post("/runs/bulk", {**asked, "dry_run": True}).get_json()
    assert provider.get(f"/runs/{waiting['id']}").get_json()["status"] == "queued"
    outcome = provider.post("/runs/bulk", {"act": "cancel", "runs": [one["number"] for one in preview["runs"]]})

    assert outcome.get_json() == {**preview, "dry_run": False}
    assert [one["words"] for one in preview["counts"]] == ["waiting: cancelled at once", "has ended already: failed"]
    assert provider.get(f"/runs/{waiting['id']}").get_json()["status"] == "cancelled"
    assert provider.post("/runs/bulk", {**asked, "act": "sing"}).status_code == 422


def test_a_provider_touches_no_run_of_another(
    visitor: Browser, session: Session, realm: Realm, runs: dict[str, Run]
) -> None:
    other = visitor.as_(member(session, realm, "other", Role.PROVIDER, "jobs.write"))
    ann = visitor.as_(session.get_one(User, runs["well"].customer_id))

    assert "No run was marked" in other.get(f"{URL}/bulk?act=cancel&id={runs['well'].number}").text
    assert ann.get(f"{URL}/bulk?act=cancel&id={runs['well'].number}").status_code == 403


def test_alarms_are_set_by_a_form(client: Browser, session: Session, plan: JobConfiguration) -> None:
    url = f"/r/acme/jobs/jobs/{plan.job_id}"
    given = {"heartbeat_s": "10m", "deadline_s": "1.5h", "due_by": "07:30", "due_zone": "Europe/Berlin"}

    wrong = client.post(f"{url}/alarms", {**given, "heartbeat_s": "5s", "due_zone": "Mars/Base"})
    right = client.post(f"{url}/alarms", {**given, "metadata_check": "reject"})

    assert (wrong.status_code, right.status_code) == (422, 303)
    assert "Use 10 to 604,800 seconds" in wrong.text
    assert "Use a zone such as" in wrong.text
    job = session.get_one(Job, plan.job_id)
    session.refresh(job)
    assert (job.heartbeat_s, job.deadline_s, job.due_by, job.metadata_check) == (600, 5_400, "07:30", "reject")
    assert 'value="90m"' in client.get(f"{url}/alarms").text
    assert "07:30" in client.get(url).text
