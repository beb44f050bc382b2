"""Senders of single events, a process of their own: ``python -m tests.benchmarks.load PORT KEY CLIENTS COUNT FIRST``.

Prints one line of JSON: seconds, count of each status, and the latencies in milliseconds.
"""

import http.client
import json
import sys
import threading
import time
from collections import Counter

import click

from tests.benchmarks.events import synthetic


class Sender(threading.Thread):
    """One client that keeps its connection and sends event after event."""

    def __init__(self, port: int, key: str, bodies: list[bytes]) -> None:
        super().__init__()
        self.port = port
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self.bodies = bodies
        self.statuses: Counter[str] = Counter()
        self.took: list[float] = []

    def run(self) -> None:
        """Send all events; a broken connection is counted and opened again."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        for body in self.bodies:
            begun = time.perf_counter()
            try:
                connection.request("POST", "/api/v1/lineage", body, self.headers)
                answer = connection.getresponse()
                answer.read()
                self.statuses[str(answer.status)] += 1
            except (http.client.HTTPException, OSError) as error:
                connection.close()
                self.statuses[type(error).__name__] += 1
            self.took.append(1_000 * (time.perf_counter() - begun))
        connection.close()


def main() -> None:
    """Share the events out, send them at once, and tell what came back."""
    port, key = int(sys.argv[1]), sys.argv[2]
    clients, count, first = map(int, sys.argv[3:6])
    events = list(synthetic(count // 2, first=first))
    senders = [Sender(port, key, events[index::clients]) for index in range(clients)]
    begun = time.perf_counter()
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    seconds = time.perf_counter() - begun
    statuses = sum((sender.statuses for sender in senders), Counter())
    click.echo(
        json.dumps({"seconds": seconds, "statuses": statuses, "took": [ms for one in senders for ms in one.took]})
    )


if __name__ == "__main__":
    main()
