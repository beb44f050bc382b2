"""Senders of single events, a process of their own: ``python -m tests.benchmarks.load PORT KEY CLIENTS COUNT FIRST``.

With a word ``jobs`` they report the steps of tracked runs instead of OpenLineage, each sender run after run; further
numbers are the processes that serve. Prints one line of JSON: seconds, count of each status, the latencies in
milliseconds, and the seconds of processor time those processes took.
"""

import http.client
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import click

from tests.benchmarks.events import synthetic
from tests.benchmarks.machine import worked

Request = tuple[str, bytes]
STEPS = ("fetch", "check", "run", "report", "publish", "return")


class Sender(threading.Thread):
    """One client that keeps its connection and sends event after event."""

    def __init__(self, port: int, key: str, requests: list[Request]) -> None:
        super().__init__()
        self.port = port
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self.requests = requests
        self.statuses: Counter[str] = Counter()
        self.took: list[float] = []

    def run(self) -> None:
        """Send all events; a broken connection is counted and opened again."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        for path, body in self.requests:
            begun = time.perf_counter()
            try:
                connection.request("POST", path, body, self.headers)
                answer = connection.getresponse()
                answer.read()
                self.statuses[str(answer.status)] += 1
            except (http.client.HTTPException, OSError) as error:
                connection.close()
                self.statuses[type(error).__name__] += 1
            self.took.append(1_000 * (time.perf_counter() - begun))
        connection.close()


def lineage(count: int, first: int) -> list[Request]:
    """Return OpenLineage events."""
    return [("/api/v1/lineage", body) for body in synthetic(count // 2, first=first)]


class Tracker:
    """Registers a plan and opens runs before the clock starts."""

    def __init__(self, port: int, key: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def ask(self, path: str, body: dict[str, Any]) -> Any:
        """Return the answer to one POST."""
        self.connection.request("POST", f"/api/v1/jobs{path}", json.dumps(body), self.headers)
        answer = self.connection.getresponse()
        found = json.load(answer)
        assert answer.status < 300, found
        return found

    def events(self, count: int, first: int) -> Iterator[Request]:
        """Yield six steps with values for each new run."""
        steps = [{"tag": tag, "name": tag.title(), "points": place + 1} for place, tag in enumerate(STEPS)]
        self.ask("/configurations", {"tag": "bench", "name": "Bench", "version": "1.0.0", "steps": steps})
        for number in range(first, first + count // len(STEPS)):
            run = self.ask("/runs", {"tag": "bench", "external_id": f"run-{number}"})
            for tag in STEPS:
                values = {"Score": 91.5, "Host": "worker-7", "Note": "as planned"}
                body = {"kind": "step", "step": tag, "metadata": values, "event_id": f"{number}-{tag}"}
                yield f"/api/v1/jobs/runs/{run['id']}/events", json.dumps(body).encode()


def main() -> None:
    """Share the events out, send them at once, and tell what came back."""
    port, key = int(sys.argv[1]), sys.argv[2]
    clients, count, first = map(int, sys.argv[3:6])
    asked = list(Tracker(port, key).events(count, first)) if "jobs" in sys.argv[6:] else lineage(count, first)
    together = len(STEPS) if "jobs" in sys.argv[6:] else 1
    runs = [asked[place : place + together] for place in range(0, len(asked), together)]
    shares = [[one for run in runs[index::clients] for one in run] for index in range(clients)]
    senders = [Sender(port, key, share) for share in shares]
    servers = [int(word) for word in sys.argv[6:] if word.isdigit()]
    used, begun = worked(servers), time.perf_counter()
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    seconds, used = time.perf_counter() - begun, worked(servers) - used
    statuses = sum((sender.statuses for sender in senders), Counter())
    took = [ms for one in senders for ms in one.took]
    click.echo(json.dumps({"seconds": seconds, "statuses": statuses, "took": took, "used": used}))


if __name__ == "__main__":
    main()
