"""The realm page, and the list of grants."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.changes.models import Change
from app.db import utcnow
from app.realms.models import CapGrant, Realm
from tests.browser import Browser
from tests.factories import make_app, make_grant, make_user

URL = "/r/acme/realms/grants"


def test_the_realm_page_shows_names_slices_and_ones_own_grants(
    visitor: Browser, session: Session, realm: Realm, member: User
) -> None:
    make_grant(session, member, realm, "report", to=utcnow() + timedelta(days=3))
    make_app(session, realm, "Amazon")

    page = visitor.as_(member).get("/r/acme/realms/").get_data(as_text=True)

    assert "Acme" in page
    assert "default" in page
    assert re.search(r"report.*running.*in 2 d", page, re.DOTALL)
    assert "Amazon" in page


def test_the_payload_is_for_root(
    client: Browser, visitor: Browser, session: Session, realm: Realm, member: User
) -> None:
    realm.payload = {"colour": "teal"}
    session.commit()

    assert "teal" in client.get("/r/acme/realms/").get_data(as_text=True)
    assert "teal" not in visitor.as_(member).get("/r/acme/realms/").get_data(as_text=True)


def test_a_realm_without_grant_or_membership_does_not_exist(visitor: Browser, realm: Realm, stranger: User) -> None:
    browser = visitor.as_(stranger)

    for path in ("", "realms/", "realms/grants", "accounts/keys", "accounts/users"):
        there = browser.get(f"/r/{realm.shortname}/{path}")
        nowhere = browser.get(f"/r/nosuch/{path}")
        assert (there.status_code, nowhere.status_code) == (404, 404)


def test_a_person_without_a_realm_reads_what_to_do(visitor: Browser, session: Session) -> None:
    page = visitor.as_(make_user(session, "lost")).get("/").get_data(as_text=True)

    assert "No realm yet" in page


def test_granting_on_the_page_works_and_is_logged(client: Browser, session: Session, member: User) -> None:
    answer = client.post(URL, {"user": "Member", "caps": ["config", "report"], "to": "2099-01-01T10:00"})

    assert (answer.status_code, answer.location) == (303, f"{URL}?user=member")
    rows = session.scalars(select(CapGrant).where(CapGrant.user_id == member.id)).all()
    assert {row.cap for row in rows} == {"report", "config"}
    assert {row.to.isoformat() for row in rows if row.to} == {"2099-01-01T10:00:00+00:00"}
    assert {row.setby for row in rows} == {"owner"}
    assert "member now holds config, report." in client.get(URL).get_data(as_text=True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"user": ""}, "Name the account"),
        ({"user": "nobody"}, "no active account"),
        ({"caps": []}, "Choose at least one"),
        ({"from": "2001-01-01T00:00"}, "in the future"),
        ({"to": "yesterday"}, "Not a valid"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(
    client: Browser, session: Session, member: User, change: dict[str, object], words: str
) -> None:
    answer = client.post(URL, {"user": "member", "caps": ["report"], **change})

    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    assert session.scalars(select(CapGrant).where(CapGrant.user_id == member.id)).all() == []


def test_auth_hands_out_everything_but_root(
    visitor: Browser, session: Session, realm: Realm, owner: User, member: User
) -> None:
    guard = visitor.as_(make_user(session, "guard", realm, "auth"))
    root = session.scalars(select(CapGrant).where(CapGrant.user_id == owner.id)).one()

    assert 'value="root"' not in guard.get(f"{URL}/new").get_data(as_text=True)
    assert guard.post(URL, {"user": member.name, "caps": ["report"]}).status_code == 303
    assert guard.post(URL, {"user": member.name, "caps": ["root"]}).status_code == 422
    assert f"{URL}/{root.id}/deletion" not in guard.get(URL).get_data(as_text=True)
    assert guard.post(f"{URL}/{root.id}/deletion").status_code == 403
    assert session.get(CapGrant, root.id) is not None


def test_a_role_is_granted_as_plain_capabilities_after_its_effect_was_shown(
    client: Browser, session: Session, member: User
) -> None:
    form = {"user": "member", "bundles": ["viewer"], "from": "2099-01-01T00:00"}

    shown = client.post(f"{URL}/preview", form).text

    assert "Grant to member?" in shown
    assert "lineage.read" in shown
    assert session.scalars(select(CapGrant).where(CapGrant.user_id == member.id)).all() == []
    caps = re.findall(r'name="caps" value="([^"]+)"', shown)
    assert client.post(URL, {"user": "member", "caps": caps, "from": "2099-01-01T00:00"}).status_code == 303
    held = session.scalars(select(CapGrant.cap).where(CapGrant.user_id == member.id)).all()
    assert set(held) == set(caps)
    assert all(cap.endswith(".read") for cap in held)


def test_several_grants_are_taken_back_after_they_were_shown(
    client: Browser, session: Session, realm: Realm, member: User
) -> None:
    for cap in ("report", "config", "auth"):
        make_grant(session, member, realm, cap)
    form = {"user": "member", "caps": ["report", "config"]}

    shown = client.post(f"{URL}/revocation/preview", form).text

    assert "Revoke from member?" in shown
    assert session.scalars(select(Change)).all() == []
    assert client.post(f"{URL}/revocation", form).location == f"{URL}?user=member"
    assert session.scalars(select(CapGrant.cap).where(CapGrant.user_id == member.id)).all() == ["auth"]
    assert client.post(f"{URL}/revocation", form).status_code == 422


def test_revoking_on_the_page_works_at_the_very_next_request(
    client: Browser, visitor: Browser, session: Session, realm: Realm, member: User
) -> None:
    row = make_grant(session, member, realm, "report")
    reader = visitor.as_(member)
    assert reader.get("/r/acme/changes").status_code == 200

    assert client.post(f"{URL}/{row.id}/deletion").status_code == 303

    assert reader.get("/r/acme/changes").status_code == 403
    assert session.scalars(select(Change.verb)).all() == ["capgrant.revoked"]


def test_the_last_root_cannot_be_revoked_on_the_page(client: Browser, session: Session) -> None:
    row = session.scalars(select(CapGrant)).one()

    assert client.post(f"{URL}/{row.id}/deletion").status_code == 409
    assert session.scalars(select(Change)).all() == []


@pytest.mark.parametrize("grant_id", ["0", "999", str(2**70), "x", "-1"])
def test_a_grant_that_is_not_here_is_not_found(client: Browser, grant_id: str) -> None:
    assert client.post(f"{URL}/{grant_id}/deletion").status_code == 404


def test_a_grant_of_another_realm_is_not_found(client: Browser, session: Session, stranger: User) -> None:
    row = session.scalars(select(CapGrant).where(CapGrant.user_id == stranger.id)).one()

    assert client.post(f"{URL}/{row.id}/deletion").status_code == 404
    assert "stranger" not in client.get(URL).get_data(as_text=True)


def test_the_list_filters_by_user_capability_and_state(
    client: Browser, session: Session, realm: Realm, member: User
) -> None:
    now, day = utcnow(), timedelta(days=1)
    make_grant(session, member, realm, "report", to=now + 3 * day)
    make_grant(session, member, realm, "config", from_=now + day)
    make_grant(session, member, realm, "auth", to=now - day)

    def shown(query: str) -> set[tuple[str, str, str]]:
        items = client.get(f"{URL}?format=json&{query}").get_json()["items"]
        return {(item["user"], item["cap"], item["state"]) for item in items}

    assert shown("user=member") == {
        ("member", "report", "running"),
        ("member", "config", "coming"),
        ("member", "auth", "expired"),
    }
    assert shown("state=expiring") == {("member", "report", "running")}
    assert shown("state=coming") == {("member", "config", "coming")}
    assert shown("state=expired&cap=auth") == {("member", "auth", "expired")}
    assert shown("cap=root") == {("owner", "root", "running")}
    assert "Nothing matches" in client.get(f"{URL}?user=nobody").get_data(as_text=True)


def test_the_list_goes_on_where_the_page_ended(client: Browser, session: Session, realm: Realm) -> None:
    for number in range(60):
        make_user(session, f"user{number}", realm, "report")

    first = client.get(URL).get_data(as_text=True)
    older = re.search(r'rel="next" href="([^"]+)"', first)
    assert older
    second = client.get(older[1].replace("&amp;", "&")).get_data(as_text=True)

    names = re.findall(r"grants\?user=(\w+)", first + second)
    assert len(names) == len(set(names)) == 61


def test_report_reads_grants_without_buttons(visitor: Browser, session: Session, realm: Realm) -> None:
    page = visitor.as_(make_user(session, "auditor", realm, "report")).get(URL).get_data(as_text=True)

    assert "auditor" in page
    assert "/deletion" not in page
    assert "grants/new" not in page
