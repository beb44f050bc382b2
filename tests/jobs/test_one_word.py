"""How a run stands is one word, the same wherever it is told (acceptance 7)."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy.orm import Session

from app.accounts import tokens
from app.accounts.models import Role, User
from app.db import utcnow
from app.jobs.models import Badge, Run, ShareLink
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser
from tests.jobs.tracking import member

URL, API = "/r/acme/jobs", "/api/v1/jobs"
WORDS = ("queued", "running", "completed", "failed", "cancelled", "unknown", "stalled")
HEADING = re.compile(r"<h1>.*?</h1>", re.DOTALL)


def test_a_run_stands_everywhere_alike(client: Browser, session: Session, realm: Realm, owner: User) -> None:
    now, provider = utcnow(), member(session, realm, "imaging", Role.PROVIDER, "jobs.read")
    plan = factories.make_configuration(session, realm, provider)
    key = factories.make_key(session, owner, realm, "root")[1]
    runs = {}
    for word in WORDS:
        silent = {"status": "running", "silent_until": now - timedelta(minutes=1)}
        given = silent if word == "stalled" else {"status": word}
        runs[word] = run = factories.make_tracked_run(session, provider, plan, external_id=word, **given)
        factories.make_event(session, run, 1)
        hand_out(session, run, word, owner)

    whole = {word: word for word in WORDS}
    assert {row["external_id"]: row["status"] for row in client.get(f"{URL}/runs?format=json").get_json()["items"]} == (
        whole
    )
    for answer in (client.get(f"{URL}/runs?format=csv"), client.get(f"{URL}/report?format=csv")):
        assert {row["external_id"]: row["status"] for row in csv.DictReader(io.StringIO(answer.text))} == whole
    listed = client.get(f"{URL}/runs").text
    for word, run in runs.items():
        row = listed.partition(f'<tr id="run-{run.number}">')[2].partition("</tr>")[0]
        assert {word, *told(client, run, key, word)} == {word}, word
        assert re.search(rf"</svg>{word}<", row), word


def hand_out(session: Session, run: Run, token: str, owner: User) -> None:
    """Make a badge and a link of a run that open by ``token``."""
    given = {"realm_id": run.realm_id, "run": run.number, "created_by": owner.name}
    session.add(Badge(token_hash=tokens.digest(f"b{token}"), **given))
    expires = utcnow() + timedelta(days=1)
    session.add(
        ShareLink(
            token_hash=tokens.digest(f"s{token}"),
            expires_at=expires,
            show_metadata=False,
            show_log=False,
            opens=0,
            **given,
        )
    )
    session.commit()


def told(client: Browser, run: Run, key: str, token: str) -> Iterator[str]:
    """Yield the words of page, API, badge and shared page."""
    for page in (f"{URL}/runs/{run.id}", f"/s/s{token}"):
        heading = HEADING.search(client.get(page).text)
        assert heading
        yield re.sub(r"<small>.*?</small>|<[^>]+>|Lung", "", heading[0]).strip()
    yield client.api("GET", f"{API}/runs/{run.id}", key).get_json()["status"]
    yield client.api("GET", f"{API}/runs/{run.id}/comparison", key).get_json()["after"]["status"]
    yield client.client.get(f"/b/b{token}.json").get_json()["status"]
