"""What is done once a day without anybody asking: a thread in each web process, one of which does the work."""

import threading
from datetime import timedelta

import structlog
from flask import Flask

from app.changes.actor import SYSTEM
from app.db import db, scope, utcnow
from app.lineage.background import realm_ids, started
from app.lineage.retention import claim, keep

log = structlog.get_logger()
FIRST = 60.0
PAUSE = 600.0
DAILY = timedelta(days=1)
LEASE = "pass"


def start(app: Flask) -> threading.Thread:
    """Start the thread; it looks for work after a minute and then every ten."""
    return started(app, "daily", _forever)


def work(app: Flask) -> list[int]:
    """Do what is due in each realm and return the ids of the realms it was done for."""
    done = []
    with app.app_context():
        session = db.session()
        for realm_id in realm_ids():
            scope(session, realm_id)
            try:
                if claim(session, realm_id, LEASE, DAILY, utcnow()):
                    keep(session, realm_id, SYSTEM)
                    done.append(realm_id)
            except Exception:
                session.rollback()
                log.exception("retention failed", realm_id=realm_id)
    return done


def _forever(app: Flask, stop: threading.Event) -> None:
    pause = FIRST
    while not stop.wait(pause):
        try:
            work(app)
        except Exception:
            log.exception("daily work failed")
        pause = PAUSE
