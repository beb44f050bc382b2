"""Members of a realm, and asking people in."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.accounts.models import Invitation, Membership, User
from app.accounts.tokens import digest
from app.changes.models import Change
from app.db import utcnow
from app.realms.models import CapGrant, Realm
from tests.browser import Browser
from tests.factories import make_user

URL = "/r/acme/accounts/users"
LINK = re.compile(r"http://localhost(/invitation/[A-Za-z0-9_-]{43})")
ADA = {"name": "ada", "display_name": "Ada", "password": "battery staple", "repeat": "battery staple"}


def invite(browser: Browser, **changes: object) -> str:
    answer = browser.post(
        f"{URL}/invitations", {"email": "Ada@example.org", "role": "provider", "caps": ["report"], **changes}
    )
    assert answer.status_code == 201, answer.get_data(as_text=True)
    found: list[str] = LINK.findall(answer.get_data(as_text=True))
    return found[0]


def test_an_invited_person_makes_an_account_and_is_in(client: Browser, visitor: Browser, session: Session) -> None:
    link = invite(client)

    assert "Join Acme" in visitor.get(link).get_data(as_text=True)
    assert visitor.post(link, ADA).status_code == 303

    assert visitor.get("/r/acme/changes").status_code == 200
    ada = session.scalars(select(User).where(User.name == "ada")).one()
    assert (ada.email, ada.display_name) == ("ada@example.org", "Ada")
    member = session.scalars(select(Membership).where(Membership.user_id == ada.id)).one()
    assert member.role == "provider"
    grant = session.scalars(select(CapGrant).where(CapGrant.user_id == ada.id)).one()
    assert (grant.cap, grant.setby) == ("report", "owner")


def test_a_link_works_once(client: Browser, visitor: Browser, session: Session) -> None:
    link = invite(client)
    visitor.post(link, ADA)

    late = Browser(visitor.app, session)
    assert late.get(link).status_code == 404
    assert late.post(link, {**ADA, "name": "eve"}).status_code == 404
    assert session.scalars(select(User.name).where(User.name == "eve")).all() == []


def test_a_link_ends_after_seven_days_and_when_withdrawn(client: Browser, visitor: Browser, session: Session) -> None:
    link = invite(client)
    with time_machine.travel(utcnow() + timedelta(days=7, seconds=1)):
        assert visitor.get(link).status_code == 404
    row = session.scalars(select(Invitation)).one()

    assert client.post(f"{URL}/invitations/{row.id}/deletion").status_code == 303

    assert visitor.get(link).status_code == 404
    assert client.post(f"{URL}/invitations/{row.id}/deletion").status_code == 404


def test_somebody_with_an_account_joins_with_it(client: Browser, visitor: Browser, stranger: User) -> None:
    link = invite(client)
    browser = visitor.as_(stranger)

    assert "Join as stranger" in browser.get(link).get_data(as_text=True)
    assert browser.post(link).status_code == 303

    assert browser.get("/r/acme/realms/").status_code == 200


def test_the_token_is_kept_only_as_a_digest(client: Browser, session: Session) -> None:
    token = invite(client).rpartition("/")[2]

    assert session.scalars(select(Invitation)).one().token_hash == digest(token)
    rows = "".join(str(row) for row in session.execute(text("SELECT * FROM changes_change")))
    assert token not in rows
    assert digest(token).hex() not in rows


@pytest.mark.parametrize(
    "change",
    [
        {"email": ""},
        {"email": "nobody"},
        {"caps": ["root"]},
        {"caps": ["nosuch"]},
        {"role": "king"},
        {"email": "a" * 600 + "@x"},
    ],
)
def test_a_bad_invitation_is_refused_and_leaves_nothing(
    client: Browser, session: Session, change: dict[str, object]
) -> None:
    answer = client.post(f"{URL}/invitations", {"email": "a@example.org", "role": "customer", **change})

    assert answer.status_code == 422
    assert session.scalars(select(Invitation)).all() == []
    assert session.scalars(select(Change)).all() == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "Ada L"}, "lower-case letters"),
        ({"name": "owner"}, "is taken"),
        ({"password": "short", "repeat": "short"}, "at least 10 characters"),
        ({"repeat": "other"}, "not what you entered above"),
    ],
)
def test_a_bad_account_is_refused_and_the_link_stays(
    client: Browser, visitor: Browser, session: Session, change: dict[str, str], words: str
) -> None:
    link = invite(client)

    answer = visitor.post(link, {**ADA, **change})

    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert session.scalars(select(User.name)).all() == ["owner"]
    assert visitor.get(link).status_code == 200


def test_a_member_without_auth_can_neither_see_members_nor_invite(visitor: Browser, member: User) -> None:
    browser = visitor.as_(member)

    assert browser.get(URL).status_code == 403
    assert browser.post(f"{URL}/invitations", {"email": "a@example.org", "role": "customer"}).status_code == 403


def test_report_sees_members_but_no_buttons(visitor: Browser, session: Session, realm: Realm) -> None:
    page = visitor.as_(make_user(session, "auditor", realm, "report")).get(URL).get_data(as_text=True)

    assert "Auditor" in page
    assert "/invitations" not in page


def test_the_list_shows_members_of_this_realm_only(client: Browser, member: User, stranger: User) -> None:
    page = client.get(URL).get_data(as_text=True)

    assert member.display_name in page
    assert stranger.display_name not in page
    names = [item["name"] for item in client.get(f"{URL}?format=json&q=mem").get_json()["items"]]
    assert names == ["member"]
    assert "Nothing matches" in client.get(f"{URL}?role=operator").get_data(as_text=True)


def test_an_invitation_of_another_realm_is_not_found(
    client: Browser, session: Session, other_realm: Realm, stranger: User
) -> None:
    row = Invitation(
        realm_id=other_realm.id, email="x@y", caps=[], token_hash=b"x", expires_at=utcnow() + timedelta(days=1),
        invited_by=stranger.id,
    )  # fmt: skip
    session.add(row)
    session.commit()

    assert client.post(f"{URL}/invitations/{row.id}/deletion").status_code == 404
    assert client.post(f"{URL}/invitations/{uuid4()}/deletion").status_code == 404
    assert "x@y" not in client.get(URL).get_data(as_text=True)


@pytest.mark.parametrize("token", ["x", "é", "a" * 10_000, "%00"])
def test_a_link_nobody_made_is_not_found(visitor: Browser, token: str) -> None:
    assert visitor.get(f"/invitation/{token}").status_code == 404
    assert visitor.post(f"/invitation/{token}", ADA).status_code == 404
