"""The same events give the same facts on SQLite and PostgreSQL; realms keep the same run ids apart."""

import hashlib
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.jobs.models import Run
from app.realms.models import Realm
from tests import databases, factories
from tests.browser import Browser
from tests.databases import Database
from tests.lineage.intake import Intake
from tests.lineage.openlineage_events import columns, facet, job, job_type, parent, run, schema, symlinks, table

Event = dict[str, Any]
DAYS = 1440
LISTS = ("jobs/jobs?sort=name", "lineage/datasets?sort=name", "lineage/storages", "locations", "lineage/columns")
EXPORTS = ("jobs/jobs", "lineage/datasets", "lineage/storages", "locations", "lineage/columns")
# Row numbers and ids in addresses and boxes, tokens, and times that count from now.
OWN = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}|(?<=[/:=-])\d+|X-CSRFToken[^}]*|"
    r'(?<=name="id" value=")\d+|(?<=(?:id|by)="d)\d+|csrf_token" value="[^"]*|<time[^>]*>[^<]*</time>|after=[^"&]*'
)


def airflow(chance: random.Random, number: int) -> list[Event]:
    """Return a DAG run with two tasks, one of which may fail."""
    dag, start = f"dag{number % 5}", chance.randint(0, 5 * DAYS)
    dag_run, parent_ = f"dag-run-{number}", {"parent": parent(f"dag-run-{number}", dag)}
    found = [run(dag_run, dag, "START", start, job_facets=job_type("AIRFLOW", "DAG"))]
    for task in ("extract", "load"):
        airflow_ = facet(taskInstance={"try_number": 1}, dag={"dag_id": dag}, task={"task_id": task})
        more: Event = {"facets": {**parent_, "airflow": airflow_}, "job_facets": job_type("AIRFLOW", "TASK")}
        end = chance.choice(["COMPLETE", "COMPLETE", "FAIL"])
        out = table(f"{dag}.{task}", schema=schema("id", task), counts={"rowCount": chance.randint(0, 50)})
        for type_, minute in (("START", start + 1), (end, start + 2 + chance.randint(0, DAYS))):
            found.append(run(f"{dag_run}-{task}", f"{dag}.{task}", type_, minute, outputs=[out], **more))
    return [*found, run(dag_run, dag, "COMPLETE", start + 2 * DAYS, job_facets=job_type("AIRFLOW", "DAG"))]


def spark(chance: random.Random, number: int) -> list[Event]:
    """Return an application with two commands; the second one's name grows by the table it writes."""
    start, app = chance.randint(0, 5 * DAYS), f"app{number % 4}"
    more: Event = {"facets": {"parent": parent(f"app-{number}", app)}, "job_facets": job_type("SPARK", "SQL_JOB")}
    found = [run(f"app-{number}", app, "START", start, job_facets=job_type("SPARK", "APPLICATION", "NONE"))]
    for step in range(2):
        lineage = columns(id=[(f"lake/in{step}", chance.choice(["a", "b"]))])
        out = table(f"lake/out{step}", "s3://lake", columnLineage=lineage, symlinks=symlinks(f"db.out{step}"))
        name, run_id = f"{app}.command", f"app-{number}-{step}"
        found.append(run(run_id, name, "START", start + 1, inputs=[table(f"lake/in{step}", "s3://lake")], **more))
        found.append(run(run_id, f"{name}.out{step}", "COMPLETE", start + 2, outputs=[out], **more))
    return [*found, run(f"app-{number}", app, chance.choice(["COMPLETE", "ABORT"]), start + 3)]


def dbt(chance: random.Random, number: int) -> list[Event]:
    """Return an invocation with a model and a test of it."""
    start, more = chance.randint(0, 5 * DAYS), {"parent": parent(f"dbt-{number}", "dbt")}
    checks = facet(assertions=[{"assertion": "unique", "column": "id", "success": chance.random() < 0.7}])
    tested = table(f"shop.model{number % 3}") | {"inputFacets": {"dataQualityAssertions": checks}}
    model = table(f"shop.model{number % 3}", schema=schema("id", *(["age"] if chance.random() < 0.5 else [])))
    sql = {"sql": facet(query="CREATE TABLE model AS SELECT 1")}
    kinds = [job_type("DBT", kind) for kind in ("JOB", "MODEL", "TEST")]
    return [
        run(f"dbt-{number}", "dbt", "START", start, job_facets=kinds[0]),
        run(f"dbt-{number}-m", "dbt.m", "COMPLETE", start + 1, outputs=[model], facets=more, job_facets=kinds[1] | sql),
        run(f"dbt-{number}-t", "dbt.t", "COMPLETE", start + 2, inputs=[tested], facets=more, job_facets=kinds[2]),
        run(f"dbt-{number}", "dbt", "COMPLETE", start + 3, job_facets=kinds[0]),
    ]


