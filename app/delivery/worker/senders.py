"""Threads that send: each takes one delivery of its hook after another, for a while."""

import threading
from dataclasses import replace
from time import monotonic
from typing import Final
from uuid import UUID

import structlog
from flask import Flask

from app.db import db, utcnow
from app.delivery.worker import claims
from app.delivery.worker.claims import Due
from app.delivery.worker.patience import begin
from app.delivery.worker.sending import Taken, carry_out

log = structlog.get_logger()
# After so many, or seconds, a thread ends, so that no hook with a long queue or a slow receiver keeps others waiting.
AT_ONCE: Final = 20
SECONDS: Final = 5.0


class Sender(threading.Thread):
    """Sends what was taken, then takes the next of the same hook; ``current`` is what it is at."""

    def __init__(self, app: Flask, hook: Due, first: UUID, worker: str, stop: threading.Event) -> None:
        super().__init__(name="delivery", daemon=True)
        self.app, self.hook, self.worker, self.stop = app, hook, worker, stop
        self.current: UUID | None = first

    def run(self) -> None:
        """Send until there is nothing due, the worker stops, or others should have their turn."""
        began, left = monotonic(), AT_ONCE
        while self.current is not None:
            carry_out(self.app, Taken(self.hook.realm_id, self.current, self.worker))
            left -= 1
            over = self.stop.is_set() or not left or monotonic() - began > SECONDS
            self.current = None if over else self._next()

    def _next(self) -> UUID | None:
        wanted = replace(self.hook, free=1)
        try:
            with self.app.app_context():
                begin(db.session())
                found = claims.claim(db.session(), wanted, self.worker, utcnow())
                db.session.commit()
        except Exception:
            # The database may be busy; the worker's next round takes it.
            log.exception("the next delivery could not be taken")
            return None
        return found[0] if found else None
