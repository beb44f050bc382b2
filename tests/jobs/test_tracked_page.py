"""The page of a tracked run."""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.db import utcnow
from app.jobs.models import DurationStat, JobConfiguration, Run, RunStep, RunTracking
from app.jobs.progress.fold import Fold, Report
from app.jobs.progress.history import Past, write
from app.jobs.times import micros
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser

URL = "/r/acme/jobs/runs"
PLANNED = (
    ("run", "Score", "number", "%", False),
    ("run", "Report", "link", None, False),
    ("run", "Node", "text", None, True),
)
REPORTED = {"Score": 91.5, "Report": "https://reports.example/7?a=1", "Node": "gpu-07", "Odd": True}


@pytest.fixture
def provider(session: Session, realm: Realm) -> User:
    """Issues runs in ``acme``."""
    return _member(session, realm, "imaging", Role.PROVIDER, "jobs.write")


@pytest.fixture
def plan(session: Session, realm: Realm, provider: User) -> JobConfiguration:
    """Fetch 1, run 8, return 1."""
    return factories.make_configuration(session, realm, provider, metadata=PLANNED)


@pytest.fixture
def run(session: Session, provider: User, plan: JobConfiguration, realm: Realm) -> Run:
    """One that goes on for a customer: fetched, at work, with a log."""
    customer = _member(session, realm, "clinic", Role.CUSTOMER, "jobs.read")
    found = factories.make_tracked_run(session, provider, plan, customer_id=customer.id, step="Run")
    began = found.began_at
    factories.make_step(
        session, found, "fetch", 0, "completed", started_at=began, ended_at=began + timedelta(minutes=2)
    )
    factories.make_step(session, found, "run", 1, "running", started_at=began + timedelta(minutes=3), fraction=0.25,
                        event_metadata=json.dumps(REPORTED))  # fmt: skip
    factories.make_event(session, found, 5, "step", state="completed", step="fetch", by="imaging")
    factories.make_event(session, found, 9, "step", state="running", step="run", event_metadata=json.dumps(REPORTED))
    factories.make_log(session, found, "\x1b[1mhello\x1b[0m\n", "password=hunter2\n", gap=5)
    return found


def _member(session: Session, realm: Realm, name: str, role: Role, *caps: str) -> User:
    user = factories.make_user(session, name)
    factories.make_membership(session, user, realm, role)
    for cap in caps:
        factories.make_grant(session, user, realm, cap)
    return user


def _page(browser: Browser, run: Run, query: str = "") -> str:
    answer = browser.get(f"{URL}/{run.id}{query}")
    assert answer.status_code == 200
    return answer.text


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def _part(html: str, name: str) -> str:
    found = re.search(rf'<section id="{name}".*?</section>', html, re.DOTALL)
    assert found, name
    return found[0]


def test_the_head_tells_percent_step_estimate_and_deadline(client: Browser, session: Session, run: Run) -> None:
    now = utcnow()
    run.eta_at, run.eta_high_at, run.deadline_at = (now + timedelta(minutes=each) for each in (12, 15, 14))
    past = [Past(run=number + 100, ended=number, seconds=60.0) for number in range(20)]
    factories.save(session, DurationStat(realm_id=run.realm_id, job_id=run.job_id, major="1", runs=write(past),
                                         updated_at=now))  # fmt: skip

    page = _page(client, run)
    head, about = _part(page, "progress"), _part(page, "about")

    assert '<progress max="100" value="10.0"' in head
    assert ("Last heard of" in head, "Last heard of" in about, "Ended" in about) == (True, False, False)
    words = _text(head)
    assert "10 %" in words
    assert "about 12 min left (20 runs, 8 of 10 within 15 min)" in words
    assert "at risk, 14 min to go" in words


