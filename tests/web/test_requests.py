"""What holds for every request: headers, errors, CSRF, regions, transactions."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.db import db
from app.factory import create_app
from app.realms.models import Realm
from app.web import guard
from tests import databases, factories
from tests.browser import Browser
from tests.databases import Database


def test_every_answer_has_its_id_and_is_locked_down(visitor: Browser) -> None:
    answer = visitor.get("/sign-in", headers={"X-Request-Id": "abc-1"})

    assert answer.headers["X-Request-Id"] == "abc-1"
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert visitor.get("/healthz", headers={"X-Request-Id": "a b<"}).headers["X-Request-Id"] != "a b<"


def test_an_unknown_page_says_so(visitor: Browser, client: Browser) -> None:
    assert visitor.get("/nosuch").status_code == 404
    assert "Nothing is here" in client.get("/nosuch").text


def test_an_unknown_api_answers_a_problem(visitor: Browser) -> None:
    answer = visitor.api("GET", "/api/v1/nosuch")

    assert answer.status_code == 404
    assert answer.get_json()["code"] == "not_found"
    assert answer.get_json()["request_id"] == answer.headers["X-Request-Id"]


def test_the_api_asks_for_a_key_and_ignores_cookies(client: Browser) -> None:
    answer = client.api("GET", "/api/v1/changes")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_form_without_our_token_is_refused(client: Browser) -> None:
    assert client.open("POST", "/theme", data={"to": "dark"}).status_code == 400


def test_the_theme_is_remembered(client: Browser) -> None:
    answer = client.post("/theme", data={"to": "dark"})

    assert answer.status_code == 303
    assert 'data-theme="dark"' in client.get("/r/acme/changes").text
    assert client.post("/theme", data={"to": "pink"}).status_code == 422


def test_a_region_is_the_same_partial_as_in_the_page(client: Browser, session: Session, realm: Realm) -> None:
    factories.make_changes(session, realm, 3)

    region = client.region("/r/acme/changes", "results")

    assert region.text.strip().startswith('<section id="results"')
    assert "<html" in client.region("/r/acme/changes", "elsewhere").text
    assert "HX-Target" in region.headers["Vary"]


def test_a_busy_database_answers_503_and_when_to_come_back(database: Database, app: Flask, visitor: Browser) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "session", _Busy())
        answer = app.test_client().get("/api/v1/changes", headers={"Authorization": "Bearer hw_x"})

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"


class _Busy:
    """Stands for a session whose database is locked."""

    info: dict[str, Any] = {}  # noqa: RUF012

    def __call__(self) -> "_Busy":
        return self

    def get_transaction(self) -> None:
        """Fail as SQLite does."""
        raise OperationalError("SELECT", {}, Exception("database is locked"))

    def rollback(self) -> None:
        """Do nothing."""

    def remove(self) -> None:
        """Do nothing."""


def test_a_get_cannot_write(app: Flask) -> None:
    with app.test_request_context("/"):
        app.preprocess_request()
        with pytest.raises(DBAPIError, match=r"read-?only"):
            db.session.execute(text("UPDATE realms_realm SET longname = 'x'"))


def test_a_bug_answers_500_without_its_words(database: Database) -> None:
    app = create_app(database.settings)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.view_functions["healthz"] = guard.public("a test of errors")(_divide)

    answer = app.test_client().get("/healthz")

    assert answer.status_code == 500
    assert "division" not in answer.text


def _divide() -> str:
    return str(1 // 0)


def test_a_route_nobody_marked_stops_the_start(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    app = databases.start(database.settings)
    app.add_url_rule("/new", "new", lambda: "x")

    with pytest.raises(RuntimeError, match="names no capability"):
        guard.verify(app)
    app.view_functions["new"] = guard.needs("no.such")(lambda: "y")
    with pytest.raises(RuntimeError, match=r"no\.such"):
        guard.verify(app)


def test_a_body_that_is_no_json_never_breaks(visitor: Browser, session: Session, owner: User, realm: Realm) -> None:
    _, key = factories.make_key(session, owner, realm, "root")

    for body in ("{", "[" * 10_000, '"\\ud800"', json.dumps({"a": "\x00"})):
        answer = visitor.api("POST", "/api/v1/changes", key, data=body, content_type="application/json")
        assert answer.status_code == 405
