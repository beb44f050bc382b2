"""A receiver of webhooks: a small HTTP server of our own that keeps what it gets and answers as it is told."""

import json
import socket
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from app.delivery import signing


@dataclass
class Got:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the body as a value."""
        return json.loads(self.body)

    def signed_by(self, secret: str) -> bool:
        """Return whether the signature verifies with the secret."""
        head = self.headers
        return signing.verifies(
            secret, head["webhook-id"], int(head["webhook-timestamp"]), self.body, head["webhook-signature"]
        )


@dataclass
class Receiver:
    """``answers`` are given in turn as (status, headers); when they are used up it answers 204."""

    got: list[Got] = field(default_factory=list)
    answers: deque[tuple[int, dict[str, str]]] = field(default_factory=deque)
    hold: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    server: Any = None

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.server.server_address[1]}/in"

    def will(self, *statuses: int, **head: str) -> None:
        """Answer with these statuses next, each with the headers."""
        self.answers.extend(
            (status, {name.replace("_", "-"): value for name, value in head.items()}) for status in statuses
        )

    def start(self) -> None:
        """Listen."""
        receiver = self
        self.hold.set()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append(Got(self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                receiver.arrived.release()
                receiver.hold.wait(10)
                status, head = receiver.answers.popleft() if receiver.answers else (204, {})
                self.send_response(status)
                for name, value in {"Content-Length": "0", **head}.items():
                    self.send_header(name, value)
                self.end_headers()

            do_PUT = do_POST  # noqa: N815 - the server finds it by this name

            def log_message(self, *_args: object) -> None:
                """Say nothing."""

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_args: object) -> None:
                """A client that went away is no error."""

        self.server = Quiet(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        self.hold.set()
        self.server.shutdown()
        self.server.server_close()


def raw_server(answer: bytes, *, drip: bool = False) -> tuple[socket.socket, int]:
    """Return a server that reads a little and writes bytes that are no good HTTP; with ``drip`` without end."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            with peer:
                peer.recv(65_536)
                try:
                    peer.sendall(answer)
                    while drip:
                        peer.sendall(b"x" * 1_024)
                except OSError:
                    pass

    threading.Thread(target=serve, daemon=True).start()
    return listener, int(listener.getsockname()[1])
