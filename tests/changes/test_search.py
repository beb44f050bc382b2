"""Searching the change log, its timeline, and what it cannot do."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.changes.actor import SYSTEM
from app.changes.log import Entry, record, record_many, record_update
from app.changes.models import Change
from app.changes.queries import Wanted, changes
from app.db import scope
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser

URL, API = "/r/acme/changes", "/api/v1/changes"


@pytest.fixture
def key(session: Session, owner: User, realm: Realm) -> str:
    """A bearer key that may read the log."""
    return factories.make_key(session, owner, realm, "report")[1]


def found(browser: Browser, key: str, **filters: str) -> list[str]:
    """Return labels the API finds."""
    answer = browser.api("GET", API, key, query_string=filters)
    assert answer.status_code == 200, answer.text
    return [item["label"] for item in answer.get_json()["items"]]


def test_filters_hold_together(visitor: Browser, session: Session, realm: Realm, key: str) -> None:
    factories.make_changes(session, realm, 1, who="ann", verb="app.created", label="one shop")
    factories.make_changes(session, realm, 1, who="ann", verb="app.updated", label="two shop", request_id="r1")
    factories.make_changes(session, realm, 1, who="bob", verb="app.updated", label="three", remote_addr="10.0.0.9")

    assert found(visitor, key, who="ann", verb="app.updated") == ["two shop"]
    assert found(visitor, key, q="shop", verb="app") == ["two shop", "one shop"]
    assert found(visitor, key, address="10.0.0.9") == ["three"]
    assert found(visitor, key, request_id="r1") == ["two shop"]
    assert found(visitor, key, to="2001-01-01") == []
    assert found(visitor, key, kind="nosuch") == []


def test_another_realm_is_never_shown(
    visitor: Browser, session: Session, realm: Realm, other_realm: Realm, key: str
) -> None:
    theirs = factories.make_changes(session, other_realm, 1, label="secret")[0]

    assert found(visitor, key) == []
    assert visitor.api("GET", f"{API}/{theirs}", key).status_code == 404


def test_the_timeline_of_a_thing_is_complete(client: Browser, session: Session, realm: Realm) -> None:
    for verb in ("app.created", "app.updated", "app.deleted"):
        factories.make_changes(session, realm, 1, verb=verb, entity_id="7")
    factories.make_changes(session, realm, 1, entity_id="8", label="other")

    text = client.get(f"{URL}/app/7").text

    assert text.index("app.deleted") < text.index("app.updated") < text.index("app.created")
    assert "other" not in text
    assert "<html" not in client.region(f"{URL}/app/7", "timeline").text


def test_a_row_shows_old_beside_new(client: Browser, session: Session, realm: Realm) -> None:
    row = factories.make_changes(session, realm, 2, request_id="together")[0]

    text = client.get(f"{URL}/row/{row}").text

    assert "longname" in text
    assert "Also by this request" in text


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST"])
def test_nothing_can_be_done_to_the_log(visitor: Browser, session: Session, key: str, method: str) -> None:
    assert visitor.api(method, API, key).status_code == 405
    assert visitor.api(method, f"{API}/1", key).status_code == 405


def test_statements_do_not_grow_with_rows(app: Flask, client: Browser, session: Session, realm: Realm) -> None:
    factories.make_changes(session, realm, 1)
    client.get(URL)
    few = client.statements(URL)
    factories.make_changes(session, realm, 60)

    assert client.statements(URL) == few <= 5


def test_secrets_are_not_shown_and_odd_values_are_kept(session: Session, realm: Realm) -> None:
    scope(session, realm.id)
    fields = [("password", "old", "new"), ("at", None, realm.setat), ("text", "a\x00b", None)]
    record(session, "user.updated", "user", 1, "ann", SYSTEM, fields=fields)

    row = session.query(Change).one()

    assert row.fields[0] == {"field": "password", "old": "(not shown)", "new": "(not shown)"}
    assert row.fields[2]["old"] == "a\ufffdb"
    assert row.entity_id == "1"


def test_a_save_that_changes_nothing_writes_nothing(session: Session, realm: Realm) -> None:
    scope(session, realm.id)
    state = {"longname": "x"}

    assert not record_update(session, "app.updated", "app", 1, "x", SYSTEM, before=state, after=state)
    assert session.query(Change).count() == 0


def test_an_unknown_verb_is_refused(session: Session, realm: Realm) -> None:
    scope(session, realm.id)

    with pytest.raises(ValueError, match="frobnicated"):
        record_many(session, [Entry("app.frobnicated", "app", 1, "x")], SYSTEM)


@pytest.mark.parametrize(
    "filters",
    [
        Wanted(),
        Wanted(who="ann"),
        Wanted(kind="app"),
        Wanted(kind="app", entity_id="7"),
        Wanted(verb="app.updated"),
        Wanted(request_id="r1"),
        Wanted(from_=datetime(2026, 1, 1, tzinfo=UTC), to=datetime(2026, 2, 1, tzinfo=UTC)),
    ],
)
def test_no_filter_reads_or_sorts_the_whole_log(session: Session, realm: Realm, filters: Wanted) -> None:
    if session.get_bind().dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by the numbers of rows, of which a test has none")
    session.info["unscoped"] = None
    scope(session, realm.id)
    query = changes(filters).where(Change.realm_id == realm.id).order_by(Change.at.desc(), Change.id.desc()).limit(51)

    text = str(query.compile(session.get_bind(), compile_kwargs={"literal_binds": True}))
    plan = [row[3] for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")]

    assert not [step for step in plan if step.startswith("SCAN") or "TEMP B-TREE" in step], plan
