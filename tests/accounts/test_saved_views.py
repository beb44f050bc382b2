"""Saved views: a name for what a list shows, at that list, for one or for all."""

import re
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import SavedView, User
from app.changes.models import Change
from app.realms.models import Realm
from tests.browser import Browser
from tests.factories import make_grant, make_key, make_user

URL = "/r/acme/accounts/views"
RUNS = "/r/acme/jobs/runs"
FAILED = {"page": "jobs/runs", "name": "Failed lately", "query": "status=failed&since=24h"}


def saved(session: Session) -> list[SavedView]:
    session.expire_all()
    return list(session.scalars(select(SavedView).order_by(SavedView.name)))


def verbs(session: Session) -> list[str]:
    return list(session.scalars(select(Change.verb).where(Change.kind == "saved_view").order_by(Change.id)))


def test_a_view_is_offered_at_its_list_and_opens_what_was_shown(client: Browser, session: Session) -> None:
    shown = client.get(f"{RUNS}?status=failed&since=24h&limit=20").text
    assert 'name="query" value="status=failed&amp;since=24h"' in shown

    answer = client.post(URL, {**FAILED, "query": "since=24h&after=x&status=failed&format=csv", "pinned": "1"})

    assert answer.status_code == 303
    landed = client.get(answer.headers["Location"]).text
    assert re.search(r'<a class="chip" href="[^"]+" aria-current="true">Failed lately</a>', landed)
    assert "Failed lately" in client.region(f"{RUNS}?q=etl", "results").text
    assert "Failed lately" not in client.get("/r/acme/jobs/jobs").text
    assert client.get(f"{URL}/{saved(session)[0].id}").headers["Location"] == answer.headers["Location"]
    assert verbs(session) == ["saved_view.created"]


def test_a_shared_view_reaches_everyone_and_takes_a_right_to_write(
    client: Browser, visitor: Browser, session: Session, realm: Realm
) -> None:
    client.post(URL, {**FAILED, "name": "For me"})
    client.post(URL, {**FAILED, "name": "For all", "shared": "1"})
    reader = visitor.as_(make_user(session, "reader", realm, "report"))

    offered = reader.get(RUNS).text
    mine, theirs = saved(session)[1], saved(session)[0]
    refused = reader.post(URL, {**FAILED, "shared": "1"})

    assert "For all" in offered
    assert "For me" not in offered
    assert [reader.get(f"{URL}/{view.id}").status_code for view in (mine, theirs)] == [404, 302]
    assert reader.post(f"{URL}/{theirs.id}/deletion").status_code == 404
    assert refused.status_code == 422
    assert "takes a capability to write" in refused.text


@pytest.mark.parametrize(
    ("query", "words", "kept"),
    [
        ("status=failed&status=gone&since=24h", "status", "since=24h"),
        ("sort=colour&since=24h", "sort colour", "since=24h"),
        ("colour=red&since=24h", "colour", "since=24h"),
    ],
)
def test_what_a_list_no_longer_knows_is_left_out_and_said(
    client: Browser, session: Session, query: str, words: str, kept: str
) -> None:
    client.post(URL, {**FAILED, "query": query})

    answer = client.get(f"{URL}/{saved(session)[0].id}", follow_redirects=True)

    assert answer.status_code == 200
    assert re.search(f"The saved view asks for [^<]*{words}[^<]* left out", answer.text)
    assert kept in answer.text
    assert client.get(f"{RUNS}?{query}").status_code == (200 if "colour=red" in query else 422)


def test_a_taken_name_is_refused_unless_it_is_replaced(client: Browser, session: Session) -> None:
    client.post(URL, FAILED)

    again = client.post(URL, {**FAILED, "query": "status=running"})
    assert (again.status_code, "You have a view of this name" in again.text) == (422, True)
    assert client.post(URL, {**FAILED, "query": "status=running", "replaces": "1"}).status_code == 303

    assert [view.query for view in saved(session)] == ["status=running"]
    assert verbs(session) == ["saved_view.created", "saved_view.updated"]


def test_a_view_is_renamed_and_what_is_deleted_comes_back_by_undo(client: Browser, session: Session) -> None:
    client.post(URL, {**FAILED, "pinned": "1"})
    url = f"{URL}/{saved(session)[0].id}"
    assert "Failed lately" in client.get(f"{url}/edit").text
    client.post(url, {**FAILED, "name": "Broken", "page": "elsewhere", "pinned": "1"})

    page = client.get(client.post(f"{url}/deletion").headers["Location"]).text
    undo = dict(re.findall(r'name="(page|name|query|pinned|shared)" value="([^"]*)"', page.partition("Undo")[0]))
    client.post(URL, {name: value.replace("&amp;", "&") for name, value in undo.items()})

    view = saved(session)[0]
    assert (view.name, view.page, view.query, view.pinned) == ("Broken", "jobs/runs", FAILED["query"], True)
    assert verbs(session)[1:] == ["saved_view.updated", "saved_view.deleted", "saved_view.created"]


@pytest.mark.parametrize(
    "wrong",
    [{"name": " "}, {"name": "x" * 101}, {"page": "nowhere"}, {"query": "q=%00"}, {"query": "q=" + "x" * 3000}],
)
def test_what_cannot_be_a_view_is_refused(client: Browser, session: Session, wrong: dict[str, Any]) -> None:
    assert client.post(URL, {**FAILED, **wrong}).status_code == 422
    assert saved(session) == []


def test_programs_keep_views_too(client: Browser, session: Session, realm: Realm, owner: User, member: User) -> None:
    key, other = (make_key(session, user, realm, "lineage.write")[1] for user in (owner, member))
    make_grant(session, member, realm, "lineage.write")

    made = client.api("POST", "/api/v1/views", key, {**FAILED, "shared": True})
    one = f"/api/v1/views/{made.get_json()['id']}"

    assert made.status_code == 201
    assert client.api("POST", "/api/v1/views", key, FAILED).status_code == 409
    assert client.api("PUT", one, key, {**FAILED, "name": "Broken", "shared": True}).get_json()["name"] == "Broken"
    listed = client.api("GET", "/api/v1/views?page=jobs/runs", other).get_json()["items"]
    assert [(item["name"], item["owner"]) for item in listed] == [("Broken", "owner")]
    assert client.api("DELETE", one, other).status_code == 404
    assert client.api("DELETE", one, key).status_code == 204
    assert client.api("GET", f"/api/v1/views/{uuid4()}", key).status_code == 404
