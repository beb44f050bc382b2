"""Pages that are watched: how long after an event they show it, how much is sent, and what standing still costs."""

import http.client
import re
import selectors
import socket
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from sqlalchemy.orm import Session

from app import config
from app.db import db
from app.delivery.live.hub import A_USER
from app.factory import create_app
from app.realms import queries
from tests import factories
from tests.benchmarks.load import Tracker
from tests.benchmarks.machine import head, row, worked
from tests.benchmarks.served import SCOPE, said, server, workers
from tests.e2e.serving import Served

WATCHERS = (1, 100, 500)
EVENTS, QUICK = 30, 8
EARLIER = (10, 1_000)
STEPS = [{"tag": tag, "name": tag.title(), "points": 1} for tag in ("fetch", "check", "run", "report")]
IDLE_S = 5.0
PATIENCE_S = 10.0
STREAM = re.compile(r'hx-sse:connect="([^"]+)"')


class Patient(Tracker):
    """A program that opens its connection anew for each request: between two of them the server closes it."""

    def ask(self, path: str, body: Any) -> Any:
        """Return the answer to one POST."""
        self.connection.close()
        return super().ask(path, body)


@dataclass
class Page:
    """A page that somebody keeps open: its connection, what came last, and how many bytes came."""

    sock: socket.socket
    tail: bytes = b""
    taken: int = 0
    seen_at: dict[bytes, float] = field(default_factory=dict)


