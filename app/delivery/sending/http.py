"""Webhooks: one request to an address that was checked, within one span of time, with nothing followed."""

import http.client
import io
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from time import monotonic
from typing import Any

from app.config import Settings
from app.db import utcnow
from app.delivery.addresses import Address, Blocked, Place, place_of, resolved
from app.delivery.retrying import retry_after
from app.delivery.sending.answer import KEPT, Answer

READ = 65_536


@dataclass(frozen=True, slots=True)
class Message:
    """A request that is ready; ``seconds`` is all the time it may take."""

    url: str
    method: str
    headers: Mapping[str, str]
    body: bytes
    seconds: float


def send(message: Message, settings: Settings) -> Answer:
    """Send and return what came back; never raises for what a receiver does."""
    deadline = monotonic() + message.seconds
    try:
        place = place_of(message.url, settings)
        return _exchange(place, resolved(place, settings, message.seconds), message, deadline)
    except Blocked as error:
        return Answer(error=str(error), fatal="blocked_address")
    except TimeoutError:
        return Answer(error=f"time-out after {message.seconds:g} s")
    except ssl.SSLError as error:
        return Answer(error=f"TLS: {error.reason or error}"[:500])
    except (OSError, http.client.HTTPException) as error:
        return Answer(error=f"{type(error).__name__}: {error}"[:500])


def _exchange(place: Place, found: list[Address], message: Message, deadline: float) -> Answer:
    connection = _Connection(place, found, deadline)
    try:
        connection.request(message.method, place.path, message.body, dict(message.headers))
        response = connection.getresponse()
        body = _read(response, deadline)
        head = "\n".join(f"{name}: {value}" for name, value in response.getheaders())[:KEPT]
        asked = retry_after(response.status, response.getheader("Retry-After"), utcnow())
        if len(body) > READ:
            return Answer(response.status, "the answer does not end within 64 KiB", head, _text(body))
        error = None if 200 <= response.status < 300 else f"HTTP {response.status} {response.reason}"[:500]  # noqa: PLR2004
        return Answer(response.status, error, head, _text(body), asked)
    finally:
        connection.end()


def _read(response: http.client.HTTPResponse, deadline: float) -> bytes:
    found = b""
    while len(found) <= READ:
        _left(deadline)
        part = response.read1(READ + 1 - len(found))
        if not part:
            break
        found += part
    return found


def _text(body: bytes) -> str:
    return body[:KEPT].decode("utf-8", "replace").replace("\x00", "\ufffd")


def _left(deadline: float) -> float:
    left = deadline - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Connection(http.client.HTTPConnection):
    """Connects to the addresses it is given, whatever the name would resolve to by now; proxies are not asked."""

    def __init__(self, place: Place, found: list[Address], deadline: float) -> None:
        super().__init__(place.host, place.port)
        self._place, self._found, self._deadline = place, found, deadline
        self._raw: socket.socket | None = None
        self.default_port = {"https": 443, "http": 80}[place.scheme]

    def connect(self) -> None:
        """Try the addresses in turn; raises the last error."""
        last: OSError = OSError("the host has no address")
        for address in self._found:
            try:
                raw = socket.create_connection((str(address), self._place.port), _left(self._deadline))
            except OSError as error:
                last = error
                continue
            self._raw = self._secured(raw)
            self.sock = _Timed(self._raw, self._deadline)
            return
        raise last

    def end(self) -> None:
        """Close the socket."""
        self.close()
        if self._raw is not None:
            self._raw.close()

    def _secured(self, raw: socket.socket) -> socket.socket:
        if self._place.scheme != "https":
            return raw
        try:
            raw.settimeout(_left(self._deadline))
            return _tls().wrap_socket(raw, server_hostname=self._place.host)
        except BaseException:
            raw.close()
            raise


class _Timed:
    """A socket whose every wait ends with the time of the whole request, so that drops of bytes do not prolong it."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self.sock, self.deadline = sock, deadline

    def sendall(self, data: bytes) -> None:
        """Send everything, within the time that is left."""
        self.sock.settimeout(_left(self.deadline))
        self.sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return the reader of the answer."""
        return io.BufferedReader(_Reader(self))

    def close(self) -> None:
        """Leave it open: the answer is still read when the connection says it is over."""


class _Reader(io.RawIOBase):
    def __init__(self, timed: _Timed) -> None:
        self.timed = timed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.timed.sock.settimeout(_left(self.timed.deadline))
        return self.timed.sock.recv_into(buffer)
