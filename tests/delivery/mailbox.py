"""A mail server that keeps what it gets: as much of SMTP as smtplib speaks."""

import socketserver
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


class Mailbox:
    """``got`` are the messages; ``refuse`` is the answer to the next recipient."""

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []
        self.refuse: list[bytes] = []
        mailbox = self

        class Handler(socketserver.StreamRequestHandler):
            def say(self, text: bytes) -> None:
                """Answer one line."""
                self.wfile.write(text + b"\r\n")

            def handle(self) -> None:
                """Speak with one client."""
                self.say(b"220 ready")
                for line in iter(self.rfile.readline, b""):
                    word = line[:4].upper()
                    if word == b"DATA":
                        self.say(b"354 go on")
                        body = b"".join(iter(self.rfile.readline, b".\r\n"))
                        mailbox.got.append(message_from_bytes(body, policy=policy.default))
                    elif word == b"RCPT" and mailbox.refuse:
                        self.say(mailbox.refuse.pop())
                        continue
                    self.say(b"250 ok")

        self.server: Any = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def url(self) -> str:
        """Return its address as the setting has it."""
        return f"smtp://127.0.0.1:{self.server.server_address[1]}"

    def stop(self) -> None:
        """Listen no more."""
        self.server.shutdown()
        self.server.server_close()
