"""What a started server does: single events over HTTP from another process, and the memory of the serving process."""

import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

from tests.benchmarks import long
from tests.benchmarks.houses import postgresql
from tests.benchmarks.machine import children, head, resident, row
from tests.e2e.serving import ROOT, Served, command, environ, headwater

CLIENTS = {1: 300, 8: 600, 64: 1_280}
QUICK = {1: 60, 8: 160, 64: 320}
JOBS = {1: 300, 8: 1_800, 64: 1_920}
JOBS_QUICK = {8: 480, 64: 768}
SERVERS = (("sqlite", 1), ("postgresql", 1), ("postgresql", 2))
STORED, VIEWED = 5_000, 200
SCOPE = ("--scope", "jobs.write")
PAGES = ("jobs/runs", "jobs/jobs", "lineage/datasets", "lineage/datasets/1")


@dataclass(frozen=True)
class Serving(Served):
    """A running Headwater with the environment of its commands."""

    more: dict[str, str]


def http(quick: bool) -> Iterator[str]:
    """Yield the table of single OpenLineage events over HTTP."""
    with server() as served:
        yield from _over_http("http: clients", served, served.key(), QUICK if quick else CLIENTS)


def jobs(quick: bool) -> Iterator[str]:
    """Yield the table of events of tracked runs over HTTP, six steps with three values a run, and of their cost."""
    count = JOBS_QUICK if quick else JOBS
    for kind, processes in SERVERS:
        title = f"events of runs, {kind}, {processes} process{'es' * (processes > 1)}: clients"
        with server(kind, processes) as served:
            said(served, "user", "add", "sender", "--realm", "bench", "--role", "provider")
            key = said(served, "key", "issue", "--realm", "bench", "--user", "sender", "--note", "bench", *SCOPE)
            yield from _over_http(title, served, key, count, "jobs")
        yield ""
    yield from long.tables(quick)


def _over_http(title: str, served: Serving, key: str, counts: dict[int, int], *kind: str) -> Iterator[str]:
    yield head(title, "events/s", "p50 ms", "p99 ms", "longest ms", "server's CPU ms per event", "statuses")
    first = 0
    _send(served, key, 1, 198, 900_000, *kind)
    for clients, count in counts.items():
        seen = _send(served, key, clients, count, first, *kind)
        first += count
        took = sorted(seen["took"])
        statuses = ", ".join(f"{status}: {number:,}" for status, number in sorted(seen["statuses"].items()))
        stored = seen["statuses"].get("201", 0) / seen["seconds"]
        cells = (took[len(took) // 2], took[int(len(took) * 0.99)], took[-1])
        used = 1_000 * seen["used"] / len(took)
        yield row([clients, f"{stored:,.0f}", *(f"{ms:,.0f}" for ms in cells), f"{used:.1f}", statuses])


def memory(quick: bool) -> Iterator[str]:
    """Yield the table of resident memory."""
    stored = STORED // 10 if quick else STORED
    yield head("memory of the worker process", "MiB", "of it mapped files")
    with server() as served:
        browser = _signed_in(served)
        yield row(["idle", *_resident()])
        _send(served, served.key(), 8, stored, 0)
        yield row([f"after {stored:,} events", *_resident()])
        for number in range(VIEWED):
            browser.open(f"{served.url}/r/bench/{PAGES[number % len(PAGES)]}").read()
        yield row([f"after {VIEWED} more page views", *_resident()])


@contextmanager
def server(kind: str = "sqlite", processes: int = 1) -> Iterator[Serving]:
    """Run Headwater on a database of its own, in a folder of its own and with the realm ``bench``."""
    more = {"HEADWATER_WEB_WORKERS": str(processes)}
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="headwater-bench-")))
        if kind != "sqlite":
            (folder / "database").mkdir()
            more["HEADWATER_DATABASE_URL"] = held.enter_context(postgresql(folder / "database"))
            folder.chmod(0o755)
        it = held.enter_context(headwater(folder, "--realm", "bench", **more))
        yield Serving(it.url, it.printed, more)


def workers() -> list[int]:
    """Return the processes that answer, of the server this process started."""
    return [worker for parent in children(os.getpid()) for worker in children(parent)]


def _resident() -> list[str]:
    return [f"{resident(workers(), field):.0f}" for field in ("VmRSS", "RssFile")]


def said(served: Serving, *words: str) -> str:
    """Return what a command of the running server's folder prints."""
    folder = served.printed.parent
    env = environ(**served.more)
    done = subprocess.run(command(*words), cwd=folder, env=env, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _send(served: Served, key: str, clients: int, count: int, first: int, *kind: str) -> Any:
    port = served.url.rpartition(":")[2]
    serving = map(str, workers())
    words = ["-m", "tests.benchmarks.load", port, key, str(clients), str(count), str(first), *kind, *serving]
    done = subprocess.run([sys.executable, *words], cwd=ROOT, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def _signed_in(served: Served) -> urllib.request.OpenerDirector:
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    url = f"{served.url}/sign-in"
    page = browser.open(url).read().decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token, page
    form = {"csrf_token": token[1], "name": "admin", "password": served.password()}
    browser.open(url, urllib.parse.urlencode(form).encode()).read()
    return browser
