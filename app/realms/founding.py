"""Make a realm: with its first slice, the settings Headwater reads, and someone who holds root."""

import re
import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actions.users import UserDraft, add_member, create_user
from app.accounts.models import Membership, Role, User
from app.accounts.queries import user_named
from app.changes.actor import Actor
from app.changes.log import record
from app.db import scope
from app.realms.actions.config import add_known
from app.realms.known import known_keys
from app.realms.models import CapGrant, Realm, RealmSlice
from app.realms.queries import realm_named
from app.realms.signals import realm_created
from app.refusal import Problem, Refused

NAME = re.compile(r"[a-z][a-z0-9_]{0,23}")
LONGEST_TEXT = 200
PASSWORD_BYTES = 12


@dataclass(frozen=True, slots=True)
class Founded:
    """The new realm, who holds root, and their password when the account was made for it (shown once)."""

    realm: Realm
    root: User
    password: str | None


def create_realm(session: Session, name: str, *, long: str, root: str, actor: Actor) -> Founded:
    """Make a realm, its active default slice and the root grant; flushes, ties the session to it, does not commit.

    An unknown ``root`` becomes an account with a random password. Raises Refused on a bad name or long name (422) and
    on a taken name (409 ``exists``).
    """
    _check(session, name, long)
    realm = Realm(shortname=name, shortnamelc=name.lower(), longname=long.strip(), setby=actor.name, payload={})
    session.add(realm)
    session.flush()
    scope(session, realm.id)
    record(session, "realm.created", "realm", realm.id, name, actor, fields=[("longname", None, realm.longname)])
    first = _add_slice(session, realm, actor)
    add_known(session, known_keys(realm_wide=True), None, actor=actor)
    add_known(session, known_keys(realm_wide=False), first.id, actor=actor)
    user, password = _find_root(session, root, actor)
    _grant_root(session, realm, user, actor)
    realm_created.send(realm, session=session, actor=actor)
    session.flush()
    return Founded(realm, user, password)


def _check(session: Session, name: str, long: str) -> None:
    problems = []
    if not NAME.fullmatch(name):
        words = "Use 1 to 24 lower-case letters, digits and underscores, beginning with a letter."
        problems.append(Problem("bad_name", words, "name", name[:100]))
    if not 1 <= len(long.strip()) <= LONGEST_TEXT:
        problems.append(Problem("bad_longname", f"Give a long name of 1 to {LONGEST_TEXT} characters.", "long"))
    if problems:
        raise Refused(*problems)
    if session.scalar(realm_named(name)) is not None:
        raise Refused(Problem("exists", f"There is a realm “{name}” already.", "name", name), status=409)


def _add_slice(session: Session, realm: Realm, actor: Actor) -> RealmSlice:
    first = RealmSlice(realm_id=realm.id, active=True, createdby=actor.name)
    session.add(first)
    session.flush()
    realm.default_slice_id = first.id
    record(session, "realmslice.created", "realmslice", first.id, f"{realm.shortname}/{first.id}", actor)
    return first


def _find_root(session: Session, name: str, actor: Actor) -> tuple[User, str | None]:
    user, password = session.scalar(user_named(name)), None
    if user is None:
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        user = create_user(session, UserDraft(name=name.strip().lower(), password=password), actor=actor)
    live = select(Membership.id).where(Membership.user_id == user.id, Membership.archived_at.is_(None))
    if session.scalar(live) is None:
        add_member(session, user, Role.OPERATOR, actor=actor)
    return user, password


def _grant_root(session: Session, realm: Realm, user: User, actor: Actor) -> None:
    row = CapGrant(realm_id=realm.id, user_id=user.id, cap="root", setby=actor.name)
    session.add(row)
    session.flush()
    record(session, "capgrant.granted", "capgrant", row.id, f"{user.name}: root", actor, fields=[("cap", None, "root")])
