"""One open stream: what waits to be sent to it, and the thread that sends."""

import socket
import threading
import time
from collections.abc import Hashable, Iterator
from typing import Final

from app.realms.capabilities import RealmFacts
from app.web.identity import Identity
from app.web.live import PING, Key, control, opening

PING_S: Final = 15.0
MOST_WAITING: Final = 200


class Watcher:
    """A reader of a page; what it is sent for one thing twice before it took the first is sent once, the newer.

    ``whole`` are the regions it was sent whole; ``sock`` is the connection, by which a reader who went away is noticed
    before something is written to it.
    """

    def __init__(self, who: Identity, realm: RealmFacts, keys: list[Key], sock: socket.socket | None = None) -> None:
        self.who = who
        self.realm = realm
        self.keys = keys
        self.sock = sock
        self.checked_at = time.monotonic()
        self.is_closed = False
        self.whole: set[Hashable] = set()
        self._number = 0
        self._waiting: dict[Hashable, bytes] = {}
        self._ready = threading.Condition()

    def begin(self, number: int) -> None:
        """Say from which change on this stream tells."""
        self._number = number

    def send(self, what: Hashable, frame: bytes) -> None:
        """Let a frame be sent; one that waits for the same thing is replaced."""
        with self._ready:
            if self.is_closed:
                return
            if len(self._waiting) >= MOST_WAITING:
                self._waiting = {"resync": control("resync", self._number)}
            else:
                self._waiting.pop(what, None)
                self._waiting[what] = frame
            self._ready.notify()

    def close(self, last: bytes = b"") -> None:
        """End the stream after what waits, with a last frame."""
        with self._ready:
            if last and not self.is_closed:
                self._waiting["last"] = last
            self.is_closed = True
            self._ready.notify()

    def dismiss(self, last: bytes) -> None:
        """End the stream at once: what waits is not sent any more."""
        with self._ready:
            self._waiting, self.is_closed = {"last": last}, True
            self._ready.notify()

    def stream(self) -> Iterator[bytes]:
        """Return what is sent, as it comes; a comment when nothing came for 15 s."""
        yield opening(self._number)
        while True:
            with self._ready:
                if not self._waiting and not self.is_closed:
                    self._ready.wait(PING_S)
                frames, self._waiting, is_over = list(self._waiting.values()), {}, self.is_closed
            if frames or not is_over:
                yield b"".join(frames) or PING
            if is_over:
                return

    def has_left(self) -> bool:
        """Return whether the other end closed the connection."""
        if self.sock is None:
            return False
        try:
            return self.sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
        except BlockingIOError:
            return False
        except ValueError:  # a connection under TLS cannot be looked into; writing to it will tell
            return False
        except OSError:
            return True
