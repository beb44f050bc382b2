"""Handing capabilities out and taking them back."""

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
from app.realms.actions import GrantDraft, grant
from app.realms.models import CapGrant, Realm
from app.refusal import Refused
from app.web.capabilities import capabilities
from tests.factories import make_app, make_grant

ACTOR = Actor("owner", "session", "r1", "127.0.0.1")
TOMORROW = timedelta(days=1)


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


def test_every_capability_there_is_can_be_granted(
    acting: Session, session: Session, realm: Realm, member: User
) -> None:
    make_app(session, realm, "amazon")
    names = tuple(capabilities())

    done = grant(acting, GrantDraft("member", names, ("amazon",)), actor=ACTOR, by_root=True)
    acting.commit()

    assert {row.cap for row in done.granted} == set(names)
    assert len(held(session, member)) == len(names)
