"""Who may send events, and where they go."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.db import utcnow
from app.jobs.models import Run
from app.lineage.models import RawEvent
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser
from tests.databases import Database
from tests.lineage.openlineage_events import run
from tests.lineage.sending import MANY, ONE, Sender


@pytest.mark.parametrize("url", [ONE, MANY])
def test_no_key_a_wrong_an_expired_and_a_revoked_one_are_unauthorized(
    visitor: Browser, client: Browser, session: Session, owner: User, realm: Realm, url: str
) -> None:
    expired = factories.make_key(session, owner, realm, "lineage.write", expires_at=utcnow() - timedelta(days=1))[1]
    row, revoked = factories.make_key(session, owner, realm, "lineage.write")
    row.revoked_at = utcnow()
    session.commit()
    answers = [Sender(visitor, key).post(run("r", "j"), url) for key in (None, "hw_wrong", expired, revoked)]
    # A browser that is signed in sends its cookie, which counts for nothing here.
    answers.append(Sender(client, None).post(run("r", "j"), url))

    assert [each.status_code for each in answers] == [401] * 5
    assert {each.headers["WWW-Authenticate"] for each in answers} == {"Bearer"}


def test_a_key_that_may_only_read_is_forbidden(visitor: Browser, session: Session, owner: User, realm: Realm) -> None:
    key = factories.make_key(session, owner, realm, "lineage.read")[1]

    assert Sender(visitor, key).post(run("r", "j")).status_code == 403


def test_a_key_writes_into_its_own_realm_only(
    visitor: Browser, session: Session, owner: User, realm: Realm, stranger: User, other_realm: Realm
) -> None:
    ours = Sender(visitor, factories.make_key(session, owner, realm, "lineage.write")[1])
    theirs = Sender(visitor, factories.make_key(session, stranger, other_realm, "lineage.write")[1])

    assert ours.post(run("r-1", "daily")).status_code == 201
    assert theirs.post(run("r-1", "daily")).status_code == 201
    assert session.scalars(select(Run.realm_id).order_by(Run.realm_id)).all() == sorted([realm.id, other_realm.id])
    event = ours.get("events")["items"][0]["id"]
    assert visitor.api("GET", f"{ONE}/events/{event}", theirs.key).status_code == 404


def test_events_rejections_and_imports_of_another_realm_are_unknown(
    visitor: Browser, session: Session, owner: User, realm: Realm, stranger: User
) -> None:
    sender = Sender(visitor, factories.make_key(session, owner, realm, "lineage.write")[1])
    sender.post(run("r-1", "daily"))
    sender.post({})
    event, rejection = (sender.get(path)["items"][0]["id"] for path in ("events", "rejections"))
    theirs = visitor.as_(stranger)

    for path in (f"events/{event}", f"rejections/{rejection}", "imports/1"):
        assert theirs.get(f"/r/acme/lineage/{path}").status_code == 404
        assert theirs.get(f"/r/globex/lineage/{path}").status_code == 404


def test_a_realm_that_is_open_takes_events_without_a_key_and_says_so(
    database: Database, visitor: Browser, client: Browser, session: Session, realm: Realm
) -> None:
    app = database.app
    before = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(before, ingest_open="acme")
    try:
        answers = [Sender(visitor, key).post(run("r", "j")).status_code for key in (None, "hw_wrong")]
        page = client.get("/r/acme/lineage/events").text
    finally:
        app.config["SETTINGS"] = before

    assert answers == [201, 401]
    assert session.scalars(select(RawEvent.realm_id)).all() == [realm.id]
    assert "takes events without a key" in page
