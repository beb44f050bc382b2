"""Writes of programs stand in line, so that many senders at once wait a little longer instead of failing."""

from collections.abc import Callable
from functools import wraps
from threading import BoundedSemaphore
from time import monotonic
from typing import Any, Final, TypeVar

from flask import g, request
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from app.accounts.idempotent import HEADER, idempotent
from app.db import db
from app.jobs.api.admission import WRITES
from app.refusal import Refused
from app.web.guard import decide

# More threads at once only take the processor from the one that holds the lock of the database.
AT_ONCE: Final = 6
PATIENCE_S: Final = 25.0
View = TypeVar("View", bound=Callable[..., Any])
_line = BoundedSemaphore(AT_ONCE)


def together(view: View) -> View:
    """Let a view decide on its request together with others, or before them where it needs a transaction of its own.

    That is so with an Idempotency-Key. What cannot be read is refused only to those who may write.
    """

    @wraps(view)
    def deciding(*args: Any, **kwargs: Any) -> Any:
        if HEADER in request.headers:
            decide(WRITES)
            return in_line(idempotent(view))(*args, **kwargs)
        try:
            return view(*args, **kwargs)
        except (Refused, HTTPException):
            if "standing" not in g:
                decide(WRITES)
            raise

    return deciding  # type: ignore[return-value]


def by_key(view: View) -> View:
    """Let a view that shares its transaction stand in line where an Idempotency-Key asks for one of its own."""
    return in_line(idempotent(view)) if HEADER in request.headers else view


def in_line(view: View) -> View:
    """Let at most six requests of this process write at the same time; others wait up to 25 s, then 503."""

    @wraps(view)
    def waiting(*args: Any, **kwargs: Any) -> Any:
        begun = monotonic()
        if not _line.acquire(timeout=PATIENCE_S):
            raise ServiceUnavailable
        try:
            session = db.session()
            if session.get_bind().dialect.name == "sqlite":
                left = max(PATIENCE_S - (monotonic() - begun), 1.0)
                session.connection(execution_options={"wait_ms": int(left) * 1_000})
            return view(*args, **kwargs)
        finally:
            _line.release()

    return waiting  # type: ignore[return-value]
