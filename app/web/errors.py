"""What goes wrong becomes an answer: a problem document for programs, a page for people."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, make_response, render_template, request
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from app.db import db
from app.refusal import Refused
from app.web import problem
from app.web.guard import Denied, Verdict
from app.web.identity import is_api
from app.web.saved import without_what_no_longer_fits

log = structlog.get_logger()
BUSY_WORDS = (
    "database is locked",
    "database table is locked",
    "lock timeout",
    "deadlock detected",
    "could not serialize",
)
RETRY = {"Retry-After": "2"}
CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    503: "busy",
}
WORDS = {
    400: ("This request cannot be read", "The browser sent something the page does not understand. Go back and try."),
    401: ("Please sign in", "This page is for people who are signed in."),
    403: ("You may not do this", "Ask a holder of auth in this realm."),
    404: ("Nothing is here", "The page does not exist, or it belongs to a realm you are not part of."),
    405: ("This cannot be done here", "The page does not take this kind of request."),
    409: ("This was in the way", "Something changed meanwhile or is still in use. Nothing was saved."),
    413: ("This is too large", "Send less at once. Nothing was saved."),
    422: ("This cannot be used", "Something in the address or form is not valid. Nothing was saved."),
    500: ("Something broke here", "It is our fault, and it was noted. Nothing was saved."),
    503: ("Busy right now", "The database is busy. Nothing was saved; try again in a moment."),
}  # fmt: skip


def init(app: Flask) -> None:
    """Register the handlers; whatever they meet, the transaction of the request is over first."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(PoolTimeout, _busy)
    app.register_error_handler(OverflowError, _unreadable)
    app.register_error_handler(UnicodeError, _unreadable)
    app.register_error_handler(Exception, _broken)


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if isinstance(error, Denied):
        return _denied(error)
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {name: value for name, value in error.get_headers() if name == "Allow"}
    detail = error.description if status in (400, 405, 413, 415) else None
    return answer(status, detail=detail, headers=headers)


def _denied(error: Denied) -> Response:
    verdict = error.verdict
    code = {"capability": "capability_missing"}.get(verdict.reason, verdict.reason)
    detail = " ".join(_reasons(verdict)) or WORDS[403][1]
    if not is_api():
        return answer(HTTPStatus.FORBIDDEN, detail=detail, verdict=verdict)
    _end()
    extra: dict[str, Any] = {"capability": verdict.capability or None, "app": verdict.app}
    return problem.problem(403, code, detail, can_grant=list(verdict.can_grant), **extra)


def _reasons(verdict: Verdict) -> Iterator[str]:
    if verdict.detail:
        yield verdict.detail
    if verdict.capability and verdict.capability not in verdict.detail:
        yield f"This needs {verdict.capability}."
    if verdict.app:
        yield f"The app is {verdict.app}."
    if verdict.can_grant and verdict.reason != "scope":
        yield f"It can be granted by {', '.join(verdict.can_grant)}."


def _refused(error: Refused) -> Response:
    _end()
    if is_api():
        return problem.of_refusal(error)
    return without_what_no_longer_fits(error) or answer(error.status, detail=str(error))


def _database(error: DBAPIError) -> Response:
    if is_busy(error):
        return _busy(error)
    if isinstance(error, IntegrityError):
        log.warning("constraint met", error=str(error.orig))
        return answer(HTTPStatus.CONFLICT)
    if isinstance(error, DataError):
        return _unreadable(error)
    return _broken(error)


def is_busy(error: Exception) -> bool:
    """Return whether the same request may succeed a moment later: a lock, a deadlock, a lost connection."""
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, OperationalError):
        return False
    text = str(error.orig).lower()
    return error.connection_invalidated or any(words in text for words in BUSY_WORDS) or "connection" in text


def _busy(error: Exception) -> Response:
    log.warning("database busy", error=str(error)[:500])
    return answer(HTTPStatus.SERVICE_UNAVAILABLE, headers=RETRY)


def _unreadable(error: Exception) -> Response:
    log.info("value no column holds", error=str(error)[:500])
    status = HTTPStatus.NOT_FOUND if request.method in ("GET", "HEAD") else HTTPStatus.BAD_REQUEST
    return answer(status)


def _broken(error: Exception) -> Response:
    if current_app.testing and current_app.config.get("RAISE_ERRORS"):
        raise error
    log.error("unexpected error", exc_info=error)
    return answer(HTTPStatus.INTERNAL_SERVER_ERROR)


def _end() -> None:
    db.session.rollback()
    g.after_answer = []
    g.is_page = False


def answer(
    status: int,
    *,
    detail: str | None = None,
    headers: dict[str, str] | None = None,
    verdict: Verdict | None = None,
) -> Response:
    """Return the problem document or the error page of a status; ends the transaction of the request.

    With a verdict the page shows every line of the decision.
    """
    _end()
    heading, words = WORDS.get(status, (HTTPStatus(status).phrase, "Nothing was saved."))
    if is_api():
        return problem.problem(status, CODES.get(status, "error"), detail or words, headers=headers)
    g.bare = status >= HTTPStatus.INTERNAL_SERVER_ERROR
    html = render_template(
        "layouts/error.html",
        status=status,
        heading=heading,
        detail=detail or words,
        next_steps=[("Go to the start page", "/")],
        request_id=g.get("request_id"),
        checks=verdict.checks if verdict else (),
    )
    return make_response(html, status, headers or {})
