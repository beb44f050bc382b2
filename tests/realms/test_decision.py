"""The one decision: who may do what, where and when, and what is said to those who may not."""

import json
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
import time_machine
from flask import Flask, g
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.db import utcnow
from app.realms.capabilities import Held, RealmFacts, Standing, cap_filter
from app.realms.decision import allow
from app.realms.models import Realm
from app.web.capabilities import capabilities, satisfies
from app.web.identity import Identity, KeyFacts
from tests import factories, house
from tests.browser import Browser
from tests.databases import material

API, PAGE = "/api/v1/changes", "/r/acme/changes"
NOON = datetime(2036, 1, 1, 12, tzinfo=UTC)


def standing(*held: Held, key: KeyFacts | None = None, at: datetime = NOON) -> Standing:
    """Return what an active member holds."""
    who = Identity(1, "ann", "Ann", key=key)
    return Standing(who, RealmFacts(1, "acme", "Acme"), at, is_member=True, held=held)


def holding(cap: str, app: str | None = None) -> Held:
    """Return a grant without limits."""
    return Held(1, cap, app, None, None)


def test_the_boundary_of_a_window_is_in_at_its_beginning_and_out_at_its_end() -> None:
    held = Held(7, "report", None, NOON, NOON + timedelta(hours=1))
    moments = [NOON - timedelta(microseconds=1), NOON, NOON + timedelta(minutes=59), NOON + timedelta(hours=1)]

    assert [standing(held, at=at).holds("report") for at in moments] == [False, True, True, False]


def test_windows_hold_for_requests(visitor: Browser, session: Session, realm: Realm, member: User) -> None:
    now = utcnow()
    grant = factories.make_grant(session, member, realm, "report", from_=now + timedelta(hours=1))
    browser = visitor.as_(member)

    before = browser.get(PAGE)
    with time_machine.travel(now + timedelta(hours=2), tick=False):
        within = browser.get(PAGE).status_code
    grant.to = now + timedelta(hours=3)
    session.commit()
    with time_machine.travel(now + timedelta(hours=4), tick=False):
        after = browser.get(PAGE).status_code

    assert (before.status_code, within, after) == (403, 200, 403)
    assert "Granted only from" in before.text


@pytest.mark.parametrize(
    ("held", "asked", "expected"),
    [
        ("root", "lineage.write", True),
        ("report", "lineage.read", True),
        ("report", "lineage.write", False),
        ("lineage.write", "lineage.read", True),
        ("lineage.read", "lineage.write", False),
        ("jobs.write", "lineage.read", False),
        ("auth", "report", False),
    ],
)
def test_what_implies_what(held: str, asked: str, expected: bool) -> None:
    assert satisfies(held, asked) is expected


def test_a_grant_on_one_app_opens_no_other() -> None:
    held = standing(holding("schema", "shop1"))

    assert held.holds("schema", app="Shop1")
    assert not held.holds("schema", app="shop2")


def test_a_key_never_does_more_than_its_scopes_and_its_owner() -> None:
    key = KeyFacts("1", "hw_12345678", 1, frozenset({"lineage.read", "auth"}))

    assert standing(holding("root"), key=key).holds("lineage.read")
    assert not standing(holding("root"), key=key).holds("lineage.write")
    assert not standing(holding("lineage.read"), key=key).holds("auth")


@pytest.mark.parametrize("change", ["revoked_at", "expires_at"])
def test_a_dead_key_opens_nothing(change: str) -> None:
    key = KeyFacts("1", "hw_12345678", 1, frozenset({"root"}), **{change: NOON})

    assert not standing(holding("root"), key=key).holds("root")


def test_every_route_opens_only_to_what_it_names(app: Flask, session: Session, realm: Realm) -> None:
    """The guard asks for every route alike, so what routes ask for is asked once for each capability."""
    marks = {mark for _rule, mark in house.routes(app) if mark.kind == "needs" and mark.app_arg is None}
    users = {cap: factories.make_user(session, f"has-{cap.replace('.', '-')}", realm, cap) for cap in capabilities()}

    with app.test_request_context("/"):
        g.realm_name = realm.shortname
        for (cap, user), mark in product(users.items(), marks):
            verdict = allow(mark, Identity(user.id, user.name, user.display_name))
            opens = any(satisfies(cap, name) for name in mark.names)
            assert verdict.allowed is opens, f"{cap} {mark.names}"


