"""Apps: made, renamed, deleted, and who sees them."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.changes.actor import Actor
from app.changes.models import Change
from app.db import db, scope
from app.realms.actions.apps import AppDraft, add_app
from app.realms.models import App, CapGrant, Realm
from app.refusal import Refused
from tests.browser import Browser
from tests.databases import Database
from tests.factories import make_app, make_grant, make_key
from tests.realms import sliced

URL, API = "/r/acme/realms/apps", "/api/v1/realms/apps"
ACTOR = Actor("owner", "session", "r1", "127.0.0.1")


@pytest.fixture
def key(session: Session, owner: User, realm: Realm) -> str:
    return make_key(session, owner, realm, "root")[1]


@pytest.fixture
def package(database: Database) -> object:
    with sliced.registered(database.engine()):
        yield


def names(session: Session) -> list[str]:
    return list(session.scalars(select(App.shortname).order_by(App.id)))


def test_an_app_is_made_on_the_page_and_logged(client: Browser, session: Session) -> None:
    answer = client.post(URL, {"name": "my_app", "longname": "My own app"})

    assert answer.location == f"{URL}/my_app"
    assert "My own app" in client.get(f"{URL}/MY_APP", follow_redirects=True).text
    row = session.scalars(select(Change).where(Change.verb == "app.created")).one()
    assert client.get(f"{URL}/{row.entity_id}").location == f"{URL}/my_app"


@pytest.mark.parametrize(
    ("name", "code"),
    [("my app", "bad_name"), ("_SBI Bank", "bad_name"), ("1st", "bad_name"), ("All", "reserved"),
     ("a" * 25, "too_long"), ("", "required"), ("é", "bad_name")],
)  # fmt: skip
def test_a_name_is_a_word_and_every_problem_is_told_at_once(acting: Session, name: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        add_app(acting, AppDraft(name, " "), actor=ACTOR)

    told = [(problem.field, problem.code) for problem in refused.value.problems]
    assert told == [("name", code), ("longname", "required")]


def test_a_name_is_taken_in_any_case_but_only_in_this_realm(
    client: Browser, session: Session, realm: Realm, other_realm: Realm, key: str
) -> None:
    make_app(session, other_realm, "Shop1")
    made = client.api("POST", API, key, {"name": "Shop1", "longname": "d"})
    again = client.api("POST", API, key, {"name": "shop1", "longname": "d"})

    assert (made.status_code, made.get_json()["rulesets"]) == (201, {"B": 0, "W": 0})
    assert (again.status_code, again.get_json()["code"]) == (409, "exists")
    assert client.post(URL, {"name": "SHOP1", "longname": "d"}).status_code == 409
    session.info["unscoped"] = "counts both realms"
    assert names(session) == ["Shop1", "Shop1"]


def test_two_creations_at_once_make_one_app(app: Flask, session: Session, realm: Realm, owner: User) -> None:
    def make(_number: int) -> bool:
        with app.app_context():
            scope(db.session(), realm.id)
            try:
                add_app(db.session(), AppDraft("shop", "Shop"), actor=ACTOR)
                db.session.commit()
            except Refused:
                db.session.rollback()
                return False
            return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(make, range(2))) == [False, True]
    assert names(session) == ["shop"]


def test_only_the_long_name_changes_and_only_where_it_differs(
    client: Browser, session: Session, realm: Realm, key: str
) -> None:
    make_app(session, realm, "Shop1")

    for body in ({"longname": "Web shop"}, {"longname": "Web shop"}):
        assert client.api("PATCH", f"{API}/SHOP1", key, body).get_json()["longname"] == "Web shop"
    assert client.post(f"{URL}/shop1", {"longname": ""}).status_code == 422
    assert client.api("PATCH", f"{API}/nosuch", key, {"longname": "x"}).status_code == 404
    fields = session.scalars(select(Change.fields).where(Change.verb == "app.updated")).all()
    assert fields == [[{"field": "longname", "old": "App Shop1", "new": "Web shop"}]]


def test_an_app_in_use_stays_and_one_used_elsewhere_goes_with_everybodys_grants(
    client: Browser, session: Session, realm: Realm, other_realm: Realm, member: User, key: str, package: None
) -> None:
    used, free = make_app(session, realm, "used"), make_app(session, realm, "free")
    foreign = make_app(session, other_realm, "free")
    sliced.fill(session, realm.id, realm.default_slice_id or 0, used.id)
    sliced.fill(session, other_realm.id, other_realm.default_slice_id or 0, foreign.id)
    sliced.add(session, sliced.BINDING, realm_id=realm.id, slice_id=realm.default_slice_id, app_id=free.id, step="s")
    make_grant(session, member, realm, "rules", app=free)

    refused = client.api("DELETE", f"{API}/used", key)
    gone = client.post(f"{URL}/FREE/deletion")

    assert (refused.status_code, refused.get_json()["counts"]) == (409, {"schema": 1, "ruleset": 1})
    assert gone.status_code == 303
    session.info["unscoped"] = "sees both realms"
    assert names(session) == ["used", "free"]
    assert session.scalars(select(CapGrant.cap).where(CapGrant.app_id == free.id)).all() == []
    lost: dict[str, Any] = {row.verb: row.row for row in session.scalars(select(Change).where(Change.row.is_not(None)))}
    assert {"capgrant.revoked", "testbinding.deleted", "app.deleted"} <= set(lost)
    assert (lost["capgrant.revoked"]["user"], lost["capgrant.revoked"]["app"]) == ("member", "free")
    assert (lost["app.deleted"]["shortname"], lost["app.deleted"]["id"]) == ("free", free.id)
    assert lost["testbinding.deleted"]["step"] == "s"


def test_counts_are_of_each_kind_and_each_slice(
    client: Browser, session: Session, realm: Realm, member: User, owner: User, key: str, package: None
) -> None:
    shop = make_app(session, realm, "Shop1")
    make_app(session, realm, "Shop2")
    for kind in "BBW":
        sliced.fill(session, realm.id, realm.default_slice_id or 0, shop.id, kind)
    for user, cap in ((member, "rules"), (member, "schema"), (owner, "rules")):
        make_grant(session, user, realm, cap, app=shop)

    first, second = client.api("GET", API, key).get_json()["items"]
    assert (first["longname"], first["users"], first["rulesets"]) == ("App Shop1", 2, {"B": 2, "W": 1})
    assert (second["longname"], second["users"], second["rulesets"]) == ("App Shop2", 0, {"B": 0, "W": 0})
    assert "cannot be deleted" in client.get(f"{URL}/Shop1").text


def test_others_see_the_apps_they_hold_something_on(
    visitor: Browser, session: Session, realm: Realm, member: User
) -> None:
    make_grant(session, member, realm, "rules", app=make_app(session, realm, "Mine"))
    make_app(session, realm, "Hidden")
    browser = visitor.as_(member)

    page = browser.get(URL).text
    assert "Mine" in page
    assert "Hidden" not in page
    assert browser.get(f"{URL}/Hidden").status_code == 403
    assert browser.get(f"{URL}/Mine").status_code == 200
    assert browser.post(f"{URL}/Mine/deletion").status_code == 403


def test_malformed_bodies_are_no_fault_of_ours(client: Browser, key: str, realm: Realm) -> None:
    body: object
    for body in ({"name": 1}, [], {"name": "x" * 10_000, "longname": "y" * 10_000}, {"nosuch": 1}, {}):
        assert client.api("POST", API, key, body).status_code == 422
    assert client.api("POST", API, key, data="{").status_code == 422
