"""Headers of every answer: what browsers must not do, and the id to quote when asking for help."""

import re
from uuid import uuid4

import structlog
from flask import Flask, Response, g, request

GIVEN = re.compile(r"[A-Za-z0-9._-]{1,64}")
CSP = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "img-src 'self' data:"
)


def start() -> None:
    """Give the request an id: the caller's own when it is a plain word, else a new one."""
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if GIVEN.fullmatch(given) else uuid4().hex
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def finish(response: Response) -> Response:
    """Add the headers; pages of people are never kept by shared caches."""
    headers = response.headers
    headers["X-Request-Id"] = g.get("request_id", "")
    headers.setdefault("Content-Security-Policy", CSP)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "private, no-cache")
    return response


def init(app: Flask) -> None:
    """Register both ends."""
    app.before_request(start)
    app.after_request(finish)
