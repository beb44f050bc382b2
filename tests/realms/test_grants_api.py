"""Grants for programs: what is answered, what is refused, and what a dry run leaves alone."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.changes.models import Change
from app.db import utcnow
from app.realms.models import CapGrant, Realm
from tests.browser import Browser
from tests.factories import make_app, make_grant, make_key

URL = "/api/v1/realms/grants"


@pytest.fixture
def key(session: Session, owner: User, realm: Realm) -> str:
    """A key of the owner that may do all."""
    return make_key(session, owner, realm, "root")[1]


def test_granting_answers_what_is_new_and_what_was_held(
    visitor: Browser, session: Session, realm: Realm, member: User, rules: str, key: str
) -> None:
    make_app(session, realm, "Amazon")
    make_grant(session, member, realm, "report")
    body = {"user": "MEMBER", "caps": [rules.upper(), "Report"], "apps": ["AMAZON"], "to": "2099-01-01T00:00:00+01:00"}

    first = visitor.api("POST", URL, key, body)
    again = visitor.api("POST", URL, key, body)

    assert (first.status_code, again.status_code) == (201, 200)
    row = first.get_json()["granted"][0]
    assert (row["user"], row["app"], row["cap"]) == ("member", "amazon", rules)
    assert (row["from"], row["to"], row["setby"]) == (None, "2098-12-31T23:00:00Z", "owner")
    assert first.get_json()["skipped"] == [{"app": None, "cap": "report", "reason": "already_held"}]
    assert again.get_json()["granted"] == []


def test_replace_swaps_the_window_and_keeps_the_old_row_whole(
    visitor: Browser, session: Session, realm: Realm, member: User, key: str
) -> None:
    gone = make_grant(session, member, realm, "report").id
    soon = (utcnow() + timedelta(days=2)).isoformat()

    answer = visitor.api("POST", URL, key, {"user": "member", "caps": ["report"], "to": soon, "replace": True})

    assert answer.status_code == 201
    row = session.scalars(select(CapGrant).where(CapGrant.user_id == member.id)).one()
    assert row.to is not None
    assert row.id != gone
    logged = session.scalars(select(Change).order_by(Change.id)).all()
    assert [one.verb for one in logged] == ["capgrant.revoked", "capgrant.granted"]
    assert (logged[0].row or {})["id"] == gone


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ({}, {"required"}),
        ({"user": "member", "caps": ["report", "nosuch"], "apps": ["none"]}, {"unknown_cap", "unknown_app"}),
        ({"user": "member", "caps": ["report"], "from": "2001-01-01T00:00:00Z"}, {"bad_window"}),
        ({"user": "member", "caps": ["report"], "to": "2099-01-01T00:00:00"}, {"bad_window"}),
        ({"user": "member", "caps": ["report"], "to": "99999-01-01T00:00:00Z"}, {"bad_body"}),
        ({"user": "n" * 10_000, "caps": ["x" * 10_000]}, {"unknown_user", "unknown_cap"}),
        ({"user": ["member"], "caps": "report"}, {"bad_body"}),
    ],
)
def test_what_is_wrong_is_told_at_once_and_grants_nothing(
    visitor: Browser, session: Session, member: User, key: str, body: dict[str, Any], codes: set[str]
) -> None:
    answer = visitor.api("POST", URL, key, body)

    assert answer.status_code == 422
    assert {one["code"] for one in answer.get_json()["errors"]} == codes
    assert session.scalars(select(CapGrant).where(CapGrant.user_id == member.id)).all() == []


def test_revocation_answers_the_rows_whole_and_auth_takes_no_root(
    visitor: Browser, session: Session, realm: Realm, member: User, key: str
) -> None:
    make_grant(session, member, realm, "auth")
    make_grant(session, member, realm, "root")
    guard = make_key(session, member, realm, "auth")[1]
    body = {"user": "member", "caps": ["ALL"], "apps": ["ALL"]}

    refused = visitor.api("POST", f"{URL}/revocation", guard, body)
    done = visitor.api("POST", f"{URL}/revocation", key, body)

    assert (refused.status_code, refused.get_json()["code"]) == (403, "root_only")
    assert {row["cap"] for row in done.get_json()["revoked"]} == {"auth", "root"}
    assert visitor.api("POST", f"{URL}/revocation", key, body).get_json()["code"] == "nothing_to_revoke"


def test_a_dry_run_tells_the_rows_and_changes_nothing(
    visitor: Browser, session: Session, realm: Realm, member: User, key: str
) -> None:
    make_grant(session, member, realm, "config")

    planned = visitor.api("POST", f"{URL}?dry_run=1", key, {"user": "member", "caps": ["report", "config"]}).get_json()
    going = visitor.api("POST", f"{URL}/revocation?dry_run=1", key, {"user": "member"}).get_json()
    last = visitor.api("POST", f"{URL}/revocation?dry_run=1", key, {"user": "owner"})

    assert [(row["cap"], row["app"]) for row in planned["granted"]] == [("report", None)]
    assert [row["cap"] for row in planned["skipped"]] == ["config"]
    assert [row["cap"] for row in going["revoked"]] == ["config"]
    assert (last.status_code, last.get_json()["code"]) == (409, "last_root")
    assert session.scalar(select(func.count()).select_from(Change)) == 0
    assert session.scalars(select(CapGrant.cap).where(CapGrant.user_id == member.id)).all() == ["config"]


def test_the_list_and_the_removal_of_one(
    visitor: Browser, session: Session, realm: Realm, other_realm: Realm, member: User, stranger: User, key: str
) -> None:
    row = make_grant(session, member, realm, "report", from_=utcnow() + timedelta(days=1))
    foreign = make_grant(session, stranger, other_realm, "report")

    assert [one["id"] for one in visitor.api("GET", f"{URL}?state=coming", key).get_json()["items"]] == [row.id]
    assert visitor.api("DELETE", f"{URL}/{row.id}", key).status_code == 204
    assert [visitor.api("DELETE", f"{URL}/{one}", key).status_code for one in (row.id, foreign.id, 2**70)] == [404] * 3
