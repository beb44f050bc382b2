"""The worker inside the web process: one of them works, however many processes and machines there are."""

import atexit
import threading
from typing import Final

import structlog
from flask import Flask

from app.config import Settings
from app.db import db, utcnow
from app.delivery.worker.leases import hold, release
from app.delivery.worker.loop import Loop

log = structlog.get_logger()
NAME: Final = "embedded"
RENEW: Final = 10.0
GRACE: Final = 10.0


class Embedded:
    """Waits for the lease, works while it is held, and lets go of it at the end of the process."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.loop = Loop(app, NAME)
        self.keeper = threading.Thread(target=self._keep, name="worker-lease", daemon=True)
        self.worker: threading.Thread | None = None

    def start(self) -> None:
        """Begin to wait for the lease."""
        self.keeper.start()
        atexit.register(self.end)

    def end(self) -> None:
        """Take nothing new, let what runs finish or give it back, and let another process have the lease."""
        self.loop.stop.set()
        if self.worker is not None:
            self.worker.join(GRACE)
        try:
            with self.app.app_context():
                release(db.session(), NAME, self.loop.id)
        except Exception:
            # The database may be gone by now; the lease ends by itself.
            log.exception("the worker could not let go of its lease")

    def _keep(self) -> None:
        pause = 0.0
        while not self.loop.stop.wait(pause):
            held = self._held()
            (self.loop.rest.clear if held else self.loop.rest.set)()
            if held and self.worker is None:
                self.worker = threading.Thread(target=self.loop.forever, name="worker", daemon=True)
                self.worker.start()
            pause = RENEW

    def _held(self) -> bool:
        try:
            with self.app.app_context():
                return hold(db.session(), NAME, self.loop.id, utcnow())
        except Exception:
            log.exception("the worker could not ask for its lease")
            return False


def start(app: Flask) -> Embedded | None:
    """Start the worker of this process where HEADWATER_WORKER says embedded; None where it does not."""
    settings: Settings = app.config["SETTINGS"]
    if settings.worker != "embedded":
        return None
    found = Embedded(app)
    found.start()
    return found
