"""Find out who a request speaks for: a bearer key on the API, a signed-in browser on pages, never both."""

from datetime import datetime, timedelta
from uuid import UUID

from flask import request
from flask import session as cookie
from sqlalchemy import update
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.accounts import queries, tokens
from app.accounts.models import ApiKey, SignInSession
from app.db import db, unscoped, utcnow
from app.driver import bound
from app.web.identity import Identity, KeyFacts, is_api, sent_key
from app.web.telemetry import after_answer

TOKEN = "token"  # noqa: S105 - the name of a cookie's member
# Last use is worth a write once a minute, not once a request.
NOTED_EVERY = timedelta(minutes=1)


def identify() -> Identity | None:
    """Return whom the key or cookie of the request speaks for, or None; one statement."""
    return _by_key() if is_api() else _by_session()


def _by_key() -> Identity | None:
    text = sent_key()
    return by_key(text, request.remote_addr) if text is not None else None


def by_key(text: str, address: str | None) -> Identity | None:
    """Return whom a key speaks for now, None when it does not work; one statement.

    That it was used from ``address`` is noted after the answer to the running request.
    """
    now, session = utcnow(), db.session()
    with unscoped(session, "the bearer key names the realm"):
        # Past the ORM, whose way to one row takes longer than the database's.
        found = bound(session).execute(queries.live_key(), {"key_hash": tokens.digest(text), "now": now})
        key = found.first()
    if key is None:
        return None
    if _is_due(key.last_used_at, now):
        key_id = key.id
        after_answer(lambda session: _note(session, ApiKey, key_id, now, address))
    facts = KeyFacts(str(key.id), key.prefix, key.realm_id, frozenset(key.scopes), key.expires_at, key.revoked_at)
    return Identity(key.user_id, key.name, key.display_name, key.active, key=facts)


def _by_session() -> Identity | None:
    token = cookie.get(TOKEN)
    if not isinstance(token, str):
        return None
    now = utcnow()
    row = db.session().scalar(queries.sign_in_session(tokens.digest(token), now))
    if row is None:
        return None
    if _is_due(row.last_seen_at, now):
        row_id = row.id
        after_answer(lambda session: _note(session, SignInSession, row_id, now, None))
    return Identity(row.user_id, row.user.name, row.user.display_name, row.user.active, session_id=str(row.id))


def _is_due(last: datetime | None, now: datetime) -> bool:
    return last is None or now - last >= NOTED_EVERY


def _note(
    session: Session, model: type[ApiKey | SignInSession], row_id: UUID, now: datetime, address: str | None
) -> None:
    if issubclass(model, ApiKey):
        values: dict[InstrumentedAttribute[object], object] = {model.last_used_at: now, model.last_used_from: address}
    else:
        values = {model.last_seen_at: now}
    session.execute(update(model).where(model.id == row_id).values(values))