def test_steps_show_shares_values_by_kind_and_what_is_not_planned(client: Browser, run: Run) -> None:
    steps = _part(_page(client, run), "steps")

    assert "80 % of the whole" in _text(steps)
    assert "<span>91.5 %</span>" in steps
    assert 'href="https://reports.example/7?a=1"' in steps
    assert "reports.example<svg" in steps
    assert 'class="odd"' in steps
    assert _text(steps).index("Score") < _text(steps).index("Report") < _text(steps).index("Odd")


def test_a_link_that_is_none_is_text(client: Browser, session: Session, provider: User, plan: JobConfiguration) -> None:
    run = factories.make_tracked_run(session, provider, plan)
    factories.make_step(session, run, "run", 1, "running", event_metadata='{"Report": "javascript:alert(1)"}')

    steps = _part(_page(client, run), "steps")

    assert "javascript:alert(1)" in steps
    assert 'href="javascript' not in steps


def test_bars_and_table_agree_with_the_steps(client: Browser, session: Session, run: Run) -> None:
    chart = _part(_page(client, run), "chart")
    rows = [_text(row) for row in re.findall(r"<tr>.*?</tr>", chart, re.DOTALL)[1:]]

    assert len(rows) == 2
    assert "begins after 0 ms, takes 2 min" in chart
    assert re.search(r"Run \+3 min 1 min since \d\d:\d\d begins after 3 min, takes 7 min", rows[1])

    end = run.began_at + timedelta(milliseconds=8)
    for step in session.scalars(select(RunStep)):
        step.started_at, step.ended_at = run.began_at, end
    run.status, run.ended_at = "completed", end
    session.commit()
    assert "0 +2 ms +4 ms +6 ms +8 ms" in _text(_part(_page(client, run), "chart"))


def test_the_log_is_plain_masked_and_says_what_is_missing(client: Browser, run: Run) -> None:
    log = _text(_part(_page(client, run), "log"))

    assert "hello 5 B are missing here. password=[masked]" in log


def test_the_raw_log_is_a_file_without_secrets(client: Browser, run: Run) -> None:
    answer = client.get(f"{URL}/{run.id}/log")

    assert answer.mimetype == "text/plain"
    assert answer.text == "\x1b[1mhello\x1b[0m\n\n[5 bytes are not kept]\npassword=[masked]\n"


def test_all_events_are_a_tab_in_pages(client: Browser, session: Session, run: Run) -> None:
    for sequence in range(10, 70):
        factories.make_event(session, run, sequence, "info", name=f"note {sequence}")

    first = _page(client, run, "?tab=events")
    following = re.search(r'rel="next" href="([^"]+)"', first)

    assert "note 69" in first
    assert "note 19" not in first
    assert following
    assert "note 19" in client.get(following[1].replace("&amp;", "&")).text


def test_events_are_a_file_with_types_and_order_and_without_private_values_for_customers(
    client: Browser, visitor: Browser, session: Session, run: Run
) -> None:
    url = f"{URL}/{run.id}?tab=events&format=json"
    clinic = session.get(User, run.customer_id)
    assert clinic

    whole, bare = client.get(url), visitor.as_(clinic).get(url)

    assert json.dumps(whole.get_json()["items"][0]["metadata"]) == json.dumps(REPORTED)
    assert "gpu-07" not in bare.text
    assert "gpu-07" in client.get(url.replace("json", "csv")).text


def test_a_customer_sees_no_other_run_of_the_job(
    visitor: Browser, session: Session, provider: User, plan: JobConfiguration, run: Run
) -> None:
    ended = utcnow() - timedelta(hours=1)
    other = factories.make_tracked_run(session, provider, plan, status="completed", external_id="x", ended_at=ended,
                                       began_at=ended - timedelta(hours=1))  # fmt: skip
    run.parent_run = other.number
    session.commit()
    clinic = session.get(User, run.customer_id)
    assert clinic
    browser = visitor.as_(clinic)

    assert str(other.id) not in _page(browser, run)
    assert browser.get(f"{URL}/{other.number}").status_code == 404
    assert browser.get(f"{URL}/{run.id}?tab=io").status_code == 404
    assert "This is the first" in browser.get(f"{URL}/compare?a={run.id}").text


