"""One event of a run with few and with many events before it."""

import statistics
import time
from collections.abc import Iterator

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.db import db, scope
from app.realms.models import Realm
from tests import factories
from tests.benchmarks.houses import house
from tests.benchmarks.machine import head, row

EARLIER = (10, 100_000)
ROUNDS, WARM = 60, 10
URL = "/api/v1/jobs/runs"
COPIES = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
INSERT INTO jobs_event ({names}) SELECT {cells} FROM n CROSS JOIN jobs_event AS t
WHERE t.run = :run AND t.sequence = 1 AND t.realm_id = :realm
"""


def tables(quick: bool) -> Iterator[str]:
    """Yield the table: median milliseconds of one event in the process itself, and the ratio."""
    rounds = ROUNDS // 3 if quick else ROUNDS
    yield head("one event on SQLite, ms: earlier events of its run", *(f"{count:,}" for count in EARLIER), "ratio")
    with house("sqlite") as (app, realm), app.app_context():
        with Session(db.engine, expire_on_commit=False) as session:
            session.info["unscoped"] = "the benchmark makes a key"
            home = session.get_one(Realm, realm)
            user = factories.make_user(session, "sender")
            factories.make_membership(session, user, home, Role.PROVIDER)
            factories.make_grant(session, user, home, "jobs.write")
            key = factories.make_key(session, user, home, "jobs.write")[1]
        client = app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
        runs = [_run(client, realm, earlier) for earlier in EARLIER]
        took: list[list[float]] = [[] for _ in EARLIER]
        # In turn, so that what else the machine does hits both alike.
        for number in range(rounds + WARM):
            for run, times in zip(runs, took, strict=True):
                begun = time.perf_counter()
                _event(client, run, {"kind": "info", "name": "as planned", "event_id": f"e{number}"})
                times.append(1_000 * (time.perf_counter() - begun))
        few, many = (statistics.median(times[WARM:]) for times in took)
        yield row(["milliseconds", f"{few:.1f}", f"{many:.1f}", f"{many / few:.2f}"])


def _run(client: FlaskClient, realm: int, earlier: int) -> int:
    """Open a run with so many events: the database copies the first."""
    opened = client.post(URL, json={"job": "load", "external_id": str(earlier)})
    assert opened.status_code == 201, opened.text
    number = int(opened.get_json()["number"])
    _event(client, number, {"kind": "info", "name": "the first"})
    with Session(db.engine) as session:
        scope(session, realm)
        columns = [each[1] for each in session.connection().exec_driver_sql("PRAGMA table_info(jobs_event)")]
        fresh = {"id": "(SELECT max(id) FROM jobs_event) + n.i", "sequence": "n.i + 1"}
        sql = COPIES.format(
            names=", ".join(f'"{name}"' for name in columns),
            cells=", ".join(fresh.get(name, f't."{name}"') for name in columns),
        )
        session.connection().exec_driver_sql(sql, {"count": earlier - 1, "run": number, "realm": realm})
        last = {"count": earlier, "run": number, "realm": realm}
        update = "UPDATE jobs_run_tracking SET sequence = :count WHERE run = :run AND realm_id = :realm"
        session.connection().exec_driver_sql(update, last)
        session.commit()
    return number


def _event(client: FlaskClient, run: int, body: dict[str, str]) -> None:
    answer = client.post(f"{URL}/{run}/events", json=body)
    assert answer.status_code == 201, answer.text
