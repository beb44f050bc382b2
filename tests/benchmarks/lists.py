"""The list of runs as a person and as a program gets it: requests, bytes, time and statements."""

import gzip
import statistics
import time
from collections.abc import Iterator

from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.db import db
from app.realms.models import Realm
from tests import factories
from tests.benchmarks.houses import house
from tests.benchmarks.machine import head, row
from tests.benchmarks.pages import signed_in

RUNS, QUICK, EVENTS, ROUNDS = 500, 60, 6, 9
SHOWN = {"page, 50 of them": "/r/bench/jobs/runs", "page, 200 of them": "/r/bench/jobs/runs?limit=200"}
ASKED = {"API, 50 of them": "/api/v1/jobs/runs", "API, 200 of them": "/api/v1/jobs/runs?limit=200"}


def tables(quick: bool) -> Iterator[str]:
    """Yield the table of the list of 500 runs with six events each."""
    count = QUICK if quick else RUNS
    yield head(f"list of {count} runs with {EVENTS} events", "requests", "KB", "KB compressed", "ms", "statements")
    with house("sqlite") as (app, realm), app.app_context():
        key = _provider(realm)
        program = app.test_client()
        program.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
        for number in range(count):
            body = {"job": f"job-{number % 20}", "external_id": f"case-{number:05d}"}
            run = program.post("/api/v1/jobs/runs", json=body).get_json()["number"]
            events = [{"kind": "step", "step": f"step {each}", "progress": 10 * each} for each in range(EVENTS)]
            assert program.post(f"/api/v1/jobs/runs/{run}/events", json=events).status_code == 200
        reader = signed_in(app, realm)
        for name, url in SHOWN.items():
            yield row([name, 1, *_cost(reader, url)])
        for name, url in ASKED.items():
            yield row([name, 1, *_cost(program, url)])


def _provider(realm: int) -> str:
    with Session(db.engine, expire_on_commit=False) as session:
        session.info["unscoped"] = "the benchmark makes a key"
        home = session.get_one(Realm, realm)
        user = factories.make_user(session, "sender")
        factories.make_membership(session, user, home, Role.PROVIDER)
        factories.make_grant(session, user, home, "jobs.write")
        return factories.make_key(session, user, home, "jobs.write")[1]


def _cost(client: FlaskClient, url: str) -> list[str]:
    took, count, text = [], 0, b""

    def look(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(db.engine, "before_cursor_execute", look)
    for _ in range(ROUNDS):
        count, begun = 0, time.perf_counter()
        answer = client.get(url, buffered=True)
        took.append(1_000 * (time.perf_counter() - begun))
        assert answer.status_code == 200, answer.text
        text = answer.get_data()
    event.remove(db.engine, "before_cursor_execute", look)
    sizes = (len(text) / 1_000, len(gzip.compress(text)) / 1_000)
    return [*(f"{size:.1f}" for size in sizes), f"{statistics.median(took):.0f}", str(count)]
