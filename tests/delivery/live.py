"""What tests of live pages share: a stream read as a browser reads it."""

import re
import threading
import time
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.test import TestResponse

from app.delivery.live.hub import Hub
from tests.browser import Browser

PARTIAL = re.compile(r'<hx-partial hx-target="#([\w-]+)" hx-swap="(\w+)">(.*?)</hx-partial>', re.DOTALL)


def hub(app: Flask) -> Hub:
    """Return the hub of the application."""
    found: Hub = app.extensions["headwater.live"]
    return found


def stream_url(html: str) -> str:
    """Return the address of the one stream a page opens; "" where it has none."""
    found = re.findall(r'hx-sse:connect="([^"]+)"', html)
    assert len(found) < 2, "a page has one stream"
    return unescape(found[0]) if found else ""


@dataclass
class Message:
    """One event of a stream."""

    id: int
    event: str
    data: str

    @property
    def partials(self) -> list[tuple[str, str]]:
        """Return targets and HTML."""
        return [(target, html) for target, _swap, html in PARTIAL.findall(self.data)]

    @property
    def partial(self) -> tuple[str, str]:
        """Return target and HTML of its only part."""
        (found,) = self.partials
        return found


@dataclass
class Watching:
    """An open stream; what came is read in a thread of its own."""

    answer: TestResponse
    messages: list[Message] = field(default_factory=list)
    raw: bytes = b""
    is_over: bool = False

    def read(self) -> None:
        """Read to the end."""
        for chunk in self.answer.response:
            self.raw += chunk if isinstance(chunk, bytes) else chunk.encode()
            self.messages += [_message(part) for part in chunk.decode().split("\n\n") if "data:" in part]  # type: ignore[union-attr]
        self.is_over = True

    def wait(self, number: int = 1, seconds: float = 5) -> list[Message]:
        """Return the messages once there are so many; fails after a while."""
        until = time.monotonic() + seconds
        while len(self.messages) < number and time.monotonic() < until:
            time.sleep(0.01)
        assert len(self.messages) >= number, f"{len(self.messages)} messages after {seconds} s: {self.raw[:500]!r}"
        return self.messages

    def ended(self, seconds: float = 5) -> bool:
        """Return whether the stream ends within a time."""
        until = time.monotonic() + seconds
        while not self.is_over and time.monotonic() < until:
            time.sleep(0.01)
        return self.is_over

    def close(self) -> None:
        """Go away as a browser does."""
        self.answer.close()


def watch(browser: Browser, page: str, *, last: int | None = None) -> Watching:
    """Open a page, then its stream; ``last`` is sent as Last-Event-ID."""
    url = stream_url(browser.get(page).get_data(as_text=True))
    assert url, f"{page} is not live"
    return watch_url(browser, url, last=last)


def watch_url(browser: Browser, url: str, *, last: int | None = None) -> Watching:
    """Open a stream by its address."""
    parts = urlsplit(url)
    headers = {"Last-Event-ID": str(last)} if last is not None else {}
    answer = browser.client.get(parts.path, query_string=parts.query, headers=headers)
    watching = Watching(answer)
    if answer.mimetype == "text/event-stream":
        threading.Thread(target=watching.read, daemon=True).start()
    return watching


def _message(text: str) -> Message:
    lines = text.split("\n")
    fields = {
        name: line.removeprefix(f"{name}: ")
        for line in lines
        for name in ("id", "event")
        if line.startswith(f"{name}: ")
    }
    data = "\n".join(line.removeprefix("data: ") for line in lines if line.startswith("data: "))
    return Message(int(fields.get("id", 0)), fields.get("event", ""), data)
