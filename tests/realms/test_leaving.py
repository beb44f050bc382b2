"""People who are archived lose all they hold, in the same transaction and whole in the log."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Membership, User
from app.changes.models import Change
from app.realms.models import CapGrant, Realm
from tests.browser import Browser
from tests.factories import make_grant, make_user

URL = "/r/acme/realms/people"


def test_an_archived_member_holds_nothing_and_finds_no_realm(
    client: Browser, visitor: Browser, session: Session, realm: Realm, other_realm: Realm, member: User
) -> None:
    for cap in ("report", "config"):
        make_grant(session, member, realm, cap)
    kept = make_grant(session, member, other_realm, "report")
    browser = visitor.as_(member)

    assert "Closes" in client.get(f"{URL}/member/archive").text
    assert client.post(f"{URL}/member/archival", {"why": ""}).status_code == 422
    assert client.post(f"{URL}/member/archival", {"why": "left the company"}).status_code == 303

    assert browser.get("/r/acme/changes").status_code == 404
    assert session.scalars(select(CapGrant.id).where(CapGrant.user_id == member.id)).all() == [kept.id]
    left = session.scalars(select(Membership).where(Membership.user_id == member.id)).one()
    assert (left.archived_by, left.archived_why) == ("owner", "left the company")
    verbs = session.scalars(select(Change.verb).order_by(Change.id)).all()
    assert verbs == ["capgrant.revoked", "capgrant.revoked", "membership.archived"]


def test_roots_are_archived_by_root_alone_and_never_the_last(
    client: Browser, visitor: Browser, session: Session, realm: Realm, stranger: User
) -> None:
    guard = visitor.as_(make_user(session, "guard", realm, "auth"))

    assert guard.post(f"{URL}/owner/archival", {"why": "x"}).status_code == 403
    assert "has to stay" in client.get(f"{URL}/owner/archive").text
    assert client.post(f"{URL}/owner/archival", {"why": "x"}).status_code == 409
    assert client.post(f"{URL}/{stranger.name}/archival", {"why": "x"}).status_code == 404
