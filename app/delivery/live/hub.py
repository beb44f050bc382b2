"""The hub of a process: its one thread follows the log while anybody watches, and tells every room what changed."""

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Final
from urllib.parse import parse_qsl

import structlog
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.changes.models import Change
from app.changes.outward import changes_committed
from app.db import db, scope
from app.delivery.live.follow import AT_ONCE, Follower, newest
from app.delivery.live.render import Address, rendered
from app.delivery.live.rights import may_still_watch
from app.delivery.live.room import Room
from app.delivery.live.watcher import Watcher
from app.web.live import About, LiveRegion, Place, Rendering, control, reached, regions_of

log = structlog.get_logger()
POLL_S: Final = 0.25
JOINED_S: Final = 0.1
SWEEP_S: Final = 5.0
CHECK_S: Final = 60.0
A_USER: Final = 12
FURTHEST: Final = 10_000
RIGHTS: Final = frozenset({"app", "capgrant", "membership", "realm", "session", "user"})


class Full(Exception):  # noqa: N818 - it is no error, the page polls instead
    """No more streams here, or none for this person."""


class Hub:
    """Rooms by page, and who is in them; without watchers its thread sleeps and asks nothing."""

    def __init__(self, app: Flask, limit: int) -> None:
        self.app = app
        self.limit = limit
        self.rooms: dict[Address, Room] = {}
        self.watchers: set[Watcher] = set()
        self.renderings = 0
        self.is_serving: Callable[[], bool] = lambda: True
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._working = threading.Lock()
        self._follower: Follower | None = None
        self._thread: threading.Thread | None = None
        self._swept_at = time.monotonic()
        changes_committed.connect(self._woken, weak=False)

    def _woken(self, _sender: object) -> None:
        if self.watchers:
            self._wake.set()

    def newest(self, session: Session) -> int:
        """Return a number up to which every change is in what the session reads next; no statement while it follows."""
        with self._lock:
            if self.watchers and self._follower is not None:
                return self._follower.base
        return newest(session)

    def join(self, watcher: Watcher, after: int | None, base_url: str, session: Session) -> bool:
        """Let a watcher into the rooms of his keys and tell him what changed since; False where a page is not there.

        Raises Full. The session is that of the request and not used after this.
        """
        self._enter(watcher, session)
        try:
            rooms = [self._room(watcher, key.place, base_url) for key in watcher.keys]
            is_there = all(room.rendering is not None for room in rooms)
            if is_there:
                self._catch_up(watcher, after, session)
        except BaseException:
            self.leave(watcher)
            raise
        if not is_there:
            self.leave(watcher)
        return is_there

    def leave(self, watcher: Watcher) -> None:
        """Take a watcher out; a room without watchers is forgotten."""
        watcher.close()
        with self._lock:
            self.watchers.discard(watcher)
            for address, room in list(self.rooms.items()):
                room.watchers.discard(watcher)
                if not room.watchers:
                    del self.rooms[address]

    def send_away(self) -> None:
        """End every stream, and return when the thread of the hub has put the database down."""
        for watcher in self._everyone():
            self.leave(watcher)
        with self._working:
            pass

    def _enter(self, watcher: Watcher, session: Session) -> None:
        with self._lock:
            self._sweep()
            mine = Counter(each.who.user_id for each in self.watchers)[watcher.who.user_id]
            if len(self.watchers) >= self.limit or mine >= A_USER:
                raise Full
            if not self.watchers or self._follower is None:
                self._follower = Follower(newest(session))
            self.watchers.add(watcher)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._forever, name="live", daemon=True)
                self._thread.start()
        self._wake.set()

    def _room(self, watcher: Watcher, place: Place, base_url: str) -> Room:
        address = Address(watcher.realm, base_url, place)
        with self._lock:
            if address not in self.rooms:
                self.rooms[address] = Room(address, _regions(place))
            room = self.rooms[address]
            room.watchers.add(watcher)
        with room.lock:
            if room.rendering is None:
                room.rendering = self._rendered(room)
        return room

    def _catch_up(self, watcher: Watcher, after: int | None, session: Session) -> None:
        """Tell what changed after the page was read, as far as it is committed now that his rooms are rendered."""
        base = self._base()
        watcher.begin(base)
        session.rollback()
        if after is None or base - after > FURTHEST or (after > base and after > newest(session)):
            watcher.send("resync", control("resync", base))
            return
        rows = select(Change.kind, Change.entity_id).where(Change.id > after).order_by(Change.id).limit(FURTHEST)
        changed: set[About] = {(kind, one) for kind, one in session.execute(rows)}
        for room in self._touched(session, changed, watcher.realm.id) if changed else []:
            if watcher in room.watchers:
                with room.lock:
                    room.catch_up(watcher, base)

    def _touched(self, session: Session, changed: set[About], realm_id: int) -> list[Room]:
        with self._lock:
            rooms = [room for address, room in self.rooms.items() if address.realm.id == realm_id]
        watched = {kind for room in rooms for kind in room.kinds}
        changed = reached(session, changed, watched)
        return [room for room in rooms if room.is_touched(changed)]

    def _rendered(self, room: Room) -> Rendering | None:
        self.renderings += 1
        return rendered(self.app, room.address, tuple(room.regions))

    def _forever(self) -> None:
        while True:
            self._wake.wait(POLL_S if self.watchers else None)
            self._wake.clear()
            try:
                with self._working:
                    if self.watchers:
                        self._turn()
            except Exception:
                log.exception("telling live pages failed")
                time.sleep(POLL_S)

    def _turn(self) -> None:
        """Tell what changed lately, after waiting a moment for what changes with it; look after the watchers."""
        changed = self._read()
        if changed:
            time.sleep(JOINED_S)
            for realm_id, things in self._read().items():
                changed[realm_id] |= things
            self._tell(changed)
        if time.monotonic() - self._swept_at >= SWEEP_S:
            self._swept_at = time.monotonic()
            self._sweep()
            self._check([each for each in self._everyone() if self._swept_at - each.checked_at >= CHECK_S])
        if not self.is_serving():
            for watcher in self._everyone():
                watcher.close()

    def _read(self) -> defaultdict[int | None, set[About]]:
        """Return what changed since the last look, by realm; one statement."""
        changed: defaultdict[int | None, set[About]] = defaultdict(set)
        with self.app.app_context():
            session = db.session()
            session.info["read_only"] = True
            while self._follower is not None:
                rows = self._follower.read(session)
                for row in rows:
                    changed[row.realm_id].add((row.kind, row.entity_id))
                if len(rows) < AT_ONCE:
                    break
        return changed

    def _tell(self, changed: dict[int | None, set[About]]) -> None:
        for realm_id, things in changed.items():
            if any(kind in RIGHTS for kind, _ in things):
                self._check([each for each in self._everyone() if realm_id in (None, each.realm.id)])
        base = self._base()
        for room in self._rooms_of(changed):
            with room.lock:
                room.show(self._rendered(room), base)

    def _rooms_of(self, changed: dict[int | None, set[About]]) -> list[Room]:
        found: list[Room] = []
        with self.app.app_context():
            session = db.session()
            session.info["read_only"] = True
            for realm_id, things in changed.items():
                if realm_id is not None:
                    scope(session, realm_id)
                    found += self._touched(session, things, realm_id)
        return found

    def _check(self, watchers: list[Watcher]) -> None:
        """Send away those who may not watch any more; one look for all streams of a person on pages of a kind."""
        alike: defaultdict[object, list[Watcher]] = defaultdict(list)
        for watcher in watchers:
            kinds = frozenset((key.region.name, key.place.scope) for key in watcher.keys)
            alike[watcher.who, watcher.realm.id, kinds].append(watcher)
        for group in alike.values():
            one = group[0]
            is_allowed = may_still_watch(self.app, one.who, one.realm.id, one.keys)
            for watcher in group:
                watcher.checked_at = time.monotonic()
                if not is_allowed:
                    watcher.dismiss(control("bye", self._base()))

    def _sweep(self) -> None:
        for watcher in self._everyone():
            if watcher.is_closed or watcher.has_left():
                self.leave(watcher)

    def _everyone(self) -> list[Watcher]:
        with self._lock:
            return list(self.watchers)

    def _base(self) -> int:
        with self._lock:
            return self._follower.base if self._follower else 0


def _regions(place: Place) -> dict[str, LiveRegion]:
    tab = dict(parse_qsl(place.query)).get("tab", "")
    return {region.target: region for region in regions_of(place.endpoint) if region.is_on(tab)}
