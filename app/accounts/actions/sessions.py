"""Sign in and out: sessions are rows, so ending one works at the very next request."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import passwords, tokens
from app.accounts.models import SignInSession, User
from app.changes.actor import Actor
from app.changes.log import Entry, record, record_many
from app.db import utcnow
from app.refusal import Problem, Refused


def open_session(session: Session, user: User, *, user_agent: str, actor: Actor) -> tuple[SignInSession, str]:
    """Begin a session of a person whose password was checked; return it with the token for the cookie."""
    token = tokens.new_token()
    row = SignInSession(
        user_id=user.id,
        token_hash=tokens.digest(token),
        last_seen_at=utcnow(),
        remote_addr=actor.remote_addr,
        user_agent=user_agent[:300],
    )
    session.add(row)
    session.flush()
    record(session, "session.opened", "session", row.id, user.name, actor)
    return row, token


def end_session(session: Session, user: User, session_id: UUID, *, actor: Actor) -> SignInSession:
    """End one of a person's own sessions; raises Refused 404 for one that is not theirs or has ended."""
    row = session.scalar(
        select(SignInSession).where(
            SignInSession.id == session_id, SignInSession.user_id == user.id, SignInSession.ended_at.is_(None)
        )
    )
    if row is None:
        raise Refused(Problem("not_found", "You have no such session."), status=404)
    _end(session, user, [row], actor)
    return row


def end_others(session: Session, user: User, keep: UUID | None, *, actor: Actor) -> int:
    """End all sessions of a person but one; return how many ended."""
    query = select(SignInSession).where(SignInSession.user_id == user.id, SignInSession.ended_at.is_(None))
    rows = [row for row in session.scalars(query) if row.id != keep]
    _end(session, user, rows, actor)
    return len(rows)


def change_password(session: Session, user: User, current: str, new: str, keep: UUID | None, *, actor: Actor) -> int:
    """Set a new password and end all other sessions; return how many ended.

    Raises Refused on ``current`` when it is not the password, on ``new`` when it is too weak.
    """
    if not passwords.matches(current, user.password):
        raise Refused(Problem("wrong_password", "This is not your present password.", "current"))
    return set_password(session, user, new, keep, actor=actor)


def set_password(session: Session, user: User, new: str, keep: UUID | None, *, actor: Actor) -> int:
    """Set a password without asking for the old one, and end sessions; raises Refused on ``new`` when too weak."""
    if weak := passwords.complaint(new, user.name, "new"):
        raise Refused(weak)
    old, user.password, user.updated_at = user.password, passwords.hashed(new), utcnow()
    session.flush()
    record(session, "user.updated", "user", user.id, user.name, actor, fields=[("password", old, user.password)])
    return end_others(session, user, keep, actor=actor)


def _end(session: Session, user: User, rows: Sequence[SignInSession], actor: Actor) -> None:
    for row in rows:
        row.ended_at = utcnow()
    record_many(session, [Entry("session.ended", "session", row.id, user.name) for row in rows], actor)
