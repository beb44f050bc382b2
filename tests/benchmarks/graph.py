"""The lineage graph on the layered test graph: JSON, page with picture, impact, and the time until Chromium drew it."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from threading import Thread
from typing import NamedTuple

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server

from app.accounts.models import User
from app.changes.actor import CLI
from app.db import db, scope
from app.lineage.ingest import Arrival, ingest
from app.lineage.models import Dataset
from app.lineage.store.batch import Origin
from app.realms.models import Realm
from tests import factories
from tests.benchmarks.houses import house, settle
from tests.benchmarks.layered import HUB, ORDINARY, Work, events, works
from tests.benchmarks.machine import head, row

ROUNDS, DEPTHS, DRAWN = 7, (1, 3, 5, 10), (50, 100, 250)
RUNS, QUICK = 20, 2
FEW, MANY, CHAIN = 10, 10_000, 3
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


class Quiet(WSGIRequestHandler):
    """Answers without a line for each."""

    def log_request(self, *_: object) -> None:
        """Say nothing."""


class Asking(NamedTuple):
    """A signed-in browser, a program with its key, and the datasets that are asked for."""

    app: Flask
    page: FlaskClient
    cookie: str
    key: str
    hub: int
    ordinary: int


def tables(quick: bool) -> Iterator[str]:
    """Yield one table for each database: median milliseconds, KB, statements; then growth with runs."""
    for kind in ("sqlite", "postgresql"):
        with house(kind) as (app, realm), app.app_context():
            _taken_in(realm, events(datetime.now(UTC), QUICK if quick else RUNS))
            settle(app)
            yield from _costs(kind, _asking(app, realm))
            yield ""
    yield from _growth()


def _costs(kind: str, asking: Asking) -> Iterator[str]:
    yield head(f"graph on {kind}", "ordinary: ms", "KB", "statements", "hub: ms", "KB", "statements")
    for depth in DEPTHS:
        yield _line(asking, f"JSON, job level, depth {depth}", f"&depth={depth}&max=250")
    yield _line(asking, "JSON, datasets alone, depth 3", "&depth=3&max=250&jobs=hidden")
    yield _line(asking, "JSON, run level, depth 3", "&depth=3&max=250&jobs=run")
    yield _line(asking, "JSON, a month ago, depth 3", f"&depth=3&max=250&as_of={_ago(30)}")
    yield _line(asking, "page with picture, depth 3", "&depth=3", page=True)
    yield _line(asking, "impact, first page", "&direction=down", page=True, view="impact")
    yield from _drawn(asking)


def _line(asking: Asking, name: str, rest: str, *, page: bool = False, view: str = "graph") -> str:
    cells: list[object] = [name]
    for dataset in (asking.ordinary, asking.hub):
        folder = "/r/bench/lineage" if page else "/api/v1/lineage"
        cells += _cost(asking, f"{folder}/{view}?start=dataset:{dataset}{rest}", page=page)
    return row(cells)


def _cost(asking: Asking, url: str, *, page: bool) -> list[str]:
    client = asking.page if page else asking.app.test_client()
    headers = {} if page else {"Authorization": f"Bearer {asking.key}"}
    took, size, count = [], 0, 0

    def look(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(db.engine, "before_cursor_execute", look)
    for _ in range(ROUNDS):
        count, begun = 0, time.perf_counter()
        answer = client.get(url, headers=headers, buffered=True)
        took.append(1_000 * (time.perf_counter() - begun))
        assert answer.status_code == 200, (url, answer.text[:300])
        size = len(answer.data)
    event.remove(db.engine, "before_cursor_execute", look)
    return [f"{statistics.median(took):,.0f}", f"{size / 1024:,.0f}", f"{count}"]


def _drawn(asking: Asking) -> Iterator[str]:
    """Yield rows of the time from the request to the drawn picture in Chromium."""
    yield ""
    yield head("drawn in Chromium", *(f"up to {count} nodes: ms" for count in DRAWN))
    with _served(asking.app) as url, sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium")
        page = browser.new_context(base_url=url, viewport={"width": 1280, "height": 900}).new_page()
        name = asking.app.config["SESSION_COOKIE_NAME"]
        page.context.add_cookies([{"name": name, "value": asking.cookie, "url": url}])
        for name, dataset, depth in (("ordinary", asking.ordinary, 10), ("hub of 500", asking.hub, 3)):
            address = f"{url}/r/bench/lineage/graph?start=dataset:{dataset}&depth={depth}"
            yield row([f"{name}, depth {depth}", *(_seen(page, f"{address}&max={count}") for count in DRAWN)])
        browser.close()


def _seen(page: Page, address: str) -> str:
    took = []
    for _ in range(3):
        page.goto("about:blank")
        begun = time.perf_counter()
        page.goto(address, wait_until="commit")
        page.wait_for_selector("svg.graph-svg")
        page.evaluate(PAINTED)
        took.append(1_000 * (time.perf_counter() - begun))
    return f"{statistics.median(took):,.0f}"


@contextmanager
def _served(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def _growth() -> Iterator[str]:
    yield head("same subgraph on SQLite", *(f"{runs:,} runs of each job: ms (statements)" for runs in (FEW, MANY)))
    chain = [Work(f"chain.{place}", (f"chain.table_{place}",), f"chain.table_{place + 1}") for place in range(CHAIN)]
    chain += [Work(f"side.{place}", (HUB, "chain.table_1"), f"side.table_{place}") for place in range(CHAIN)]
    cells = []
    for runs in (FEW, MANY):
        with house("sqlite") as (app, realm), app.app_context():
            _taken_in(realm, events(datetime.now(UTC), runs, [*chain, works()[0]]))
            settle(app)
            asking = _asking(app, realm, ordinary="chain.table_1", hub="chain.table_1")
            took, _, count = _cost(asking, f"/api/v1/lineage/graph?start=dataset:{asking.hub}&depth=5", page=False)
            cells.append(f"{took} ({count})")
    yield row(["JSON, depth 5", *cells])


def _taken_in(realm: int, lines: Iterator[bytes]) -> None:
    with Session(db.engine) as session:
        scope(session, realm)
        while some := list(islice(lines, 1_000)):
            ingest(session, realm, [Arrival(line, Origin("batch")) for line in some], CLI)
            session.commit()


def _asking(app: Flask, realm: int, ordinary: str = ORDINARY, hub: str = HUB) -> Asking:
    with Session(db.engine, expire_on_commit=False) as session:
        session.info["unscoped"] = "the benchmark signs in"
        found = session.get_one(Realm, realm)
        owner: User = factories.make_user(session, "owner", found, "root")
        token = factories.make_sign_in(session, owner)
        key = factories.make_key(session, owner, found, "lineage.read")[1]
        session.commit()
    with Session(db.engine) as session:
        scope(session, realm)
        ids = dict(session.execute(select(Dataset.name, Dataset.id).where(Dataset.name.in_((ordinary, hub)))).all())
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["token"] = token
    kept = client.get_cookie(app.config["SESSION_COOKIE_NAME"])
    return Asking(app, client, kept.value if kept else "", key, ids[hub], ids[ordinary])


def _ago(days: int) -> str:
    return f"{datetime.now(UTC) - timedelta(days=days):%Y-%m-%d}"
