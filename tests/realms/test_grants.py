"""Handing capabilities out and taking them back."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Membership, User
from app.changes.actor import Actor
from app.changes.models import Change
from app.db import db, scope, utcnow
from app.realms.actions import GrantDraft, RevocationDraft, grant, revoke, revoke_grant
from app.realms.models import CapGrant, Realm
from app.refusal import Refused
from app.web.capabilities import Capability, capabilities
from tests.factories import make_app, make_deactivated, make_grant, make_user

ACTOR = Actor("owner", "session", "r1", "127.0.0.1")
TOMORROW = timedelta(days=1)


@pytest.fixture
def acting(app: Flask, realm: Realm, owner: User) -> Iterator[Session]:
    """A session of the application, tied to ``acme``; owner holds root there."""
    del owner
    with app.app_context():
        scope(db.session(), realm.id)
        yield db.session()


@pytest.fixture
def rules(monkeypatch: pytest.MonkeyPatch) -> str:
    """A capability that belongs to an app."""
    monkeypatch.setitem(known(), "testrules", Capability("testrules", "app", "Rules of tests"))
    return "testrules"


def known() -> dict[str, Capability]:
    from app.web import capabilities as registry

    return registry._REGISTRY  # noqa: SLF001 - a capability for one test only


def codes(refusal: Refused) -> list[tuple[str, object]]:
    return [(problem.code, problem.value) for problem in refusal.problems]


def held(session: Session, user: User) -> list[tuple[str, int | None]]:
    query = select(CapGrant).where(CapGrant.user_id == user.id).order_by(CapGrant.cap, CapGrant.app_id)
    return [(row.cap, row.app_id) for row in session.scalars(query)]


def test_names_count_in_any_case_and_are_kept_in_lower_case(
    acting: Session, session: Session, realm: Realm, member: User, rules: str
) -> None:
    amazon = make_app(session, realm, "Amazon")

    done = grant(acting, GrantDraft("Member", (rules.upper(), "REPORT"), ("AMAZON",)), actor=ACTOR, by_root=True)
    acting.commit()

    assert len(done.granted) == 2
    assert held(session, member) == [("report", None), (rules, amazon.id)]


@pytest.mark.parametrize("window", [(None, None), (TOMORROW, None), (None, TOMORROW), (TOMORROW, 2 * TOMORROW)])
def test_a_window_may_be_open_at_either_end(
    acting: Session, session: Session, member: User, window: tuple[timedelta | None, timedelta | None]
) -> None:
    from_, to = (utcnow() + part if part else None for part in window)

    grant(acting, GrantDraft("member", ("report",), from_=from_, to=to), actor=ACTOR, by_root=False)
    acting.commit()

    row = session.scalars(select(CapGrant).where(CapGrant.user_id == member.id)).one()
    assert (row.from_, row.to, row.setby) == (from_, to, "owner")


def test_every_problem_is_told_at_once(acting: Session) -> None:
    with pytest.raises(Refused) as refused:
        grant(acting, GrantDraft(" ", ()), actor=ACTOR, by_root=True)

    assert [(problem.code, problem.field) for problem in refused.value.problems] == [
        ("required", "user"),
        ("required", "caps"),
    ]


def test_one_unknown_name_grants_nothing(
    acting: Session, session: Session, realm: Realm, member: User, rules: str
) -> None:
    make_app(session, realm, "amazon")
    for draft, wrong in (
        (GrantDraft("member", ("report", "nosuch")), [("unknown_cap", "nosuch")]),
        (GrantDraft("member", (rules,), ("amazon", "nosuch")), [("unknown_app", "nosuch")]),
        (GrantDraft("member", (rules,)), [("apps_required", None)]),
        (GrantDraft("nobody", ("report",)), [("unknown_user", "nobody")]),
    ):
        with pytest.raises(Refused) as refused:
            grant(acting, draft, actor=ACTOR, by_root=True)
        assert codes(refused.value) == wrong
    acting.commit()

    assert held(session, member) == []
    assert session.scalars(select(Change)).all() == []


@pytest.mark.parametrize(
    ("from_", "to"),
    [
        (-TOMORROW, None),
        (None, -TOMORROW),
        (2 * TOMORROW, TOMORROW),
    ],
)
def test_a_window_that_never_opens_is_refused(
    acting: Session, member: User, from_: timedelta | None, to: timedelta | None
) -> None:
    now = utcnow()
    draft = GrantDraft(member.name, ("report",), from_=now + from_ if from_ else None, to=now + to if to else None)

    with pytest.raises(Refused) as refused:
        grant(acting, draft, actor=ACTOR, by_root=True)

    assert {problem.code for problem in refused.value.problems} == {"bad_window"}


def test_a_time_without_zone_is_refused(acting: Session, member: User) -> None:
    naive = datetime(2099, 1, 1, tzinfo=UTC).replace(tzinfo=None)

    with pytest.raises(Refused, match="zone"):
        grant(acting, GrantDraft(member.name, ("report",), to=naive), actor=ACTOR, by_root=True)


def test_what_is_held_is_skipped_and_told(acting: Session, session: Session, member: User) -> None:
    grant(acting, GrantDraft("member", ("report",)), actor=ACTOR, by_root=True)

    done = grant(acting, GrantDraft("member", ("report", "config")), actor=ACTOR, by_root=True)
    acting.commit()

    assert done.skipped == [(None, "report")]
    assert held(session, member) == [("config", None), ("report", None)]


def test_an_expired_grant_is_replaced_and_logged(acting: Session, session: Session, realm: Realm, member: User) -> None:
    old = make_grant(session, member, realm, "report", to=utcnow() - TOMORROW)

    grant(acting, GrantDraft("member", ("report",)), actor=ACTOR, by_root=True)
    acting.commit()

    assert session.scalars(select(Change.verb).order_by(Change.id)).all() == ["capgrant.expired", "capgrant.granted"]
    row = session.scalars(select(Change).where(Change.verb == "capgrant.expired")).one().row
    assert row is not None
    assert row["id"] == old.id
    assert len(held(session, member)) == 1


def test_the_first_grant_makes_a_stranger_a_member(
    acting: Session, session: Session, realm: Realm, stranger: User
) -> None:
    grant(acting, GrantDraft(stranger.name, ("report",)), actor=ACTOR, by_root=False)
    acting.commit()

    query = select(Membership.realm_id).where(Membership.user_id == stranger.id)
    assert realm.id in session.scalars(query).all()


def test_an_inactive_account_gets_nothing(acting: Session, session: Session, member: User) -> None:
    member.active = False
    session.commit()

    with pytest.raises(Refused) as refused:
        grant(acting, GrantDraft("member", ("report",)), actor=ACTOR, by_root=True)

    assert codes(refused.value) == [("unknown_user", "member")]


def test_only_root_grants_root(acting: Session, session: Session, member: User) -> None:
    with pytest.raises(Refused) as refused:
        grant(acting, GrantDraft("member", ("report", "ROOT")), actor=ACTOR, by_root=False)
    acting.rollback()

    assert refused.value.status == 403
    assert held(session, member) == []


def test_two_at_once_give_one_row(app: Flask, session: Session, realm: Realm, member: User) -> None:
    def once(_: int) -> int:
        with app.app_context():
            scope(db.session(), realm.id)
            done = grant(db.session(), GrantDraft("member", ("report",)), actor=ACTOR, by_root=True)
            db.session.commit()
            return len(done.granted)

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(once, range(4))) == [0, 0, 0, 1]
    assert held(session, member) == [("report", None)]


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


def test_every_capability_there_is_can_be_granted(
    acting: Session, session: Session, realm: Realm, member: User
) -> None:
    make_app(session, realm, "amazon")
    names = tuple(capabilities())

    done = grant(acting, GrantDraft("member", names, ("amazon",)), actor=ACTOR, by_root=True)
    acting.commit()

    assert {row.cap for row in done.granted} == set(names)
    assert len(held(session, member)) == len(names)
