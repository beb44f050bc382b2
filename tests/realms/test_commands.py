"""Commands that scripts rely on: what they print, where, and how they end."""

import json
import re
from datetime import timedelta

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import ApiKey, Membership, SignInSession, User
from app.accounts.passwords import matches
from app.changes.models import Change
from app.db import utcnow
from app.realms.models import CapGrant, Realm
from tests.browser import Browser
from tests.factories import PASSWORD, make_app, make_grant, make_user


def run(app: Flask, *args: str, stdin: str = "") -> Result:
    """Run a command as ``headwater`` does."""
    name, *rest = args
    return app.test_cli_runner().invoke(app.cli.commands[name], rest, input=stdin)


def caps(session: Session, name: str) -> list[str]:
    query = select(CapGrant.cap).join(User, User.id == CapGrant.user_id).where(User.name == name)
    return list(session.scalars(query.order_by(CapGrant.cap)))


@pytest.mark.usefixtures("realm")
def test_a_new_account_reads_jobs(app: Flask, session: Session) -> None:
    result = run(app, "user", "add", "ada", "--realm", "acme")

    assert (result.exit_code, result.stderr) == (0, "")
    user = session.scalars(select(User)).one()
    assert (user.name, user.kind, user.password) == ("ada", "person", None)
    assert session.scalars(select(Membership)).one().role == "customer"
    assert caps(session, "ada") == ["jobs.read"]


@pytest.mark.usefixtures("realm")
def test_a_provider_also_writes_jobs_unless_caps_are_named(app: Flask, session: Session) -> None:
    run(app, "user", "add", "airflow", "--realm", "acme", "--role", "provider", "--service")
    named = ("--cap", "lineage.write", "--cap", "report")
    run(app, "user", "add", "spark", "--realm", "acme", "--role", "provider", *named)

    assert caps(session, "airflow") == ["jobs.read", "jobs.write"]
    assert caps(session, "spark") == ["lineage.write", "report"]
    assert session.scalars(select(User.kind).where(User.name == "airflow")).one() == "service"


@pytest.mark.usefixtures("realm")
def test_the_password_comes_from_standard_input_and_works(app: Flask, visitor: Browser) -> None:
    result = run(app, "user", "add", "ada", "--realm", "acme", "--password-stdin", stdin="battery staple\n")

    assert result.exit_code == 0
    assert "battery" not in result.output
    assert visitor.post("/sign-in", {"name": "ada", "password": "battery staple"}).status_code == 303


@pytest.mark.parametrize(
    ("args", "stdin", "words"),
    [
        (("ada", "--realm", "nosuch"), "", "no realm nosuch"),
        (("Ada L", "--realm", "acme"), "", "lower-case"),
        (("ada", "--realm", "acme", "--cap", "nosuch"), "", "nosuch"),
        (("ada", "--realm", "acme", "--password-stdin"), "short\n", "at least 10"),
        (("ada", "--realm", "acme", "--password-stdin"), "", "No password"),
        (("owner", "--realm", "acme"), "", "member of this realm already"),
    ],
)
def test_a_refusal_is_told_on_standard_error_and_leaves_nothing(
    app: Flask, session: Session, owner: User, args: tuple[str, ...], stdin: str, words: str
) -> None:
    result = run(app, "user", "add", *args, stdin=stdin)

    assert (result.exit_code, result.stdout) == (1, "")
    assert words in result.stderr
    assert session.scalars(select(User.name)).all() == [owner.name]
    assert session.scalars(select(Change)).all() == []


@pytest.mark.usefixtures("realm")
def test_an_account_of_another_realm_joins_and_keeps_its_password(app: Flask, session: Session, stranger: User) -> None:
    assert run(app, "user", "add", "stranger", "--realm", "acme").exit_code == 0

    assert matches(PASSWORD, session.scalars(select(User.password)).one())
    assert len(session.scalars(select(Membership).where(Membership.user_id == stranger.id)).all()) == 2


