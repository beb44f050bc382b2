"""Other realms, capabilities of keys, and bodies nobody expects: generated from the routes of pages and of the API."""

import re
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.db import Base
from app.realms.models import Realm
from app.web.capabilities import capabilities, satisfies
from tests import factories, house
from tests.browser import Browser
from tests.databases import Database
from tests.lineage.populated import populate

FIELDS = re.compile(
    r'^    (\w+) = \w*Field\(|(?:form|body)\.get(?:list)?\("(\w+)"|(?:form|body)\["(\w+)"\]', re.MULTILINE
)
ODD = ["x", "0", "-1", str(2**70), "n" * 10_000, "a\0b", "0000-01-01T00:00", "99999-01-01", "\ud83d", ""]
BODIES: list[Any] = [
    b"", b"{", b"[]", b"null", b'"x"', b"\xff", b"[" * 5_000, {}, {"x": 1}, [1], [None], {"events": 1},
    {"events": [{}]},
]  # fmt: skip


def fields() -> list[str]:
    """Return every name a form or a body is asked for, anywhere in the program."""
    found = {name for _path, text in house.sources() for match in FIELDS.findall(text) for name in match if name}
    assert {"name", "note", "reason"} & found
    return sorted(found)


def writing(app: Flask, prefix: str) -> list[Rule]:
    """Return the routes below a prefix that write and ask for a capability."""
    found = [rule for rule, mark in house.routes(app) if rule.rule.startswith(prefix) and mark.kind == "needs"]
    return [rule for rule in found if house.method_of(rule) != "GET"]


def everything_of(session: Session, realm: Realm) -> dict[str, list[Any]]:
    """Return all rows of a realm by table."""
    tables = [table for table in Base.metadata.sorted_tables if "realm_id" in table.c]
    return {
        table.name: sorted(map(repr, session.execute(select(table).where(table.c.realm_id == realm.id)).all()))
        for table in tables
    }


def path_of(app: Flask, rule: Rule, realm: Realm, values: dict[str, Any]) -> str:
    """Return the URL of a route with these ids; what is no id of a row gets a word."""
    run_ids = dict.fromkeys(("run_id", "other_id"), "01941f29-7c00-7000-8000-000000000001")
    known = house.nothing(rule) | run_ids | {"realm": realm.shortname} | values
    return house.url_for(app, rule, {name: known[name] for name in rule.arguments})


def send(browser: Browser, url: str, body: dict[str, Any]) -> TestResponse:
    """Send a form; the page that comes back is not what is looked at."""
    return browser.client.post(url, data={"csrf_token": browser.csrf_token(), **body}, buffered=True)


@pytest.fixture
def theirs(database: Database, session: Session, other_realm: Realm) -> dict[str, Any]:
    """Ids of things in ``globex``."""
    return populate(database, session, other_realm)


@pytest.fixture
def ours(database: Database, session: Session, realm: Realm, theirs: dict[str, Any]) -> dict[str, Any]:
    """Ids of things in ``acme``, made after those of ``globex``."""
    found = populate(database, session, realm)
    assert not set(map(str, theirs.values())) & {str(value) for value in found.values() if isinstance(value, UUID)}
    return found


def test_every_id_of_a_row_of_another_realm_is_unknown(
    app: Flask, client: Browser, session: Session, owner: User, realm: Realm, theirs: dict[str, Any]
) -> None:
    key = factories.make_key(session, owner, realm, "root")[1]
    asked = 0
    for rule, mark in house.routes(app):
        names = rule.arguments - {"realm"}
        if not names or not names <= theirs.keys() or mark.kind != "needs":
            continue
        method, asked = house.method_of(rule), asked + 1
        found = [
            client.api(method, url, key, json={} if method != "GET" else None)
            if url.startswith("/api/")
            else (client.get(url) if method == "GET" else client.post(url))
            for url in (path_of(app, rule, realm, values) for values in (theirs, {}))
        ]
        # A form may be refused before anything is looked for, then for every id alike.
        assert found[0].status_code in ((404,) if method == "GET" else (404, 422)), rule.endpoint
        assert found[0].status_code == found[1].status_code, rule.endpoint
    assert asked > 40


def test_every_argument_of_the_api_that_is_an_id_is_tried(app: Flask, theirs: dict[str, Any]) -> None:
    names = {
        name
        for rule, _mark in house.routes(app)
        if rule.rule.startswith("/api/v1")
        for name, each in rule._converters.items()  # noqa: SLF001
        if type(each).__name__ == "RowId" or name.endswith("_id")
    }

    assert names - {"change_id"} <= theirs.keys()


