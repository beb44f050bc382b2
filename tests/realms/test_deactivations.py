"""Blocking people and realms: at once, without losing what they hold, and back again."""

from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.changes.models import Change
from app.db import utcnow
from app.realms.models import CapGrant, Deactivated, Realm
from tests.browser import Browser
from tests.factories import make_grant, make_key, make_user
from tests.realms.test_commands import run

API, URL = "/api/v1/realms", "/r/acme/realms"


def rows(session: Session, user: User) -> list[dict[str, Any]]:
    """Return the grants of an account, every column."""
    session.expire_all()
    found = session.scalars(select(CapGrant).where(CapGrant.user_id == user.id).order_by(CapGrant.id))
    return [{one.key: getattr(row, one.key) for one in inspect(CapGrant).column_attrs} for row in found]


def test_twice_is_as_once_and_what_is_held_stays(
    visitor: Browser, session: Session, realm: Realm, owner: User, member: User
) -> None:
    make_grant(session, member, realm, "report")
    make_grant(session, member, realm, "config", to=utcnow() - timedelta(days=1))
    key = make_key(session, owner, realm, "root")[1]
    guard = make_key(session, make_user(session, "guard", realm, "auth"), realm, "auth")[1]
    own, browser = make_key(session, member, realm, "report")[1], visitor.as_(member)
    before = rows(session, member)

    first = visitor.api("PUT", f"{API}/deactivations/Member", guard).get_json()
    again = visitor.api("PUT", f"{API}/deactivations/member", key).get_json()

    assert first == again
    assert first["deactby"] == "guard"
    refused = browser.get("/r/acme/changes")
    assert (refused.status_code, "was deactivated by guard" in refused.text) == (403, True)
    assert visitor.api("GET", "/api/v1/changes", own).get_json()["code"] == "deactivated"
    items = visitor.api("GET", f"{API}/deactivations", key).get_json()["items"]
    assert [(one["user"], one["holds"]) for one in items] == [("member", ["report", "config"])]
    assert [visitor.api("DELETE", f"{API}/deactivations/member", key).status_code for _ in range(2)] == [204, 204]
    assert rows(session, member) == before
    assert browser.get("/r/acme/changes").status_code == 200
    logged = session.scalars(select(Change).order_by(Change.id)).all()
    assert [one.verb for one in logged] == ["user.deactivated", "user.activated"]
    assert (logged[1].row or {})["deactby"] == "guard"


def test_roots_are_blocked_by_root_alone_and_never_the_last(
    visitor: Browser, session: Session, realm: Realm, owner: User, stranger: User
) -> None:
    key = make_key(session, owner, realm, "root")[1]
    guard = make_key(session, make_user(session, "guard", realm, "auth"), realm, "auth")[1]

    def answer(name: str, with_key: str) -> tuple[int, str]:
        answered = visitor.api("PUT", f"{API}/deactivations/{name}", with_key)
        return answered.status_code, answered.get_json().get("code", "")

    assert answer("owner", guard) == (403, "root_only")
    assert answer("owner", key) == (409, "last_root")
    make_user(session, "other", realm, "root")
    assert answer("owner", guard) == (403, "root_only")
    assert answer("other", key) == (200, "")
    assert answer("owner", key) == (409, "last_root")
    assert visitor.api("DELETE", f"{API}/deactivations/other", guard).status_code == 403
    assert [answer(name, key) for name in (stranger.name, "nobody", "n" * 10_000)] == [(404, "unknown_user")] * 3


def test_the_page_shows_what_somebody_loses_before_they_are_blocked(
    client: Browser, session: Session, realm: Realm, member: User
) -> None:
    make_grant(session, member, realm, "report")
    _row, text = make_key(session, member, realm, "report")

    shown = client.get(f"{URL}/deactivations/new?user=member").text

    assert "Deactivate member?" in shown
    assert 'href="/r/acme/realms/grants">Grants</a>' in shown
    assert text[:11] in shown
    assert session.scalars(select(Deactivated)).all() == []
    assert client.post(f"{URL}/deactivations", {"user": "MEMBER"}).status_code == 303
    assert client.post(f"{URL}/deactivations", {"user": "nobody"}).status_code == 422
    assert client.get(f"{URL}/deactivations/new?user=owner").status_code == 422
    assert "member" in client.get(f"{URL}/deactivations").text
    assert "member" in client.get(f"{URL}/").text
    assert client.post(f"{URL}/deactivations/member/deletion").status_code == 303
    assert session.scalars(select(Deactivated)).all() == []


def test_a_closed_realm_opens_to_root_only_for_being_opened(
    client: Browser, visitor: Browser, session: Session, realm: Realm, owner: User, stranger: User
) -> None:
    reader = visitor.as_(make_user(session, "reader", realm, "report"))
    key = make_key(session, owner, realm, "root")[1]
    assert client.post(f"{URL}/deactivation", {"confirm": "globex"}).status_code == 422

    assert client.post(f"{URL}/deactivation", {"confirm": "acme"}).status_code == 303

    assert [reader.get(path).status_code for path in (f"{URL}/", "/r/acme/changes")] == [403, 403]
    assert reader.post(f"{URL}/deactivation/deletion").status_code == 403
    page = client.get(f"{URL}/")
    assert (page.status_code, "Activate</button>" in page.text) == (200, True)
    assert [client.get(path).status_code for path in ("/r/acme/changes", f"{URL}/grants")] == [403, 403]
    assert visitor.api("GET", "/api/v1/changes", key).get_json()["code"] == "realm_deactivated"
    assert visitor.as_(stranger).get("/r/globex/changes").status_code == 200
    assert client.post(f"{URL}/deactivation/deletion").status_code == 303
    assert reader.get("/r/acme/changes").status_code == 200
    assert visitor.api("PUT", f"{API}/deactivation", key).get_json()["deactby"] == "owner"
    assert visitor.api("DELETE", f"{API}/deactivation", key).status_code == 204


def test_the_commands_close_and_open(app: Flask, client: Browser, session: Session) -> None:
    assert run(app, "realms", "deactivate", "acme").exit_code == 0
    assert client.get("/r/acme/changes").status_code == 403
    assert run(app, "realms", "activate", "acme").stdout == "acme is active again.\n"
    assert client.get("/r/acme/changes").status_code == 200
    assert session.scalars(select(Change.via)).all() == ["cli", "cli"]
    assert run(app, "realms", "activate", "nosuch").exit_code == 1
