"""Links and badges for people without an account."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from app.accounts import tokens
from app.accounts.models import Role, User
from app.db import utcnow
from app.jobs import badge
from app.jobs.models import Badge, JobConfiguration, Run, ShareLink
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser

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
    """One with a private value."""
    metadata = (("run", "Score", "number", "%", False), ("run", "Node", "text", None, True))
    return factories.make_configuration(session, realm, provider, metadata=metadata)


@pytest.fixture
def run(session: Session, provider: User, plan: JobConfiguration, realm: Realm) -> Run:
    """A run for a customer, with values and a log."""
    clinic = factories.make_user(session, "clinic", realm, "jobs.write")
    found = factories.make_tracked_run(session, provider, plan, customer_id=clinic.id, cancel_requested_by="owner",
                                       cancel_requested_at=utcnow(), cancel_requested_why="because")  # fmt: skip
    values = '{"Score": 91.5, "Node": "gpu-07"}'
    factories.make_step(session, found, "run", 1, "running", event_metadata=values)
    factories.make_event(session, found, 1, "step", state="running", step="run", event_metadata=values, by="imaging")
    factories.make_log(session, found, "reading slices\n")
    return found


def _link(browser: Browser, run: Run, **fields: str) -> str:
    answer = browser.post(f"{URL}/{run.id}/shares", {"hours": "168", **fields})
    assert answer.status_code == 201
    found = re.search(r"http://localhost(/s/[\w-]{43})", answer.text)
    assert found
    return found[1]


def test_a_link_shows_the_run_to_anybody_without_names_and_private_values(
    client: Browser, visitor: Browser, session: Session, run: Run
) -> None:
    bare = visitor.get(_link(client, run))
    whole = visitor.get(_link(client, run, show_metadata="y", show_log="y")).text

    assert bare.status_code == 200
    assert bare.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "10 %" in bare.text
    assert "91.5" not in bare.text
    assert "reading slices" not in bare.text
    assert "91.5 %" in whole
    assert "reading slices" in whole
    for hidden in ("gpu-07", "imaging", "Imaging", "clinic", "Clinic", "owner", "because", "/r/acme", "/jobs/runs"):
        assert hidden not in whole, hidden


def test_openings_are_counted_but_not_what_the_page_asks_by_itself(
    client: Browser, visitor: Browser, session: Session, run: Run
) -> None:
    url = _link(client, run)
    visitor.get(url)
    visitor.region(url, "shared")

    link = session.query(ShareLink).one()
    assert (link.opens, link.opened_from) == (1, "127.0.0.1")
    assert "127.0.0.1" in client.get(f"{URL}/{run.id}/shares").text


def test_wrong_expired_and_revoked_links_are_the_same_404(
    client: Browser, visitor: Browser, session: Session, run: Run
) -> None:
    revoked, expired = _link(client, run), _link(client, run)
    first, second = session.query(ShareLink).order_by(ShareLink.created_at).all()
    assert client.post(f"{URL}/{run.id}/shares/{first.id}/revocation").status_code == 303
    second.expires_at = utcnow() - timedelta(seconds=1)
    session.commit()

    answers = [visitor.get(url) for url in (revoked, expired, "/s/wrong", f"/s/{'x' * 5000}")]

    assert {answer.status_code for answer in answers} == {404}
    texts = {re.sub(r'[0-9a-f]{32}|csrf_token" value="[^"]+', "", answer.text) for answer in answers}
    assert len(texts) == 1


def test_a_link_opens_the_newest_attempt(
    client: Browser, visitor: Browser, session: Session, provider: User, plan: JobConfiguration
) -> None:
    first = factories.make_tracked_run(session, provider, plan, status="failed", next_attempt=2)
    factories.make_tracked_run(session, provider, plan, attempt=2, status="completed", progress=100.0)

    assert "completed" in visitor.get(_link(client, first)).text


def test_customers_share_their_runs_but_no_log_that_is_not_theirs(
    visitor: Browser, session: Session, realm: Realm, provider: User, run: Run
) -> None:
    clinic = session.get(User, run.customer_id)
    assert clinic
    customer = visitor.as_(clinic)

    key = factories.make_key(session, clinic, realm, "jobs.write")[1]
    refused = visitor.api("POST", f"/api/v1/jobs/runs/{run.id}/shares", key, {"log": True})
    assert refused.status_code == 403
    assert "reading slices" not in visitor.get(_link(customer, run, show_log="y")).text
    assert "reading slices" not in customer.get(f"{URL}/{run.id}").text
    _link(visitor.as_(provider), run, show_log="y")
    assert "reading slices" in customer.get(f"{URL}/{run.id}").text


def test_a_link_of_another_run_is_not_revoked_here(client: Browser, run: Run) -> None:
    _link(client, run)

    assert client.post(f"{URL}/{run.id}/shares/{uuid4()}/revocation").status_code == 404
    assert client.post(f"{URL}/{run.id}/shares", {"hours": "7"}).status_code == 422


def _badge(browser: Browser, url: str) -> str:
    answer = browser.post(url)
    assert answer.status_code == 201
    found = re.search(r"/b/[\w-]{43}", answer.text)
    assert found
    return found[0]


def test_a_badge_says_status_and_percent_and_is_asked_for_again_cheaply(
    client: Browser, visitor: Browser, run: Run
) -> None:
    url = _badge(client, f"{URL}/{run.id}/badges")
    picture = visitor.get(f"{url}.svg")

    assert picture.mimetype == "image/svg+xml"
    assert "<title>lung: running 10 %</title>" in picture.text
    assert picture.headers["Cache-Control"] == "public, max-age=30"
    assert "Set-Cookie" not in picture.headers
    assert visitor.get(f"{url}.svg", headers={"If-None-Match": picture.headers["ETag"]}).status_code == 304
    assert visitor.get(f"{url}.json").get_json()["progress"] == 10.0


def test_a_badge_of_a_job_follows_its_newest_run_and_tells_its_time_where_there_is_no_percent(
    client: Browser, visitor: Browser, session: Session, provider: User, run: Run, plan: JobConfiguration
) -> None:
    url = _badge(client, f"/r/acme/jobs/jobs/{plan.job_id}/badges")
    given = {"silent_until": utcnow() - timedelta(minutes=1), "progress": None, "progress_kind": None}
    factories.make_tracked_run(session, provider, plan, external_id="2", began_at=run.began_at + timedelta(minutes=5),
                               **given)  # fmt: skip

    told = visitor.get(f"{url}.json").get_json()
    assert (told["status"], told["message"], told["progress"]) == ("stalled", "stalled 5 min", None)


def test_a_wrong_or_revoked_badge_is_grey(client: Browser, visitor: Browser, session: Session, run: Run) -> None:
    url = _badge(client, f"{URL}/{run.id}/badges")
    row = session.query(Badge).one()
    assert client.post(f"{URL}/{run.id}/badges/{row.id}/revocation").status_code == 303

    for each in (url, "/b/wrong"):
        answer = visitor.get(f"{each}.svg")
        assert answer.status_code == 404
        assert "unknown" in answer.text
        assert badge.GREY in answer.text


def test_tokens_are_kept_as_fingerprints_only(client: Browser, session: Session, run: Run) -> None:
    token = _link(client, run).removeprefix("/s/")

    assert session.query(ShareLink).one().token_hash == tokens.digest(token)
    assert token not in client.get(f"{URL}/{run.id}/shares").text


def test_a_badge_escapes_what_it_shows_and_cuts_long_names() -> None:
    drawn = badge.svg("<a&b>" + "x" * 100, "running", "33.3 %")

    assert "<a&" not in drawn
    assert "&lt;a&amp;b&gt;" in drawn
    assert "x" * 60 not in drawn
