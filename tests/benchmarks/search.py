"""Search and lists as the number of names grows."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from app.changes.actor import CLI
from app.db import db, scope
from app.lineage.ingest import Arrival, ingest
from app.lineage.store.batch import Origin
from tests.benchmarks.events import PRODUCER
from tests.benchmarks.houses import house, settle
from tests.benchmarks.machine import head, row
from tests.benchmarks.pages import cost, signed_in

NAMES = (1_000, 100_000)
QUICK = (1_000, 10_000)
THINGS = ("orders", "customers", "payments", "shipments", "returns", "visits", "prices", "stocks", "refunds", "baskets")
ASKED = {
    "exact name": "sales_7.orders_70",
    "a word many have": "orders",
    "two letters": "or",
    "inside a word": "hipmen",
    "two words": "sales customers",
    "nothing found": "zzyzx",
}
TIME = datetime(2026, 1, 1, tzinfo=UTC).isoformat()


def tables(quick: bool) -> Iterator[str]:
    """Yield one table for each database: median milliseconds and statements, at each number of names."""
    sizes = QUICK if quick else NAMES
    for kind in ("sqlite", "postgresql"):
        found: dict[str, list[str]] = {}
        with house(kind) as (app, realm), app.app_context():
            client, there = signed_in(app, realm), 0
            for size in sizes:
                _taken_in(realm, there, size)
                there = size
                settle(app)
                for name, words in ASKED.items():
                    found.setdefault(f"search, {name}", []).append(cost(client, f"/r/bench/search?q={words}"))
                found.setdefault("list, name holds", []).append(cost(client, "/r/bench/lineage/datasets?q=orders"))
        yield head(f"search on {kind}: ms (statements)", *(f"{size:,} names" for size in sizes))
        for name, cells in found.items():
            yield row([name, *cells])
        yield ""


def _taken_in(realm: int, first: int, last: int) -> None:
    with Session(db.engine) as session:
        scope(session, realm)
        for start in range(first, last, 1_000):
            some = [Arrival(_event(number), Origin("batch")) for number in range(start, min(start + 1_000, last))]
            ingest(session, realm, some, CLI)
            session.commit()


def _event(number: int) -> bytes:
    schema = number // 10
    body = {
        "eventTime": TIME,
        "producer": PRODUCER,
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent",
        "dataset": {
            "namespace": "postgres://db.example.com:5432",
            "name": f"shop.sales_{schema}.{THINGS[number % 10]}_{number}",
        },
    }
    return json.dumps(body).encode()