def test_show_prints_one_json_object(app: Flask, session: Session, realm: Realm, member: User) -> None:
    make_grant(session, member, realm, "report", to=utcnow() + timedelta(days=1))

    told = json.loads(run(app, "user", "show", "member", "--realm", "acme", "--json").stdout)

    assert (told["id"], told["name"], told["role"], told["active"]) == (member.id, "member", "customer", True)
    assert [(each["cap"], each["app"]) for each in told["grants"]] == [("report", None)]
    assert "password" not in told
    assert f"id: {member.id}\n" in run(app, "user", "show", "member", "--realm", "acme").stdout


@pytest.mark.usefixtures("realm")
def test_show_knows_nobody_from_another_realm(app: Flask, stranger: User) -> None:
    result = run(app, "user", "show", stranger.name, "--realm", "acme", "--json")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "no account stranger in this realm" in result.stderr


def test_issue_prints_the_key_alone_and_it_works(app: Flask, session: Session, owner: User, visitor: Browser) -> None:
    result = run(app, "key", "issue", "--realm", "acme", "--user", owner.name, "--note", "ci", "--scope", "report")

    assert (result.exit_code, result.stderr) == (0, "")
    assert re.fullmatch(r"hw_[A-Za-z0-9_-]{43}\n", result.stdout)
    assert visitor.api("GET", "/api/v1/changes", result.stdout.strip()).status_code == 200
    assert session.scalars(select(ApiKey)).one().expires_at is None
    entry = session.scalars(select(Change)).one()
    assert (entry.verb, entry.who, entry.via) == ("apikey.issued", "SYSTEM", "cli")


@pytest.mark.usefixtures("owner")
def test_a_key_may_expire(app: Flask, session: Session) -> None:
    args = ("--realm", "acme", "--user", "owner", "--note", "ci", "--scope", "REPORT", "--scope", "root")

    assert run(app, "key", "issue", *args, "--expires", "30").exit_code == 0

    row = session.scalars(select(ApiKey)).one()
    assert row.expires_at is not None
    assert timedelta(days=29) < row.expires_at - utcnow() < timedelta(days=31)
    assert row.scopes == ["report", "root"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"--scope": "lineage.write"}, "does not hold lineage.write"),
        ({"--scope": "nosuch"}, "nosuch"),
        ({"--note": " "}, "what the key is for"),
        ({"--user": "nobody"}, "no account nobody"),
        ({"--realm": "nosuch"}, "no realm nosuch"),
        ({"--expires": "0"}, "1 day to 2 years"),
        ({"--expires": "1000"}, "1 day to 2 years"),
    ],
)
def test_a_key_that_cannot_be_is_refused_with_nothing_on_standard_output(
    app: Flask, session: Session, realm: Realm, change: dict[str, str], words: str
) -> None:
    make_user(session, "reader", realm, "report")
    options = {"--realm": "acme", "--user": "reader", "--note": "ci", "--scope": "report", **change}

    result = run(app, "key", "issue", *(part for pair in options.items() for part in pair))

    assert (result.exit_code, result.stdout) == (1, "")
    assert words in result.stderr
    assert session.scalars(select(ApiKey)).all() == []


def test_grant_rescues_a_realm_without_root(app: Flask, session: Session, member: User) -> None:
    first = run(app, "realms", "grant", "acme", "member", "ROOT")
    again = run(app, "realms", "grant", "acme", "member", "root")

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert caps(session, member.name) == ["root"]
    assert session.scalars(select(Change.via)).all() == ["cli"]


def test_grant_says_what_is_unknown(app: Flask, session: Session, realm: Realm, member: User) -> None:
    make_app(session, realm, "amazon")

    for args in (("nosuch", "member", "report"), ("acme", "nobody", "report"), ("acme", "member", "nosuch")):
        result = run(app, "realms", "grant", *args)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "nosuch" in result.stderr or "nobody" in result.stderr
    assert run(app, "realms", "grant", "acme", "member", "report", "--app", "nosuch").exit_code == 1
    assert caps(session, member.name) == []


def test_a_new_password_by_command_ends_all_sessions(app: Flask, session: Session, client: Browser) -> None:
    result = run(app, "user", "password", "owner", stdin="battery staple\n")

    assert result.exit_code == 0
    assert session.scalars(select(SignInSession)).one().ended_at is not None
    assert client.get("/accounts/profile").status_code == 303
    assert run(app, "user", "password", "owner", stdin="short\n").exit_code == 1
