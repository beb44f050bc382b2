"""The worker: looks for what is due, does it, and sleeps while there is nothing."""

import os
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from time import monotonic
from typing import Final
from uuid import UUID

import structlog
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.db import db, scope, utcnow
from app.delivery.models import Worker
from app.delivery.tasks import tasks
from app.delivery.worker import claims, outbox, turns
from app.delivery.worker.patience import begin
from app.delivery.worker.senders import Sender
from app.delivery.worker.settle import overdue

log = structlog.get_logger()
PAUSE: Final = 0.5
BEAT: Final = 10.0
PATIENCE: Final = 8.0
FORGOTTEN: Final = timedelta(days=1)
# A hook whose receiver fails may hold a thread for its whole time-out, so such hooks have threads of their own.
LANES: Final = {False: 24, True: 12}


class Loop:
    """One worker of one process; ``round`` does what is due and returns whether there was anything.

    ``stop`` ends it, ``rest`` lets it sleep while another one works.
    """

    def __init__(self, app: Flask, name: str = "worker") -> None:
        self.app, self.name, self.id = app, name, uuid7()
        self.stop, self.rest = threading.Event(), threading.Event()
        self.running: dict[bool, list[Sender]] = {False: [], True: []}
        self._beat = -BEAT

    def forever(self) -> None:
        """Work until ``stop`` is set, then let what runs finish or give it back."""
        while not self.stop.is_set():
            if self.rest.is_set() or not self._guarded():
                self.stop.wait(PAUSE)
        self.leave()

    def once(self) -> None:
        """Do all that is due, and return when it is done."""
        while self.round() or any(self.running.values()):
            for sender in [each for lane in self.running.values() for each in lane]:
                sender.join()
        self.leave()

    def round(self) -> bool:
        """Do one round; True when there is more to do at once."""
        now = utcnow()
        self._in_context(lambda session: self._sign_of_life(session, now))
        moved = self._in_context(lambda session: _matched(session, now))
        self._in_context(lambda session: _looked_after(session, now))
        sent = self._in_context(lambda session: self._send(session, now))
        done = self._in_context(lambda session: _turns(session, now, self.stop))
        return bool(moved or sent or done)

    def leave(self) -> None:
        """Wait a while for what is being sent, give the rest back, and forget the worker; commits."""
        deadline = monotonic() + PATIENCE
        senders = [sender for lane in self.running.values() for sender in lane]
        for sender in senders:
            sender.join(max(0.0, deadline - monotonic()))
        left = [sender.current for sender in senders if sender.is_alive() and sender.current is not None]
        self._in_context(lambda session: self._left(session, left))

    def _left(self, session: Session, ids: list[UUID]) -> bool:
        begin(session)
        if ids:
            claims.give_back(session, str(self.id), ids, utcnow())
        session.execute(delete(Worker).where(Worker.id == self.id))
        session.commit()
        return False

    def _guarded(self) -> bool:
        try:
            return self.round()
        except Exception:
            # The database may be busy or away for a moment; what was not done is still due.
            log.exception("a round of the worker failed")
            self.stop.wait(PAUSE * 4)
            return False

    def _in_context(self, step: Callable[[Session], bool]) -> bool:
        with self.app.app_context():
            return step(db.session())

    def _sign_of_life(self, session: Session, now: datetime) -> bool:
        if monotonic() - self._beat < BEAT:
            return False
        turns.enrol(session, now)
        begin(session)
        known = session.get(Worker, self.id)
        if known is None:
            known = Worker(id=self.id, name=f"{self.name} {os.getpid()}", host=socket.gethostname()[:255],
                           version=_version(), started_at=now, last_seen_at=now)  # fmt: skip
            session.add(known)
        known.last_seen_at, known.tasks = now, " ".join(sorted(tasks()))
        session.execute(delete(Worker).where(Worker.last_seen_at < now - FORGOTTEN))
        session.commit()
        self._beat = monotonic()
        return False

    def _send(self, session: Session, now: datetime) -> bool:
        self.running = {ailing: [one for one in lane if one.is_alive()] for ailing, lane in self.running.items()}
        session.info["read_only"] = True
        wanted = claims.due(session, now)
        session.rollback()
        started = [self._start(session, each, now) for each in wanted if not self.stop.is_set()]
        return any(started)

    def _start(self, session: Session, wanted: claims.Due, now: datetime) -> bool:
        lane = self.running[wanted.ailing]
        # A sender between two deliveries holds none, and is still one of those the hook may have.
        mine = sum(sender.hook.hook_id == wanted.hook_id for sender in lane)
        free = min(wanted.free, wanted.most - mine, LANES[wanted.ailing] - len(lane))
        if free <= 0:
            return False
        limited = replace(wanted, free=free)
        begin(session)
        ids = claims.claim(session, limited, str(self.id), now)
        session.commit()
        for delivery_id in ids:
            sender = Sender(self.app, limited, delivery_id, str(self.id), self.stop)
            lane.append(sender)
            sender.start()
        return bool(ids)


def _matched(session: Session, now: datetime) -> bool:
    session.info["read_only"] = True
    waiting = outbox.waiting(session)
    session.rollback()
    if not waiting:
        return False
    begin(session)
    found = outbox.advance(session, now)
    session.commit()
    # What was left can be taken at once; what comes meanwhile is taken together, half a second later.
    return found >= outbox.AT_ONCE


def _looked_after(session: Session, now: datetime) -> bool:
    """Give back what lost its worker and end what waited too long, where there is any of it."""
    session.info["read_only"] = True
    lost, late = claims.forgotten(session, now)
    session.rollback()
    if lost:
        begin(session)
        claims.recover(session, now)
        session.commit()
    for realm_id in late:
        begin(session)
        scope(session, realm_id)
        overdue(session, now)
        session.commit()
    return False


def _turns(session: Session, now: datetime, stop: threading.Event) -> bool:
    session.info["read_only"] = True
    wanted = turns.due(session, now)
    session.rollback()
    more = [turns.take(session, realm_id, name, now) for realm_id, name in wanted if not stop.is_set()]
    return any(more)


def _version() -> str:
    try:
        return version("headwater")
    except PackageNotFoundError:
        return "from source"
