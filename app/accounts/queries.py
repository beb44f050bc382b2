"""What is asked of accounts; callers execute."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.models import ApiKey, Invitation, Membership, SavedView, SignInSession, User

IDLE = timedelta(days=30)


def user_named(name: str) -> Select[User]:
    """Select the account of a login name, given in any case."""
    return select(User).where(User.name == name.strip().lower())


def sign_in_session(token_hash: bytes, now: datetime) -> Select[SignInSession]:
    """Select the running session of a cookie, with its active person; 30 days without a visit end it."""
    return (
        select(SignInSession)
        .join(SignInSession.user)
        .options(contains_eager(SignInSession.user))
        .where(
            SignInSession.token_hash == token_hash,
            SignInSession.ended_at.is_(None),
            SignInSession.last_seen_at > now - IDLE,
            User.active,
        )
    )


def own_sessions(user_id: int, now: datetime) -> Select[SignInSession]:
    """Select the running sessions of a person, newest first."""
    return (
        select(SignInSession)
        .where(
            SignInSession.user_id == user_id,
            SignInSession.ended_at.is_(None),
            SignInSession.last_seen_at > now - IDLE,
        )
        .order_by(SignInSession.created_at.desc(), SignInSession.id.desc())
    )


@cache
def live_key() -> Select[*tuple[Any, ...]]:
    """Select the key with ``key_hash`` that works at ``now``, and its active account; built once for all requests."""
    key = (ApiKey.id, ApiKey.prefix, ApiKey.realm_id, ApiKey.scopes, ApiKey.expires_at, ApiKey.revoked_at)
    return (
        select(*key, ApiKey.last_used_at, ApiKey.user_id, User.name, User.display_name, User.active)
        .join(ApiKey.user)
        .where(
            ApiKey.hash == bindparam("key_hash"),
            ApiKey.revoked_at.is_(None),
            or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > bindparam("now")),
            User.active,
        )
    )


def keys(*, user_id: int | None = None, text: str = "", states: Sequence[str] = (), now: datetime) -> Select[ApiKey]:
    """Select keys of the realm with their accounts; ``text`` searches notes, prefixes and account names."""
    query = select(ApiKey).join(ApiKey.user).options(contains_eager(ApiKey.user))
    if user_id is not None:
        query = query.where(ApiKey.user_id == user_id)
    if text:
        needle = text[:200]
        query = query.where(
            or_(
                ApiKey.note.icontains(needle, autoescape=True),
                ApiKey.prefix.startswith(needle[:11], autoescape=True),
                User.name.startswith(needle.lower(), autoescape=True),
            )
        )
    over = and_(ApiKey.revoked_at.is_(None), ApiKey.expires_at <= now)
    live = and_(ApiKey.revoked_at.is_(None), or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now))
    kinds = {"live": live, "expired": over, "revoked": ApiKey.revoked_at.is_not(None)}
    chosen = [kinds[state] for state in states if state in kinds]
    return query.where(or_(*chosen)) if chosen else query


def members(*, text: str = "", role: str = "", kind: str = "") -> Select[Membership]:
    """Select live memberships of the realm with their accounts; ``text`` searches names and addresses."""
    query = (
        select(Membership)
        .join(Membership.user)
        .options(contains_eager(Membership.user))
        .where(Membership.archived_at.is_(None))
    )
    if text:
        needle = text[:200]
        fields = (User.name, User.display_name, func.coalesce(User.email, ""))
        query = query.where(or_(*(field.icontains(needle, autoescape=True) for field in fields)))
    if role:
        query = query.where(Membership.role == role)
    return query.where(User.kind == kind) if kind else query


def open_invitations(now: datetime) -> Select[Invitation]:
    """Select invitations of the realm that can still be used, newest first."""
    return (
        select(Invitation)
        .where(Invitation.used_at.is_(None), Invitation.withdrawn_at.is_(None), Invitation.expires_at > now)
        .order_by(Invitation.created_at.desc(), Invitation.id.desc())
    )


def invitation(token_hash: bytes) -> Select[Invitation]:
    """Select the invitation of a link; across realms, so only within `unscoped`."""
    return select(Invitation).where(Invitation.token_hash == token_hash)


def member(user_id: int) -> Select[Membership]:
    """Select the live membership of an account in the realm, with the account."""
    return (
        select(Membership)
        .options(joinedload(Membership.user, innerjoin=True))
        .where(Membership.user_id == user_id, Membership.archived_at.is_(None))
    )


def saved_views(user_id: int, *, page: str = "", text: str = "") -> Select[SavedView]:
    """Select a person's own saved views and those others share, with their owners; perhaps of one list."""
    query = select(SavedView).join(SavedView.user).options(contains_eager(SavedView.user))
    query = query.where(or_(SavedView.user_id == user_id, SavedView.shared))
    if text:
        query = query.where(SavedView.name.icontains(text[:200], autoescape=True))
    return query.where(SavedView.page == page) if page else query
