"""Make accounts, and let them into realms."""

import re
from dataclasses import asdict, dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Membership, Role, User, UserKind
from app.accounts.passwords import complaint, hashed
from app.changes.actor import Actor
from app.changes.log import record, record_update
from app.db import utcnow
from app.refusal import Problem, Refused

NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{0,99}")
LONGEST_TEXT, LONGEST_EMAIL = 200, 511


@dataclass(frozen=True, slots=True)
class UserDraft:
    """What a new account starts with; without a password nobody can sign in to it."""

    name: str
    display_name: str = ""
    email: str = ""
    password: str = ""
    kind: UserKind = UserKind.PERSON


def create_user(session: Session, draft: UserDraft, *, actor: Actor) -> User:
    """Make an account and log it; flushes, does not commit.

    Raises Refused naming each bad field (422), or 409 ``exists`` when name or e-mail belong to another account.
    """
    email = draft.email.strip().lower()
    problems = [problem for problem in (_bad_name(draft.name), _bad_text(draft), _bad_email(email)) if problem]
    if draft.password and (weak := complaint(draft.password, draft.name)):
        problems.append(weak)
    if problems:
        raise Refused(*problems)
    _refuse_taken(session, draft.name, email)
    user = User(
        name=draft.name,
        display_name=draft.display_name.strip() or draft.name,
        email=email or None,
        password=hashed(draft.password) if draft.password else None,
        kind=draft.kind,
    )
    session.add(user)
    session.flush()
    fields = [("name", None, user.name), ("kind", None, user.kind), ("email", None, user.email)]
    record(session, "user.created", "user", user.id, user.name, actor, fields=fields)
    return user


@dataclass(frozen=True, slots=True)
class ProfileDraft:
    """What people may change about themselves."""

    display_name: str
    email: str = ""
    first_name: str = ""
    last_name: str = ""


def edit_profile(session: Session, user: User, draft: ProfileDraft, *, actor: Actor) -> None:
    """Save what a person says about themselves; what did not change is not logged.

    Raises Refused 422 on a bad ``email``, 409 when another account has it.
    """
    email = draft.email.strip().lower() or None
    if problem := _bad_email(email or ""):
        raise Refused(problem)
    if email and session.scalar(select(User.id).where(User.email == email, User.id != user.id)) is not None:
        raise Refused(Problem("exists", "Another account has this e-mail address.", "email", email), status=409)
    after = {**asdict(draft), "email": email}
    before = {name: getattr(user, name) for name in after}
    if not record_update(session, "user.updated", "user", user.id, user.name, actor, before=before, after=after):
        return
    for name, value in after.items():
        setattr(user, name, value)
    user.updated_at = utcnow()
    session.flush()


def add_member(session: Session, user: User, role: Role, *, actor: Actor) -> Membership:
    """Let an account into the realm of the session, or back into it; logged, flushed.

    Raises Refused 409 ``exists`` when it is in already.
    """
    member = session.scalar(select(Membership).where(Membership.user_id == user.id))
    if member is not None and member.is_live:
        raise Refused(
            Problem("exists", f"{user.name} is a member of this realm already.", "name", user.name), status=409
        )
    if member is None:
        member = Membership(realm_id=session.info["realm_id"], user_id=user.id, role=role, created_by=actor.name)
        session.add(member)
        verb = "membership.created"
    else:
        member.archived_at = member.archived_by = member.archived_why = member.archive_set = None
        member.role, member.updated_at = role, utcnow()
        verb = "membership.restored"
    session.flush()
    record(session, verb, "membership", member.id, user.name, actor, fields=[("role", None, role)])
    return member


def _bad_name(name: str) -> Problem | None:
    if NAME.fullmatch(name):
        return None
    hint = "Use 1 to 100 lower-case letters, digits, dots, dashes, underscores or @, beginning with a letter or digit."
    return Problem("bad_name", hint, "name", name[:100])


def _bad_text(draft: UserDraft) -> Problem | None:
    if len(draft.display_name) <= LONGEST_TEXT:
        return None
    return Problem("too_long", f"Use at most {LONGEST_TEXT} characters.", "display_name")


def _bad_email(email: str) -> Problem | None:
    if not email or (len(email) <= LONGEST_EMAIL and re.fullmatch(r"[^@\s\x00]+@[^@\s\x00]+", email)):
        return None
    return Problem("bad_email", "Enter an e-mail address like name@example.org.", "email", email[:100])


def _refuse_taken(session: Session, name: str, email: str) -> None:
    if session.scalar(select(User.id).where(User.name == name)) is not None:
        raise Refused(Problem("exists", f"The name “{name}” is taken.", "name", name), status=409)
    if email and session.scalar(select(User.id).where(User.email == email)) is not None:
        raise Refused(Problem("exists", "Another account has this e-mail address.", "email", email), status=409)
