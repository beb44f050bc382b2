"""Refused events: found on a page with their reason, replayed, discarded."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.lineage.models import RawEvent, Rejection
from app.lineage.openlineage.parse import parse
from app.lineage.openlineage.problem import BadEvent
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser
from tests.lineage.openlineage_events import run, table
from tests.lineage.sending import Sender

PAGES = "/r/acme/lineage/rejections"


@pytest.fixture
def sender(visitor: Browser, session: Session, owner: User, realm: Realm) -> Sender:
    return Sender(visitor, factories.make_key(session, owner, realm, "lineage.write")[1])


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A producer's mistake that a later version forgives: job names that begin with x."""

    def refusing(raw: bytes, *, mask: bool = True) -> Any:
        event = parse(raw, mask=mask)
        if event.job is not None and event.job.name.startswith("x"):
            raise BadEvent.one("bad_name", "$.job.name", "begins with x")
        return event

    with monkeypatch.context() as patch:
        patch.setattr("app.lineage.ingest.parse", refusing)
        patch.setattr("app.lineage.ingest.quick.read", lambda _raw: None)
        yield patch


def test_a_replay_after_the_cause_is_gone_makes_an_event(
    sender: Sender, client: Browser, session: Session, strict: pytest.MonkeyPatch
) -> None:
    assert sender.post(run("r-1", "x-daily")).status_code == 400
    row = session.scalars(select(Rejection)).one()
    still = client.post(f"{PAGES}/{row.id}/replay")
    strict.undo()

    answer = client.post(f"{PAGES}/{row.id}/replay")

    event = session.scalars(select(RawEvent)).one()
    assert still.headers["Location"].endswith(f"/rejections/{row.id}")
    assert answer.headers["Location"] == f"/r/acme/lineage/events/{event.id}"
    session.refresh(row)
    assert row.replayed_event == event.id
    assert row.replayed_at is not None
    assert ">begins with x</a>" not in client.get(PAGES).text
    assert client.post(f"{PAGES}/{row.id}/replay").status_code == 409


def test_replay_all_tells_a_count_first_and_takes_what_matches(
    sender: Sender, client: Browser, session: Session, strict: pytest.MonkeyPatch
) -> None:
    sender.batch([run(f"r-{number}", f"x-{number}") for number in range(7)] + [{}])
    strict.undo()

    preview = client.get(f"{PAGES}/replay?code=bad_name").text
    nothing = session.scalars(select(RawEvent.id)).all()
    client.post(f"{PAGES}/replay?code=bad_name")

    assert "<strong>7</strong>" in preview
    assert nothing == []
    assert len(session.scalars(select(RawEvent.id)).all()) == 7
    assert session.scalars(select(Rejection.code).where(Rejection.replayed_at.is_(None))).all() == ["missing_field"]


def test_the_api_replays_too(sender: Sender, session: Session, strict: pytest.MonkeyPatch) -> None:
    sender.post(run("r-1", "x-daily"))
    row = sender.get("rejections")["items"][0]
    url = f"/api/v1/lineage/rejections/{row['id']}/replay"
    refused = sender.post(b"", url)
    strict.undo()

    answer = sender.post(b"", url)

    assert (refused.status_code, refused.get_json()["code"]) == (422, "bad_name")
    assert answer.get_json() == {"status": "accepted", "event": session.scalars(select(RawEvent.id)).one()}


def test_what_was_cut_has_no_replay_and_says_why(sender: Sender, client: Browser, session: Session) -> None:
    sender.post(b'"' + b"a" * (2**20 + 1) + b'"')
    row = session.scalars(select(Rejection)).one()

    page = client.get(f"{PAGES}/{row.id}")

    assert (row.cut, len(row.body)) == (True, 64 * 2**10)
    assert "Only a part of the body was kept" in page.text
    assert client.post(f"{PAGES}/{row.id}/replay").status_code == 409


def test_the_place_is_marked_in_the_text(sender: Sender, client: Browser, session: Session) -> None:
    sender.post({**run("r", "daily"), "inputs": [table("a"), {**table("b"), "name": 7}]})
    row = session.scalars(select(Rejection)).one()

    assert "<mark>7</mark>" in client.get(f"{PAGES}/{row.id}").text


def test_a_discarded_one_is_gone_and_logged(sender: Sender, client: Browser, session: Session) -> None:
    sender.post({})
    row = session.scalars(select(Rejection)).one()

    assert client.post(f"{PAGES}/{row.id}/deletion").status_code == 303
    assert session.scalars(select(Rejection.id)).all() == []


def test_secrets_of_a_refused_body_are_not_kept(sender: Sender, client: Browser, session: Session) -> None:
    sender.post({"run": {"facets": {"env": {"password": "hunter2"}}}, "url": "postgres://u:hunter3@h/db"})
    row = session.scalars(select(Rejection)).one()

    assert "hunter" not in row.body + client.get(f"{PAGES}/{row.id}").text


def test_inspecting_names_what_would_be_new_and_stores_nothing(client: Browser, session: Session) -> None:
    page = client.post("/r/acme/lineage/inspect", {"event": json.dumps(run("r-1", "daily", inputs=[table("orders")]))})
    refused = client.post("/r/acme/lineage/inspect", {"event": "{}"})

    assert "It would be taken" in page.text
    assert all(name in page.text for name in ("daily", "orders", "r-1", "run.completed"))
    assert (refused.status_code, "eventTime is missing" in refused.text) == (422, True)
    assert [session.scalars(select(model.id)).all() for model in (RawEvent, Rejection)] == [[], []]


def test_rejections_are_kept_for_thirty_days(sender: Sender, session: Session) -> None:
    sender.post({})
    sender.post(b"{")
    old = session.scalars(select(Rejection).order_by(Rejection.id)).all()
    old[0].received_at -= timedelta(days=31)
    session.commit()

    sender.post(b"[")

    assert session.scalars(select(Rejection.code).order_by(Rejection.id)).all() == ["not_json", "not_json"]
