"""Making a realm from the command line."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Membership, User
from app.changes.models import Change
from app.realms.models import CapGrant, Config, Realm, RealmSlice
from app.realms.signals import realm_created
from tests import factories
from tests.browser import Browser


def create(app: Flask, name: str, *, long: str = "Acme Corp.", root: str = "ann") -> tuple[int, str, str]:
    """Run the command; returns exit status, output and errors."""
    result = app.test_cli_runner().invoke(args=["realms", "create", name, "--long", long, "--root", root])
    return result.exit_code, result.stdout, result.stderr


def test_a_realm_starts_with_a_slice_and_a_root(app: Flask, session: Session) -> None:
    status, output, _ = create(app, "acme")

    realm, first = session.scalars(select(Realm)).one(), session.scalars(select(RealmSlice)).one()
    assert status == 0
    assert (realm.default_slice_id, first.active, first.activateat) == (first.id, True, None)
    assert [row.cap for row in session.scalars(select(CapGrant))] == ["root"]
    settings = session.scalars(select(Config).order_by(Config.name)).all()
    assert settings[0].name == "EDGE_DAYS"
    assert {(row.slice_id, row.val, row.ver, row.setby) for row in settings} == {(None, None, 1, "SYSTEM")}
    assert session.scalars(select(Membership)).one().is_live
    assert "Password of ann: " in output
    verbs = set(session.scalars(select(Change.verb)))
    assert {"realm.created", "realmslice.created", "user.created", "membership.created", "capgrant.granted"} <= verbs


def test_the_printed_password_signs_in(app: Flask, visitor: Browser) -> None:
    password = create(app, "acme")[1].split("Password of ann: ")[1].strip()

    answer = visitor.post("/sign-in", data={"name": "ann", "password": password})

    assert answer.status_code == 303


def test_a_known_account_keeps_its_password(app: Flask, session: Session) -> None:
    before = factories.make_user(session, "ann").password

    _status, output, _ = create(app, "acme")

    assert "Password" not in output
    assert session.scalars(select(User.password)).one() == before


@pytest.mark.parametrize("name", ["Acme", "a b", "1a", "a" * 25, "", "taken"])
def test_a_bad_or_taken_name_leaves_nothing(app: Flask, session: Session, name: str) -> None:
    factories.make_realm(session, "taken")

    status, _output, errors = create(app, name)

    assert status == 1
    assert errors.strip()
    assert session.scalars(select(Realm.shortname)).all() == ["taken"]
    assert session.scalars(select(User)).all() == []
    assert session.scalars(select(Change)).all() == []


def test_what_another_slice_owes_a_realm_comes_in_the_same_transaction(app: Flask, session: Session) -> None:
    def fail(_realm: object, **_: object) -> None:
        raise RuntimeError("a receiver failed")

    with realm_created.connected_to(fail):
        status, _output, _errors = create(app, "acme")

    assert status == 1
    assert session.scalars(select(Realm)).all() == []


def test_realms_are_listed(app: Flask, session: Session) -> None:
    factories.make_realm(session, "acme")

    assert app.test_cli_runner().invoke(args=["realms", "list"]).output == "acme\tAcme\n"