def flink(chance: random.Random, number: int) -> list[Event]:
    """Return a stream that tells of itself on several days and may end."""
    kind = job_type("FLINK", "JOB", "STREAMING")
    io: Event = {"inputs": [table("clicks", "kafka://b1:9092,b2:9092")], "outputs": [table("clean", "kafka://b2:9092")]}
    start = chance.randint(0, DAYS)
    types = ["START", "RUNNING", "RUNNING", chance.choice(["RUNNING", "FAIL"])]
    return [
        run(f"flink-{number}", f"stream{number % 2}", type_, start + place * DAYS, job_facets=kind, **io)
        for place, type_ in enumerate(types)
    ]


def hive(chance: random.Random, number: int) -> list[Event]:
    """Return a query of a session, and a declared job beside it."""
    session = facet(sessionId=f"s{number % 4}", username="ann", clientIp="10.0.0.1", creationTime="2026-03-02T09:00Z")
    ns = "hive://meta:9083"
    query = {"sql": facet(query=chance.choice(["INSERT INTO a SELECT 1", "ALTER TABLE a RENAME TO b"]))}
    return [
        run(
            f"hive-{number}",
            "query",
            "COMPLETE",
            chance.randint(0, 5 * DAYS),
            facets={"hive_session": session},
            outputs=[table("db.Ä", ns, ownership=facet(owners=[{"name": "ann", "type": "MAINTAINER"}]))],
            job_facets=query,
        ),
        job(f"declared{number % 3}", number, inputs=[table(f"db.t{chance.randint(0, 3)}", ns)]),
    ]


def generated() -> list[Event]:
    """Return 3,000 events of all producers, shuffled, one in ten a repeat."""
    chance = random.Random(33)
    makers = (airflow, spark, dbt, flink, hive)
    found = [event for number in range(130) for make in makers for event in make(chance, number)][:2_700]
    found += chance.sample(found, 300)
    chance.shuffle(found)
    return found


def digest(value: object) -> str:
    """Return a short text that stands for a JSON value."""
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def without_ids(value: Any) -> Any:
    """Return exported rows without what each database numbers for itself, and without times of arrival."""
    if isinstance(value, dict):
        gone = {"id", "number", "last_run", "last_duration_s", "created_at", "last_seen_at", "received_at"}
        return {name: without_ids(each) for name, each in value.items() if name not in gone and name[-3:] != "_id"}
    return [without_ids(each) for each in value] if isinstance(value, list) else value


def seen(database: Database, session: Session, realm: Realm) -> dict[str, str]:
    """Return what lists and their exports show of a realm, without ids."""
    reader = factories.make_user(session, f"reader of {realm.shortname}", realm, "root")
    browser = Browser(database.app, session).as_(reader)
    found = {}
    for url in (*LISTS, *(f"{url}?format=json" for url in EXPORTS)):
        answer = browser.client.get(f"/r/{realm.shortname}/{url}", buffered=True)
        assert answer.status_code == 200, url
        text = answer.get_data(as_text=True)
        if url in LISTS:
            found[url] = OWN.sub("", text)
        else:
            rows = without_ids(json.loads(text)["items"])
            found[url] = "\n".join(sorted(OWN.sub("", json.dumps(row)) for row in rows))
    return found


@pytest.fixture(scope="module")
def on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, str]]:
    """The facts and pages of the generated events on SQLite, in batches of 500."""
    folder: Path = tmp_path_factory.mktemp("agree")
    database = databases.sqlite(folder)
    with databases.live_session(database.engine()) as session, databases.watching(database):
        intake = Intake(database, factories.make_realm(session, "acme"))
        intake.in_batches(generated(), [500] * 6)
        found = intake.facts(), seen(database, session, intake.realm)
    database.close()
    return found


def test_3000_events_of_mixed_producers_give_equal_facts_and_pages_on_both_databases(
    intake: Intake, database: Database, session: Session, on_sqlite: tuple[dict[str, Any], dict[str, str]]
) -> None:
    events = generated()
    assert len(events) == 3_000
    intake.in_batches(events, [7, 60, 1, 150, 33, 700, 400])
    facts, pages = on_sqlite

    found = intake.facts()

    assert [key for key in facts if digest(found.get(key)) != digest(facts[key])] == []
    assert found.keys() == facts.keys()
    assert facts["counts"]["runs"] > 1_000
    shown = seen(database, session, intake.realm)
    for url, text in pages.items():
        # By line, so that a difference is told in a line and not as two pages.
        assert shown[url].splitlines() == text.splitlines(), url


def test_the_same_run_id_in_two_realms_is_two_runs(
    intake: Intake, database: Database, session: Session, other_realm: Realm
) -> None:
    other = Intake(database, other_realm)
    intake.take(run("same", "load", "COMPLETE", outputs=[table("shop.orders")]))
    before = intake.facts()
    other.take(run("same", "elsewhere", "FAIL", 9, inputs=[table("shop.orders")]))

    runs = session.scalars(select(Run).where(Run.reported_id == "same")).all()

    assert {(row.realm_id, row.status) for row in runs} == {
        (intake.realm.id, "completed"),
        (other_realm.id, "failed"),
    }
    assert len({row.id for row in runs}) == 2
    assert intake.facts() == before
    assert [job_["name"] for job_ in other.facts()["jobs"]] == ["elsewhere"]