def test_nothing_that_is_posted_here_changes_another_realm(
    app: Flask, client: Browser, session: Session, owner: User, realm: Realm, other_realm: Realm,
    ours: dict[str, Any], theirs: dict[str, Any],
) -> None:  # fmt: skip
    key = factories.make_key(session, owner, realm, "root")[1]
    before = everything_of(session, other_realm)
    for value in sorted({str(value) for value in theirs.values()}):
        body: dict[str, Any] = dict.fromkeys(fields(), value)
        for rule in writing(app, "/r/"):
            answer = send(client, path_of(app, rule, realm, ours), body)
            assert answer.status_code < 500, (rule.endpoint, value)
        for rule in writing(app, "/api/v1"):
            method, url = house.method_of(rule), path_of(app, rule, realm, ours)
            answer = client.api(method, url, key, json=body | {"ids": [value]})
            assert answer.status_code < 500, (rule.endpoint, value)

    assert everything_of(session, other_realm) == before


# PostgreSQL is the stricter one: what it takes, SQLite takes.
@pytest.mark.parametrize("prepared", ["postgresql"], indirect=True)
def test_no_body_is_our_fault(
    app: Flask, client: Browser, session: Session, owner: User, realm: Realm, ours: dict[str, Any]
) -> None:
    key = factories.make_key(session, owner, realm, "root")[1]
    names = fields()
    for rule in writing(app, "/api/v1"):
        method, url = house.method_of(rule), path_of(app, rule, realm, ours)
        for body in [*BODIES, *(dict.fromkeys(names, odd) for odd in ODD), {name: {"x": [2**70]} for name in names}]:
            told = {"data": body, "content_type": "application/json"} if isinstance(body, bytes) else {"json": body}
            answer = client.api(method, url, key, **told)
            assert answer.status_code < 500, f"{rule.endpoint} {str(body)[:60]}"
    for rule in writing(app, "/r/"):
        for odd in ODD:
            sent = {name: odd.encode("utf-8", "surrogatepass") for name in names}
            answer = send(client, path_of(app, rule, realm, ours), sent)
            assert answer.status_code < 500, f"{rule.endpoint} {odd[:20]!r}"


def test_no_address_of_the_api_is_our_fault(
    app: Flask, visitor: Browser, session: Session, owner: User, realm: Realm
) -> None:
    key = factories.make_key(session, owner, realm, "root")[1]
    queries = ("after=x", "sort=x", "limit=0", "q=%00", "from=99999-01-01", "since=0000-01-01", "start=dataset:x")
    for rule, mark in house.routes(app):
        if not rule.rule.startswith("/api/v1") or "GET" not in (rule.methods or ()) or mark.kind != "needs":
            continue
        for bad in ("x", "0", "-1", str(2**70), "n" * 10_000, "a%00b", "%FF") if rule.arguments else ("",):
            url = re.sub(r"<[^>]+>", bad, rule.rule)
            assert visitor.api("GET", url, key).status_code < 500, f"{rule.endpoint} {bad[:20]}"
        for query in queries:
            url = re.sub(r"<[^>]+>", "1", rule.rule)
            assert visitor.api("GET", f"{url}?{query}", key).status_code < 500, f"{rule.endpoint} {query}"


# What is asked is decided before the database matters.
@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
def test_every_route_of_the_api_opens_only_to_keys_that_hold_what_it_names(
    app: Flask, visitor: Browser, session: Session, realm: Realm
) -> None:
    asked = [
        (rule, mark) for rule, mark in house.routes(app) if rule.rule.startswith("/api/v1") and mark.kind == "needs"
    ]
    assert len(asked) > 30
    for cap in capabilities():
        user = factories.make_user(session, f"has-{cap.replace('.', '-')}", realm, cap)
        key = factories.make_key(session, user, realm, cap)[1]
        for rule, mark in asked:
            answer = visitor.api(house.method_of(rule), path_of(app, rule, realm, {}), key)
            opens = any(satisfies(cap, name) for name in mark.names)
            # What a role keeps from its members is asked behind the capability.
            is_shut = answer.status_code == 403 and answer.get_json()["code"] != "role"
            assert is_shut is not opens, f"{cap} {rule.endpoint}: {answer.status_code}"
