"""Time and statements of pages as the tables grow."""

import statistics
import time
from collections.abc import Iterator

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from app.changes.actor import CLI
from app.db import db, scope
from app.jobs.models import Run
from app.lineage.ingest import Arrival, ingest
from app.lineage.models import Dataset, Interaction
from app.lineage.store.batch import Origin
from app.realms.models import Realm
from tests import factories
from tests.benchmarks.events import synthetic
from tests.benchmarks.houses import house
from tests.benchmarks.machine import head, row
from tests.benchmarks.rows import grow

RUNS = (1_000, 100_000, 1_000_000)
ROUNDS = 7
INGESTED = 200


def tables(quick: bool) -> Iterator[str]:
    """Yield the table of pages: median milliseconds and statements, at each number of runs."""
    sizes = RUNS[:-1] if quick else RUNS
    found: dict[str, list[str]] = {}
    with house("sqlite") as (app, realm), app.app_context():
        _ingest(realm, INGESTED)
        client, urls = signed_in(app, realm), _urls(realm)
        there = INGESTED
        for size in sizes:
            with db.engine.begin() as connection:
                grow(connection, size - there)
            there = size
            for name, url in urls.items():
                found.setdefault(name, []).append(cost(client, url))
    yield head("pages on SQLite: ms (statements)", *(f"{size:,} runs" for size in sizes))
    for name, cells in found.items():
        yield row([name, *cells])


def _ingest(realm: int, runs: int) -> None:
    with Session(db.engine) as session:
        scope(session, realm)
        ingest(session, realm, [Arrival(line, Origin("batch")) for line in synthetic(runs)], CLI)
        session.commit()


def signed_in(app: Flask, realm: int) -> FlaskClient:
    """Return a browser signed in as the owner of the realm."""
    with Session(db.engine, expire_on_commit=False) as session:
        session.info["unscoped"] = "the benchmark signs in"
        found = session.get_one(Realm, realm)
        token = factories.make_sign_in(session, factories.make_user(session, "owner", found, "root"))
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["token"] = token
    return client


def _urls(realm: int) -> dict[str, str]:
    with Session(db.engine) as session:
        scope(session, realm)
        run = session.scalars(select(Run).order_by(Run.number.desc()).limit(1)).one()
        written = select(Interaction.dataset_id).where(
            Interaction.direction == "output", Interaction.job_id == run.job_id
        )
        dataset = session.scalars(select(Dataset).where(Dataset.id.in_(written))).one()
        return {
            "runs list": "/r/bench/jobs/runs",
            "runs list, failed": "/r/bench/jobs/runs?status=failed",
            "runs board": "/r/bench/jobs",
            "analytics": "/r/bench/jobs/analytics",
            "report": "/r/bench/jobs/report",
            "jobs list": "/r/bench/jobs/jobs",
            "datasets list": "/r/bench/lineage/datasets",
            "run page": f"/r/bench/jobs/runs/{run.id}",
            "dataset page": f"/r/bench/lineage/datasets/{dataset.id}",
        }


def cost(client: FlaskClient, url: str) -> str:
    """Return the median milliseconds and the statements of a page."""
    took, count = [], 0

    def look(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(db.engine, "before_cursor_execute", look)
    for _ in range(ROUNDS):
        count, begun = 0, time.perf_counter()
        assert client.get(url, buffered=True).status_code == 200, url
        took.append(1_000 * (time.perf_counter() - begun))
    event.remove(db.engine, "before_cursor_execute", look)
    return f"{statistics.median(took):,.0f} ({count})"
