"""Issue bearer keys and take them back."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts import tokens
from app.accounts.models import ApiKey, User
from app.changes.actor import Actor
from app.changes.log import record
from app.db import utcnow
from app.refusal import Problem, Refused

SHORTEST, LONGEST = timedelta(days=1), timedelta(days=731)
MOST_GRACE = 7
LONGEST_NOTE = 200


@dataclass(frozen=True, slots=True)
class KeyDraft:
    """What a key is for, what it may do, and until when (null: until revoked)."""

    note: str
    scopes: tuple[str, ...]
    expires_at: datetime | None = None


def issue_key(
    session: Session, draft: KeyDraft, *, user: User, held: Container[str], actor: Actor
) -> tuple[ApiKey, str]:
    """Make a key of an account in the realm of the session; return it and its text, which is not kept.

    Raises Refused naming each of ``note``, ``scopes`` (none, or one the account does not hold) and ``expires_at``
    (1 day to 2 years ahead) that is wrong.
    """
    problems = [*_bad_note(draft.note), *_bad_scopes(draft.scopes, held), *_bad_expiry(draft.expires_at)]
    if problems:
        raise Refused(*problems)
    text = tokens.new_key()
    key = ApiKey(
        realm_id=session.info["realm_id"],
        user_id=user.id,
        note=draft.note.strip(),
        prefix=text[: tokens.SHOWN],
        hash=tokens.digest(text),
        scopes=sorted(set(draft.scopes)),
        expires_at=draft.expires_at,
    )
    session.add(key)
    session.flush()
    fields = [
        ("user", None, user.name),
        ("scopes", None, key.scopes),
        ("expires_at", None, key.expires_at),
        ("hash", None, key.hash),
    ]
    record(session, "apikey.issued", "apikey", key.id, _label(key), actor, fields=fields)
    return key, text


def rotate_key(
    session: Session, key_id: UUID, *, days: int, user: User, held: Container[str], actor: Actor
) -> tuple[ApiKey, str]:
    """Make a key that takes over from an own one, which works for some days more; return it and its text.

    It has the note, the length of life, and of the scopes those the account still holds. Raises Refused 404 for
    another's key, 409 for one that is over, 422 (field ``days``) beyond 0 to 7, (``scopes``) when nothing is left.
    """
    old = _live_key(session, key_id, user)
    if not 0 <= days <= MOST_GRACE:
        raise Refused(
            Problem("out_of_range", f"The old key works 0 to {MOST_GRACE} days more.", "days", str(days)[:20])
        )
    now = utcnow()
    life = old.expires_at - old.created_at if old.expires_at is not None else None
    scopes = tuple(scope for scope in old.scopes if scope in held)
    draft = KeyDraft(old.note, scopes, now + max(life, SHORTEST) if life is not None else None)
    key, text = issue_key(session, draft, user=user, held=held, actor=actor)
    before, until = old.expires_at, now + timedelta(days=days)
    old.expires_at, old.updated_at = min(before or until, until), now
    session.flush()
    fields = [("expires_at", before, old.expires_at), ("successor", None, key.prefix)]
    record(session, "apikey.rotated", "apikey", old.id, _label(old), actor, fields=fields)
    return key, text


def expire_key(session: Session, key_id: UUID, *, user: User, actor: Actor) -> ApiKey:
    """Let an own key expire now; raises Refused 404 for another's, 409 ``already_expired`` for one that is over."""
    key = _live_key(session, key_id, user)
    old, key.expires_at = key.expires_at, utcnow()
    key.updated_at = key.expires_at
    session.flush()
    fields = [("expires_at", old, key.expires_at)]
    record(session, "apikey.expired", "apikey", key.id, _label(key), actor, fields=fields)
    return key


def revoke_key(session: Session, key_id: UUID, *, user: User | None, actor: Actor) -> ApiKey:
    """Take a key back for good; ``user`` limits to their own keys, None reaches every key of the realm.

    Raises Refused 404 for an unknown or another's key, 409 for one that is over already.
    """
    key = _live_key(session, key_id, user)
    key.revoked_at = key.updated_at = utcnow()
    session.flush()
    fields = [("revoked_at", None, key.revoked_at)]
    record(session, "apikey.revoked", "apikey", key.id, _label(key), actor, fields=fields)
    return key


def _live_key(session: Session, key_id: UUID, user: User | None) -> ApiKey:
    key = session.scalar(select(ApiKey).where(ApiKey.id == key_id))
    if key is None or (user is not None and key.user_id != user.id):
        raise Refused(Problem("not_found", "There is no such key."), status=404)
    state = key.state(utcnow())
    if state != "live":
        raise Refused(Problem(f"already_{state}", f"This key is already {state}."), status=409)
    return key


def _label(key: ApiKey) -> str:
    return f"{key.prefix} {key.note}"


def _bad_note(note: str) -> list[Problem]:
    if not note.strip():
        return [Problem("required", "Say what the key is for.", "note")]
    if len(note.strip()) > LONGEST_NOTE:
        return [Problem("too_long", f"Use at most {LONGEST_NOTE} characters.", "note")]
    return []


def _bad_scopes(scopes: tuple[str, ...], held: Container[str]) -> list[Problem]:
    if not scopes:
        return [Problem("required", "Choose at least one thing the key may do.", "scopes")]
    return [
        Problem("not_held", f"The account does not hold {scope}.", "scopes", scope)
        for scope in scopes
        if scope not in held
    ]


def _bad_expiry(expires_at: datetime | None) -> list[Problem]:
    if expires_at is None:
        return []
    # An hour of grace: a form that says "1 day" is sent a while after the clock was read.
    ahead = expires_at - utcnow() + timedelta(hours=1)
    if SHORTEST <= ahead <= LONGEST + timedelta(hours=1):
        return []
    return [Problem("bad_expiry", "Choose a time between one day and two years ahead.", "expires_at")]