def tables(quick: bool) -> Iterator[str]:
    """Yield the tables of event to page, of bytes by the length of a run, and of pages nothing happens on."""
    with server() as served:
        said(served, "user", "add", "sender", "--realm", "bench", "--role", "provider")
        key = said(served, "key", "issue", "--realm", "bench", "--user", "sender", "--note", "bench", *SCOPE)
        cookies = _cookies(served, -(-WATCHERS[-1] // (A_USER - 1)))
        tracker = Patient(int(served.url.rpartition(":")[2]), key)
        tracker.ask("/configurations", {"tag": "live", "name": "Live", "version": "1.0.0", "steps": STEPS})
        count = QUICK if quick else EVENTS
        idle: list[str] = []
        yield head("event accepted to page: pages open", "p50 ms", "p95 ms", "longest ms", "bytes per update")
        for watchers in WATCHERS:
            run = _opened(tracker, f"w{watchers}", 10)
            pages = _watch(served, cookies, run, watchers)
            yield row([watchers, *_shown(tracker, run, pages, count)])
            idle.append(row([watchers, *_idle(pages)]))
            _close(pages)
        yield ""
        yield head("one update of a run, to one page: earlier events", "bytes per update", "bytes of the whole page")
        for earlier in EARLIER:
            run = _opened(tracker, f"e{earlier}", earlier)
            pages = _watch(served, cookies, run, 1)
            size = len(_page(served, cookies[0], run))
            yield row([f"{earlier:,}", _shown(tracker, run, pages, QUICK)[-1], f"{size:,}"])
            _close(pages)
        yield ""
        yield head("idle pages", "requests a minute", "bytes a minute, each", "server's CPU ms a second")
        yield from idle


def _cookies(served: Served, count: int) -> list[str]:
    """Return the cookies of so many people who are signed in; a person has a limited number of streams."""
    folder = served.printed.parent / "instance"
    app = create_app(config.load({"HEADWATER_DATA_DIR": str(folder)}))
    found = []
    with app.app_context(), Session(db.engine, expire_on_commit=False) as session:
        session.info["unscoped"] = "the benchmark signs in"
        realm = session.scalars(queries.realm_named("bench")).one()
        for number in range(count):
            token = factories.make_sign_in(session, factories.make_user(session, f"reader{number}", realm, "root"))
            client = app.test_client()
            with client.session_transaction() as cookie:
                cookie["token"] = token
            kept = client.get_cookie("headwater")
            assert kept is not None
            found.append(f"headwater={kept.value}")
    return found


def _opened(tracker: Patient, name: str, earlier: int) -> str:
    """Open a run and report on it so often; return its id."""
    run = str(tracker.ask("/runs", {"tag": "live", "external_id": name})["id"])
    said = [{"kind": "info", "name": f"line {number}"} for number in range(earlier)]
    tracker.ask(f"/runs/{run}/events", said)
    tracker.ask(f"/runs/{run}/events", {"kind": "start", "step": "fetch"})
    return run


def _page(served: Served, cookie: str, run: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", int(served.url.rpartition(":")[2]), timeout=30)
    connection.request("GET", f"/r/bench/jobs/runs/{run}", headers={"Cookie": cookie})
    text = connection.getresponse().read().decode()
    connection.close()
    return text


def _watch(served: Served, cookies: list[str], run: str, count: int) -> list[Page]:
    """Open so many streams of the page of a run, and read what they say first."""
    pages = []
    texts = {cookie: _page(served, cookie, run) for cookie in cookies[: -(-count // (A_USER - 1))]}
    for number in range(count):
        cookie = cookies[number // (A_USER - 1)]
        found = STREAM.search(texts[cookie])
        assert found, texts[cookie][:2_000]
        sock = socket.create_connection(("127.0.0.1", int(served.url.rpartition(":")[2])), timeout=30)
        lines = (f"GET {unescape(found[1])} HTTP/1.1", "Host: 127.0.0.1", f"Cookie: {cookie}", "", "")
        sock.sendall("\r\n".join(lines).encode())
        answer = sock.recv(65_536)
        assert b" 200 " in answer[:20], answer[:500]
        pages.append(Page(sock))
    _read(pages, b"", 1.0)
    return pages


def _shown(tracker: Patient, run: str, pages: list[Page], count: int) -> list[str]:
    """Return p50, p95 and longest milliseconds from the answer to an event to each page, and the bytes to each."""
    took: list[float] = []
    # The first update may send whole what later ones send in part.
    for number in range(-1, count):
        mark = f"mark-{run[:8]}-{number:03d}"
        event = {"kind": "in progress", "step": "fetch", "fraction": (number + 2) / (count + 2), "name": mark}
        tracker.ask(f"/runs/{run}/events", event)
        accepted = time.perf_counter()
        _read(pages, mark.encode(), PATIENCE_S)
        late = [page.seen_at.get(mark.encode(), accepted + PATIENCE_S) - accepted for page in pages]
        _read(pages, b"", 0.3)
        if number >= 0:
            took += late
        else:
            for page in pages:
                page.taken = 0
    took.sort()
    sent = statistics.median(page.taken for page in pages) / count
    cells = (took[len(took) // 2], took[int(len(took) * 0.95)], took[-1])
    return [*(f"{max(seconds, 0) * 1_000:,.0f}" for seconds in cells), f"{sent:,.0f}"]


def _read(pages: list[Page], mark: bytes, seconds: float) -> None:
    """Read what comes until every page has the mark, or the time is over."""
    missing = {id(page) for page in pages}
    until = time.perf_counter() + seconds
    with selectors.DefaultSelector() as chosen:
        for page in pages:
            chosen.register(page.sock, selectors.EVENT_READ, page)
        while missing and (left := until - time.perf_counter()) > 0:
            for ready, _ in chosen.select(left):
                page = ready.data
                came = page.sock.recv(1 << 20)
                page.taken += len(came)
                page.tail = (page.tail + came)[-200_000:]
                if not came:
                    chosen.unregister(page.sock)
                if mark and mark in page.tail:
                    page.seen_at.setdefault(mark, time.perf_counter())
                    missing.discard(id(page))


def _idle(pages: list[Page]) -> list[str]:
    for page in pages:
        page.taken = 0
    used = worked(workers())
    _read(pages, b"", IDLE_S)
    used = worked(workers()) - used
    sent = statistics.mean(page.taken for page in pages) * 60 / IDLE_S
    return ["0", f"{sent:,.0f}", f"{1_000 * used / IDLE_S:,.0f}"]


def _close(pages: list[Page]) -> None:
    for page in pages:
        page.sock.close()