def test_nothing_opens_to_those_whose_grant_is_over_or_who_are_blocked(
    app: Flask, session: Session, realm: Realm, member: User
) -> None:
    over = factories.make_user(session, "over", realm)
    factories.make_grant(session, over, realm, "root", to=utcnow() - timedelta(minutes=1))
    blocked = factories.make_user(session, "blocked", realm, "root")
    factories.make_deactivated(session, realm, blocked)
    key = KeyFacts("1", "hw_12345678", realm.id, frozenset({"root"}))
    expected = {member: "capability", over: "window_closed", blocked: "deactivated"}
    # The guard asks for every route alike, so what routes ask for is asked once each.
    marks = {mark for _rule, mark in house.routes(app) if mark.kind == "needs" and mark.app_arg is None}

    with app.test_request_context("/"):
        g.realm_name = realm.shortname
        for (user, reason), mark, with_key in product(expected.items(), marks, (None, key)):
            verdict = allow(mark, Identity(user.id, user.name, user.display_name, key=with_key))
            assert verdict.reason == reason, f"{user.name} {mark.names}"


def test_the_refusal_names_capability_and_who_can_help(visitor: Browser, owner: User, member: User) -> None:
    answer = visitor.as_(member).get(PAGE)

    assert answer.status_code == 403
    assert "report" in answer.text
    assert "owner" in answer.text


def test_the_api_says_the_same(visitor: Browser, session: Session, realm: Realm, owner: User, member: User) -> None:
    key = factories.make_key(session, member, realm, "report")[1]

    answer = visitor.api("GET", API, key).get_json()

    assert (answer["code"], answer["capability"], answer["can_grant"]) == ("capability_missing", "report", ["owner"])


def test_losing_the_grant_ends_the_keys_power_at_once(
    visitor: Browser, session: Session, realm: Realm, member: User
) -> None:
    grant = factories.make_grant(session, member, realm, "report")
    key = factories.make_key(session, member, realm, "report")[1]

    assert visitor.api("GET", API, key).status_code == 200
    session.delete(grant)
    session.commit()
    assert visitor.api("GET", API, key).status_code == 403


def test_a_deactivated_person_is_refused_with_session_and_key(
    visitor: Browser, session: Session, realm: Realm, owner: User
) -> None:
    browser, key = visitor.as_(owner), factories.make_key(session, owner, realm, "root")[1]
    factories.make_deactivated(session, realm, owner)

    assert browser.get(PAGE).status_code == 403
    assert visitor.api("GET", API, key).get_json()["code"] == "deactivated"


def test_a_deactivated_realm_is_closed_to_its_people(client: Browser, session: Session, realm: Realm) -> None:
    factories.make_deactivated(session, realm)

    assert "The realm was deactivated by owner" in client.get(PAGE).text


def test_authorisation_takes_one_statement_whatever_is_held(
    client: Browser, session: Session, realm: Realm, owner: User
) -> None:
    few = client.statements(PAGE)
    for cap in set(capabilities()) - {"root"}:
        factories.make_grant(session, owner, realm, cap)

    assert client.statements(PAGE) == few


def test_cap_filter_agrees_with_the_vectors() -> None:
    for case in json.loads(material("vectors", "crux", "cap_filter_upstream.json").read_text())["cases"]:
        assert cap_filter(case["held"], case["caps"], case.get("apps")) == case["expect"], case["name"]


def test_cap_filter_leaves_what_is_not_held() -> None:
    assert cap_filter(["root", "config"], ["config", "report"]) == ["report"]
    assert cap_filter([{"app": "a", "cap": "schema"}], ["schema", "rules"], ["a", "b"]) == {
        "a": ["rules"],
        "b": ["schema", "rules"],
    }
