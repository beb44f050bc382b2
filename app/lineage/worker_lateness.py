"""Tells in the change log when a dataset becomes late and when it recovers: a thread of each web process."""

import threading
import time

import structlog
from flask import Flask

from app.db import db, scope, utcnow
from app.lineage.background import realm_ids, started
from app.lineage.lateness import forget_aliases, settle, turns

log = structlog.get_logger()
FIRST = 20.0
PAUSE = 60.0
SHARE = 20  # of the time at most one part in so many is spent looking


def start(app: Flask) -> threading.Thread:
    """Start the thread; it looks a while after the start and then every minute, large realms less often."""
    return started(app, "lateness", _forever)


def work(app: Flask) -> int:
    """Look at every dataset of every realm once and return how many turns were told."""
    with app.app_context():
        return sum(_realm(realm_id) for realm_id in realm_ids())


def _realm(realm_id: int) -> int:
    session, after, told = db.session(), 0, 0
    place: int | None = after
    while place is not None:
        scope(session, realm_id)
        session.info["read_only"] = True
        found, place = turns(session, utcnow(), place)
        session.close()
        session.info["read_only"] = False
        if found:
            scope(session, realm_id)
            forget_aliases(session)
            told += len(settle(session, found))
            session.commit()
    return told


def _forever(app: Flask, stop: threading.Event) -> None:
    pause = FIRST
    while not stop.wait(pause):
        began = time.monotonic()
        try:
            work(app)
        except Exception:
            # Another process may have told the same a moment before; the next look settles it.
            log.exception("looking for late datasets failed")
        pause = max(PAUSE, SHARE * (time.monotonic() - began))
