"""Taking capabilities back."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.changes.actor import Actor
from app.changes.models import Change
from app.db import utcnow
from app.realms.actions import RevocationDraft, revoke, revoke_grant
from app.realms.models import CapGrant, Realm
from app.refusal import Refused
from tests.factories import make_app, make_deactivated, make_grant, make_user

ACTOR = Actor("owner", "session", "r1", "127.0.0.1")
TOMORROW = timedelta(days=1)


def codes(refusal: Refused) -> list[tuple[str, object]]:
    return [(problem.code, problem.value) for problem in refusal.problems]


def held(session: Session, user: User) -> list[tuple[str, int | None]]:
    query = select(CapGrant).where(CapGrant.user_id == user.id).order_by(CapGrant.cap, CapGrant.app_id)
    return [(row.cap, row.app_id) for row in session.scalars(query)]


def test_revoking_filters_by_caps_and_apps_together(
    acting: Session, session: Session, realm: Realm, member: User, rules: str
) -> None:
    amazon, shop = make_app(session, realm, "amazon"), make_app(session, realm, "shop")
    for app in (amazon, shop):
        make_grant(session, member, realm, rules, app=app)
    make_grant(session, member, realm, "report")

    gone = revoke(acting, RevocationDraft("member", (rules,), ("Shop",)), actor=ACTOR, by_root=False)
    acting.commit()

    assert [(row["cap"], row["app"]) for row in gone] == [(rules, "shop")]
    assert held(session, member) == [("report", None), (rules, amazon.id)]
    revoke(acting, RevocationDraft("member", ("ALL",), ("all",)), actor=ACTOR, by_root=False)
    acting.commit()
    assert held(session, member) == []


def test_a_removed_row_is_in_the_log_with_all_its_fields(
    acting: Session, session: Session, realm: Realm, member: User
) -> None:
    row = make_grant(session, member, realm, "report", to=utcnow() + TOMORROW)

    revoke_grant(acting, row.id, actor=ACTOR, by_root=False)
    acting.commit()

    logged = session.scalars(select(Change)).one()
    assert (logged.verb, logged.entity_id, logged.who, logged.request_id) == (
        "capgrant.revoked",
        str(row.id),
        "owner",
        "r1",
    )
    assert logged.row is not None
    assert set(logged.row) == {"id", "realm", "user", "app", "cap", "from", "to", "setat", "setby"}


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        (RevocationDraft("nobody"), "unknown_user"),
        (RevocationDraft("member", ("nosuch",)), "unknown_cap"),
        (RevocationDraft("member", (), ("nosuch",)), "unknown_app"),
        (RevocationDraft("member"), "nothing_to_revoke"),
    ],
)
def test_revoking_what_is_not_there_is_refused(
    acting: Session, member: User, draft: RevocationDraft, code: str
) -> None:
    del member
    with pytest.raises(Refused) as refused:
        revoke(acting, draft, actor=ACTOR, by_root=True)

    assert [problem.code for problem in refused.value.problems] == [code]


def test_an_unknown_user_changes_nobodys_grants(acting: Session, session: Session, owner: User) -> None:
    with pytest.raises(Refused):
        revoke(acting, RevocationDraft("nobody", ("ALL",)), actor=ACTOR, by_root=True)
    acting.commit()

    assert held(session, owner) == [("root", None)]


def test_auth_without_root_revokes_no_root_also_inside_all(
    acting: Session, session: Session, realm: Realm, member: User
) -> None:
    make_grant(session, member, realm, "root")
    make_grant(session, member, realm, "report")

    with pytest.raises(Refused) as refused:
        revoke(acting, RevocationDraft("member", ("ALL",)), actor=ACTOR, by_root=False)
    acting.rollback()

    assert refused.value.status == 403
    assert held(session, member) == [("report", None), ("root", None)]


@pytest.mark.parametrize("why", ["alone", "expired", "deactivated", "inactive"])
def test_the_last_root_stays(acting: Session, session: Session, realm: Realm, owner: User, why: str) -> None:
    if why != "alone":
        to = utcnow() - TOMORROW if why == "expired" else None
        other = make_user(session, "other", realm)
        make_grant(session, other, realm, "root", to=to)
        if why == "deactivated":
            make_deactivated(session, realm, other)
        if why == "inactive":
            other.active = False
            session.commit()

    with pytest.raises(Refused) as refused:
        revoke(acting, RevocationDraft("owner"), actor=ACTOR, by_root=True)
    acting.rollback()

    assert (refused.value.status, codes(refused.value)) == (409, [("last_root", None)])
    assert held(session, owner) == [("root", None)]


def test_a_root_of_another_realm_does_not_count_as_another_root(acting: Session, stranger: User) -> None:
    del stranger
    with pytest.raises(Refused) as refused:
        revoke(acting, RevocationDraft("owner"), actor=ACTOR, by_root=True)

    assert codes(refused.value) == [("last_root", None)]


def test_rows_of_the_same_user_in_another_realm_stay(
    acting: Session, session: Session, realm: Realm, other_realm: Realm, member: User
) -> None:
    make_grant(session, member, realm, "report")
    kept = make_grant(session, member, other_realm, "report")

    revoke(acting, RevocationDraft("member", ("ALL",)), actor=ACTOR, by_root=True)
    acting.commit()

    assert session.scalars(select(CapGrant.id).where(CapGrant.user_id == member.id)).all() == [kept.id]