@pytest.mark.parametrize("ends", ["completed", None])
def test_an_event_after_an_explicit_end_and_a_replaced_one_say_so(
    client: Browser, session: Session, provider: User, plan: JobConfiguration, ends: str | None
) -> None:
    ended = utcnow() - timedelta(minutes=9)
    run = factories.make_tracked_run(session, provider, plan, status="completed", ended_at=ended)
    old = factories.make_event(session, run, 10, "step", state="completed", step="fetch")
    factories.make_event(session, run, 300, "error", name="too late", updates=old.id)
    fold = Fold()
    fold.add(Report(at=micros(ended), sequence=20, kind="complete", state="completed", ends=ends))
    session.get_one(RunTracking, run.number).fold = fold.to_json()
    session.commit()

    timeline = _text(_part(_page(client, run), "timeline"))

    assert f"Error too late {'after the end ' if ends else ''}replaces an earlier event" in timeline
    assert "Fetch completed replaced" in timeline


def test_attempts_of_a_family_link_to_each_other(
    client: Browser, session: Session, provider: User, plan: JobConfiguration
) -> None:
    ended = utcnow() - timedelta(minutes=20)
    first = factories.make_tracked_run(session, provider, plan, status="failed", next_attempt=2, ended_at=ended)
    second = factories.make_tracked_run(session, provider, plan, attempt=2)

    attempts = _part(_page(client, second), "attempts")

    assert f"/jobs/runs/{first.id}" in attempts
    assert "Attempt 2 this one" in _text(attempts)


def test_a_customer_sees_his_run_without_private_values_people_and_log(
    visitor: Browser, session: Session, run: Run
) -> None:
    clinic = session.get(User, run.customer_id)
    assert clinic

    page = _page(visitor.as_(clinic), run)

    assert "91.5 %" in page
    assert "gpu-07" not in page
    assert "by imaging" not in page
    assert "hello" not in page
    assert visitor.as_(clinic).get(f"{URL}/{run.id}/log").status_code == 404


def test_others_do_not_see_the_run(visitor: Browser, session: Session, realm: Realm, run: Run) -> None:
    for name, role in (("other", Role.PROVIDER), ("nobody", Role.CUSTOMER)):
        browser = visitor.as_(_member(session, realm, name, role, "jobs.write"))
        assert browser.get(f"{URL}/{run.id}").status_code == 404
        assert browser.get(f"{URL}/{run.id}/log").status_code == 404


def test_a_page_takes_the_same_statements_for_more_events(client: Browser, session: Session, run: Run) -> None:
    before = client.statements(f"{URL}/{run.id}")
    for sequence in range(10, 40):
        factories.make_event(session, run, sequence, "info", name=f"note {sequence}")

    assert client.statements(f"{URL}/{run.id}") == before


def test_two_runs_are_compared_by_step_and_by_what_they_reported(
    client: Browser, session: Session, provider: User, plan: JobConfiguration
) -> None:
    runs = []
    for number, score in ((1, 50), (2, 75)):
        run = factories.make_tracked_run(session, provider, plan, external_id=str(number), status="completed")
        ended = run.began_at + timedelta(seconds=60 * number)
        told = json.dumps({"Score": score, "Node": "gpu-07"})
        factories.make_step(session, run, "fetch", 0, "completed", started_at=run.began_at,
                            ended_at=run.began_at + timedelta(seconds=5))  # fmt: skip
        factories.make_step(session, run, "run", 1, "completed", started_at=run.began_at, ended_at=ended,
                            event_metadata=told)  # fmt: skip
        runs.append(run)

    page = client.get(f"{URL}/compare?a={runs[1].id}&b={runs[0].id}").text

    assert "Run duration 1 min 2 min +100 %" in _text(_part(page, "part-steps"))
    assert "Run: Score value 50 75 +50 %" in _text(_part(page, "part-values"))
    assert "Run: Node" not in _text(_part(page, "part-values").partition("<details")[0])
