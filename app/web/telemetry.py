"""Columns like "last used" are written after the answer, in a transaction of their own."""

from collections.abc import Callable

import structlog
from flask import Flask, Response, current_app, g
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.db import db

Write = Callable[[Session], None]
log = structlog.get_logger()
# The thread of the answer waits this long for the write lock, so that the next request is not kept waiting.
SHORT_MS = 100


def after_answer(write: Write) -> None:
    """Run ``write(session)`` when the answer has been sent; a busy database loses it, never the request."""
    if "after_answer" not in g:
        g.after_answer = []
    g.after_answer.append(write)


def attach(response: Response) -> Response:
    """Hang the writes of this request on its answer; registered as ``after_request``."""
    writes: list[Write] = g.pop("after_answer", [])
    if writes:
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's documented way
        response.call_on_close(lambda: _run(app, writes))
    return response


def _run(app: Flask, writes: list[Write]) -> None:
    with app.app_context():
        session = db.session()
        session.info["unscoped"] = "telemetry of the request just answered"
        try:
            session.connection(execution_options={"wait_ms": SHORT_MS})
            for write in writes:
                write(session)
            session.commit()
        except SQLAlchemyError as error:
            session.rollback()
            log.warning("telemetry lost", error=str(error))
