"""Commands for accounts, keys and grants; what they print is relied on by scripts."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import queries as accounts
from app.accounts.actions.keys import KeyDraft, expire_key, issue_key
from app.accounts.actions.sessions import set_password
from app.accounts.actions.users import UserDraft, add_member, create_user
from app.accounts.models import ApiKey, Membership, Role, User, UserKind
from app.changes.actor import CLI
from app.db import db, scope, utcnow
from app.realms import queries
from app.realms.actions import GrantDraft, grant
from app.realms.decision import find_standing
from app.realms.models import CapGrant, Realm
from app.refusal import Problem, Refused
from app.web.capabilities import capabilities
from app.web.identity import Identity

realms_group = AppGroup("realms", help="Realms, and who may do what in them.")
user_group = AppGroup("user", help="Accounts of people and programs.")
key_group = AppGroup("key", help="Bearer keys of programs.")
groups = (realms_group, user_group, key_group)


@user_group.command("add")
@click.argument("name")
@click.option("--realm", required=True, help="The realm to let the account into.")
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), default=Role.CUSTOMER.value, show_default=True
)
@click.option("--cap", "caps", multiple=True, help="A capability to grant; repeat for more. [default: jobs.read]")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--service", is_flag=True, help="A program: it holds keys, nobody signs in.")
def user_add(name: str, realm: str, role: str, *, caps: tuple[str, ...], password_stdin: bool, service: bool) -> None:
    """Let an account into a realm, making it when it is new.

    A known account keeps its password. Providers also get jobs.write unless --cap says otherwise.
    """
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else ""
    with writing(realm) as session:
        if password_stdin and not password:
            raise Refused(Problem("required", "No password on standard input."))
        user = session.scalar(accounts.user_named(name))
        if user is None:
            kind = UserKind.SERVICE if service else UserKind.PERSON
            user = create_user(session, UserDraft(name, password=password, kind=kind), actor=CLI)
        elif password_stdin:
            raise Refused(Problem("exists", f"{name} has an account already; its password stays as it is."))
        add_member(session, user, Role(role), actor=CLI)
        asked = caps or (("jobs.read", "jobs.write") if role == Role.PROVIDER else ("jobs.read",))
        grant(session, GrantDraft(user.name, asked), actor=CLI, by_root=True)
    click.echo(f"{name} is a {role} of {realm}: {', '.join(asked)}")


@user_group.command("password")
@click.argument("name")
def user_password(name: str) -> None:
    """Set the password of an account from standard input, and end its sessions."""
    password = sys.stdin.readline().rstrip("\r\n")
    with writing() as session:
        user = session.scalar(accounts.user_named(name))
        if user is None:
            raise Refused(Problem("unknown_user", f"There is no account {name}."))
        set_password(session, user, password, None, actor=CLI)
    click.echo(f"{name} has a new password.")


@user_group.command("show")
@click.argument("name")
@click.option("--realm", required=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def user_show(name: str, realm: str, as_json: bool) -> None:
    """Show an account and what it holds in a realm."""
    with reading(realm) as session:
        user, member = _member(session, name)
        held = session.execute(queries.grants(user=user.name, now=utcnow()).order_by(CapGrant.id)).all()
        facts: dict[str, Any] = {
            "id": user.id,
            "name": user.name,
            "display_name": user.display_name,
            "kind": user.kind.value,
            "email": user.email,
            "active": user.active,
            "realm": realm,
            "role": member.role.value if member else None,
            "created_at": user.created_at.isoformat(),
            "grants": [
                {"cap": row[0].cap, "app": row[2], "from": _text(row[0].from_), "to": _text(row[0].to)} for row in held
            ],
        }
    if as_json:
        click.echo(json.dumps(facts))
        return
    for label, value in facts.items():
        text = ", ".join(each["cap"] for each in value) if label == "grants" else value
        click.echo(f"{label}: {'' if text is None else text}")


@key_group.command("issue")
@click.option("--realm", required=True)
@click.option("--user", "name", required=True, help="The account the key speaks for.")
@click.option("--note", required=True, help="What the key is for.")
@click.option("--scope", "scopes", multiple=True, required=True, help="What it may do; repeat for more.")
@click.option("--expires", type=int, metavar="DAYS", help="Days until it expires. [default: never]")
def key_issue(realm: str, name: str, note: str, scopes: tuple[str, ...], expires: int | None) -> None:
    """Issue a key and print it, alone; it is not kept and cannot be shown again."""
    with writing(realm) as session:
        user, _membership = _member(session, name)
        if expires is not None and not 1 <= expires <= 731:  # noqa: PLR2004 - two years, a leap day included
            raise Refused(Problem("bad_expiry", "A key lives from 1 day to 2 years (731 days)."))
        expires_at = utcnow() + timedelta(days=expires) if expires else None
        draft = KeyDraft(note, tuple(scope.lower() for scope in scopes), expires_at)
        _key, text = issue_key(session, draft, user=user, held=_held(user, session.info["realm_id"]), actor=CLI)
    click.echo(text)


@key_group.command("list")
@click.option("--realm", required=True)
@click.option("--user", "name", help="Only those of an account.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def key_list(realm: str, name: str | None, *, as_json: bool) -> None:
    """List keys, newest first: what is shown of them, whose they are, how they stand."""
    now = utcnow()
    with reading(realm) as session:
        user = _member(session, name)[0] if name else None
        rows = session.scalars(
            accounts.keys(user_id=user.id if user else None, now=now).order_by(ApiKey.created_at.desc()).limit(1_000)
        )
        found = [
            {"id": str(key.id), "key": f"{key.prefix}*******", "user": key.user.name, "note": key.note,
             "state": key.state(now), "expires_at": _text(key.expires_at), "last_used_at": _text(key.last_used_at)}
            for key in rows
        ]  # fmt: skip
    if as_json:
        click.echo(json.dumps(found))
        return
    for each in found:
        click.echo(f"{each['id']}  {each['key']}  {each['state']:<8} {each['user']}: {each['note']}")


@key_group.command("expire")
@click.argument("key_id", type=click.UUID)
@click.option("--realm", required=True)
def key_expire(key_id: UUID, realm: str) -> None:
    """Let a key expire now; ids are those that list prints."""
    with writing(realm) as session:
        key = session.scalar(select(ApiKey).where(ApiKey.id == key_id))
        user = session.get(User, key.user_id) if key is not None else None
        if user is None:
            raise Refused(Problem("not_found", "There is no such key."), status=404)
        expired = expire_key(session, key_id, user=user, actor=CLI)
    click.echo(f"{expired.prefix}******* has expired.")


@realms_group.command("grant")
@click.argument("realm")
@click.argument("user")
@click.argument("cap")
@click.option("--app", help="The app, for capabilities that belong to one.")
def realms_grant(realm: str, user: str, cap: str, app: str | None) -> None:
    """Grant a capability, root included, for when nobody with root is left; logged."""
    with writing(realm) as session:
        done = grant(session, GrantDraft(user, (cap,), (app,) if app else ()), actor=CLI, by_root=True)
    click.echo(f"{user} now holds {cap}." if done.granted else f"{user} held {cap} already.")


@contextmanager
def writing(realm: str | None = None) -> Iterator[Session]:
    """Give a session tied to the realm, and commit; a refusal is told on standard error with exit status 1."""
    with reading(realm) as session:
        yield session
        session.commit()


@contextmanager
def reading(realm: str | None = None) -> Iterator[Session]:
    """Give a session tied to the realm; a refusal is told on standard error with exit status 1."""
    session = db.session()
    try:
        if realm is not None:
            scope(session, _realm(session, realm).id)
        yield session
    except Refused as refusal:
        session.rollback()
        for problem in refusal.problems:
            click.echo(problem.detail, err=True)
        raise SystemExit(1) from None


def _realm(session: Session, name: str) -> Realm:
    found = session.scalar(queries.realm_named(name))
    if found is None:
        raise Refused(Problem("unknown_realm", f"There is no realm {name}."))
    return found


def _member(session: Session, name: str) -> tuple[User, Membership | None]:
    """Return an account that belongs to the realm of the session or holds something in it."""
    user = session.scalar(accounts.user_named(name))
    member = session.scalar(accounts.member(user.id)) if user else None
    holds = select(CapGrant.id).where(CapGrant.user_id == user.id).limit(1) if user else None
    if user is None or holds is None or (member is None and session.scalar(holds) is None):
        raise Refused(Problem("unknown_user", f"There is no account {name} in this realm."))
    return user, member


def _held(user: User, realm_id: int) -> frozenset[str]:
    who = Identity(user.id, user.name, user.display_name, user.active)
    standing = find_standing(who, Realm.id == realm_id)
    return frozenset(name for name in capabilities() if standing and standing.holds(name))


def _text(moment: Any) -> str | None:
    return moment.isoformat() if moment else None
