"""A request sent again under the same Idempotency-Key is carried out once and answered alike for 24 hours."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import wraps
from typing import Any, Final, TypeVar

from flask import Response, g, json, make_response, request
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.accounts.models.idempotency import IdempotencyKey
from app.db import db, utcnow
from app.refusal import Problem, Refused

HEADER: Final = "Idempotency-Key"
KEPT: Final = timedelta(hours=24)
LONGEST: Final = 200
ONCE: Final = ("secret", "url")
BATCHES: Final = ("application/x-ndjson", "application/ndjson", "application/jsonl")
View = TypeVar("View", bound=Callable[..., Any])


def idempotent(view: View) -> View:
    """Let an API view that writes honour the header; its changes and the answer are one transaction.

    The same key with another request is refused (422 ``key_reused``). What the first answer showed once is null when
    it is repeated. Lists have a rule of their own for what comes again and are left alone.
    """

    @wraps(view)
    def kept(*args: Any, **kwargs: Any) -> Any:
        key = request.headers.get(HEADER)
        if key is None or _is_list():
            return view(*args, **kwargs)
        if not key.isprintable() or not 1 <= len(key) <= LONGEST:
            raise Refused(Problem("bad_key", f"{HEADER} is 1 to {LONGEST} printable characters.", HEADER))
        session, asked = db.session(), _digest()
        _in_turn(session, key)
        known = session.scalar(_find(key))
        if known is not None and known.expires_at > utcnow():
            return _again(session, known, asked)
        with _held(session):
            answer = make_response(view(*args, **kwargs))
        if known is not None:
            session.delete(known)
            session.flush()
        _keep(session, key, asked, answer)
        session.commit()
        return answer

    return kept  # type: ignore[return-value]


def _find(key: str) -> Any:
    mine = (IdempotencyKey.user_id == g.standing.who.user_id, IdempotencyKey.key == key)
    return select(IdempotencyKey).where(*mine)


def _again(session: Session, known: IdempotencyKey, asked: bytes) -> Response:
    if known.body != asked:
        raise Refused(Problem("key_reused", "This key came with another request before.", HEADER))
    session.rollback()
    return Response(known.answer, known.status, {"Idempotent-Replayed": "true"}, content_type="application/json")


def _keep(session: Session, key: str, asked: bytes, answer: Response) -> None:
    realm_id, now = session.info["realm_id"], utcnow()
    over = (IdempotencyKey.realm_id == realm_id, IdempotencyKey.expires_at < now)
    session.execute(delete(IdempotencyKey).where(*over).execution_options(synchronize_session=False))
    given = answer.get_json(silent=True)
    if isinstance(given, dict) and "secret" in given:
        given = {name: None if name in ONCE else value for name, value in given.items()}
    session.add(
        IdempotencyKey(
            realm_id=realm_id, user_id=g.standing.who.user_id, key=key, body=asked, status=answer.status_code,
            answer=json.dumps(given), expires_at=now + KEPT,
        )
    )  # fmt: skip


def _digest() -> bytes:
    head = f"{request.method} {request.full_path} {request.mimetype}\n".encode()
    return hashlib.sha256(head + request.get_data()).digest()


def _is_list() -> bool:
    return request.mimetype in BATCHES or request.get_data()[:100].lstrip()[:1] == b"["


def _in_turn(session: Session, key: str) -> None:
    """Let the same request wait that comes meanwhile; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        turn = func.hashtextextended(f"{session.info['realm_id']} {g.standing.who.user_id} {key}", 1)
        session.execute(select(func.pg_advisory_xact_lock(turn)))


@contextmanager
def _held(session: Session) -> Iterator[None]:
    """Let commits within wait for the one that ends the request."""
    session.info["held"] = True
    try:
        yield
    finally:
        session.info["held"] = False
