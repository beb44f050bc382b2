"""Writes of programs stand in line, so that many senders at once wait a little longer instead of failing."""

from collections.abc import Callable
from functools import wraps
from threading import BoundedSemaphore
from time import monotonic
from typing import Any, Final, TypeVar

from flask import request
from werkzeug.exceptions import ServiceUnavailable

from app.accounts.idempotent import HEADER, idempotent
from app.db import db

# More threads at once only take the processor from the one that holds the lock of the database.
AT_ONCE: Final = 6
PATIENCE_S: Final = 25.0
View = TypeVar("View", bound=Callable[..., Any])
_line = BoundedSemaphore(AT_ONCE)


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
