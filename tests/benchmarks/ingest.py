"""Events a second through ``ingest``, parsing and commit of every batch included."""

import statistics
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session

from app.changes.actor import CLI
from app.db import db, scope
from app.lineage.ingest import Arrival, Refusal, ingest
from app.lineage.store.batch import Origin
from tests.benchmarks.events import replayed, synthetic
from tests.benchmarks.houses import house
from tests.benchmarks.machine import head, row

RECORDED = Path(__file__).resolve().parents[3] / "shared" / "openlineage"
ROUNDS = 3
WARM = 1_000
# Events of one round for each size of batch.
SIZES = {1: 150, 100: 1_000, 1_000: 2_000}
QUICK = {1: 60, 100: 500, 1_000: 1_000}


def tables(quick: bool) -> Iterator[str]:
    """Yield the table of ingestion: median of the rounds, by the clock and by the processor time of our process."""
    yield head("ingest: database, events", *(f"batch {size:,}: events/s (per CPU-s)" for size in SIZES))
    for kind in ("sqlite", "postgresql"):
        for name in ("recorded Spark", "synthetic"):
            if name == "synthetic" or RECORDED.is_dir():
                with house(kind) as (app, realm):
                    cells = [f"{rate:,.0f} ({cpu:,.0f})" for rate, cpu in _rates(app, realm, name, quick)]
                yield row([f"{kind}, {name}", *cells])
            else:
                yield row([f"{kind}, {name}", *["not measured: no recorded events here"] * len(SIZES)])


def _rates(app: Flask, realm: int, name: str, quick: bool) -> Iterator[tuple[float, float]]:
    sizes, rounds = (QUICK, 1) if quick else (SIZES, ROUNDS)
    count = WARM + rounds * sum(sizes.values())
    events = synthetic(count) if name == "synthetic" else replayed(RECORDED, "*spark*", count)
    with app.app_context():
        _timed(realm, list(islice(events, WARM)), WARM)
        for size, number in sizes.items():
            found = [_timed(realm, list(islice(events, number)), size) for _ in range(rounds)]
            yield statistics.median(rate for rate, _ in found), statistics.median(cpu for _, cpu in found)


def _timed(realm: int, lines: list[bytes], size: int) -> tuple[float, float]:
    arrivals = [Arrival(line, Origin("batch")) for line in lines]
    wall, cpu = time.perf_counter(), time.process_time()
    with Session(db.engine) as session:
        scope(session, realm)
        for start in range(0, len(arrivals), size):
            outcomes = ingest(session, realm, arrivals[start : start + size], CLI)
            assert not any(isinstance(outcome, Refusal) for outcome in outcomes)
            session.commit()
    return len(lines) / (time.perf_counter() - wall), len(lines) / (time.process_time() - cpu)
