"""Runs, operations and jobs as each producer's events give them: Spark, dbt, Airflow, Flink, Hive; on stored rows."""

from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.jobs.models import Dependency
from app.lineage.models import Operation
from tests.browser import Browser
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import facet, job_type, parent, run, table

Json = dict[str, Any]
APP: Json = job_type("SPARK", "APPLICATION", "NONE")
SQL: Json = job_type("SPARK", "SQL_JOB")
APP_FACETS = {
    "spark_applicationDetails": facet(
        applicationId="app-17", userName="ann", historyUrl="javascript:alert(1)", uiWebUrl="https://ui.example/17"
    )
}


def below(run_id: str, job: str, **facets: Any) -> Json:
    """Return run facets with this parent."""
    return {"parent": parent(run_id, job), **facets}


def command(name: str, minute: float, type_: str = "COMPLETE", **io: Any) -> Json:
    """Return an event of a command of the Spark application."""
    details = {"spark_jobDetails": facet(jobId=int(minute), jobDescription=f"step {name}")}
    return run(name, f"shop.{name}", type_, minute, job_facets=SQL, facets=below("app", "shop", **details), **io)


SPARK = [
    run("app", "shop", "START", 0, job_facets=APP, facets=APP_FACETS),
    command("read", 1, inputs=[table("d.s.raw")], outputs=[table("d.s.clean")]),
    command("write", 2, inputs=[table("d.s.clean")], outputs=[table("d.s.sums")]),
    run("app", "shop", "COMPLETE", 3, job_facets=APP),
]


def owners(session: Session, store: Store) -> dict[str, str]:
    """Return the run that reported each operation with the run that owns it."""
    names = {row.number: name for name, row in store.runs().items()}
    return {names[row.number]: names[row.run] for row in session.scalars(select(Operation))}


def roles(store: Store) -> dict[str, str]:
    """Return the role of each run."""
    return {name: row.role for name, row in store.runs().items()}


@pytest.mark.parametrize("order", [order for n, order in enumerate(permutations(range(4))) if n % 3 == 0])
def test_a_spark_application_owns_its_commands_in_any_order(
    intake: Intake, store: Store, session: Session, order: tuple[int, ...]
) -> None:
    intake.each([SPARK[place] for place in order])

    assert roles(store) == {"app": "unit", "read": "part", "write": "part"}
    assert owners(session, store) == {"read": "app", "write": "app"}
    application = store.run("app")
    assert (application.external_id, application.started_by_name) == ("app-17", "ann")
    assert (application.status, application.log_url) == ("completed", "https://ui.example/17")
    read = store.operation("read")
    assert read is not None
    assert (read.name, read.position, read.description) == ("read", 1, "step read")
    assert store.interactions() == [
        ("shop.read", "d.s.clean", "output", "WRITE"),
        ("shop.read", "d.s.raw", "input", "READ"),
        ("shop.write", "d.s.clean", "input", "READ"),
        ("shop.write", "d.s.sums", "output", "WRITE"),
    ]
    assert {row.parent_job_id for name, row in store.jobs().items() if name != "shop"} == {store.jobs()["shop"].id}


def test_the_list_of_runs_has_the_application_alone(client: Browser, intake: Intake) -> None:
    intake.take(*SPARK)

    items = client.get("/r/acme/jobs/runs?format=json").get_json()["items"]

    assert [item["job"] for item in items] == ["shop"]


def test_an_application_with_inputs_of_its_own_has_an_operation(intake: Intake, store: Store, session: Session) -> None:
    intake.take(*SPARK, run("app", "shop", "RUNNING", 1, job_facets=APP, inputs=[table("d.s.raw")]))

    assert owners(session, store) == {"app": "app", "read": "app", "write": "app"}


def test_a_command_without_a_parent_is_a_unit_until_its_parent_is_known(
    intake: Intake, store: Store, session: Session
) -> None:
    intake.take(run("read", "shop.read", "START", 1, job_facets=SQL))
    assert (roles(store), owners(session, store)) == ({"read": "unit"}, {"read": "read"})

    intake.each([SPARK[1], SPARK[0]])

    assert (roles(store)["read"], owners(session, store)["read"]) == ("part", "app")


DBT = job_type("DBT", "JOB")
DBT_EVENTS = [
    run("build", "dbt-run-shop", "START", 0, job_facets=DBT, facets={"dbt_run": facet(invocation_id="inv-1")}),
    run(
        "model",
        "shop.sums",
        minute=1,
        job_facets=job_type("DBT", "MODEL"),
        facets=below("build", "dbt-run-shop", dbt_run=facet(invocation_id="inv-1")),
        inputs=[table("d.s.raw")],
        outputs=[table("d.s.sums")],
    ),
    run("test", "shop.sums.test", minute=2, job_facets=job_type("DBT", "TEST"), facets=below("build", "dbt-run-shop")),
    run(
        "statement", "shop.sums.sql.1", minute=1, job_facets=job_type("DBT", "SQL"), facets=below("model", "shop.sums")
    ),
    run("build", "dbt-run-shop", minute=3, job_facets=DBT),
]


@pytest.mark.parametrize("turn", [1, -1])
def test_a_dbt_run_owns_models_tests_and_statements(intake: Intake, store: Store, session: Session, turn: int) -> None:
    intake.each(DBT_EVENTS[::turn])

    assert roles(store) == {"build": "unit", "model": "part", "test": "part", "statement": "part"}
    assert owners(session, store) == dict.fromkeys(["model", "test", "statement"], "build")
    assert (store.run("build").external_id, store.run("model").external_id) == ("inv-1", None)
    model = store.operation("model")
    assert model is not None
    assert (model.group, model.name, store.operation("build")) == ("MODEL", "sums", None)


def test_statements_without_inputs_and_outputs_are_in_no_list(client: Browser, intake: Intake) -> None:
    intake.take(*DBT_EVENTS)

    for url in ("/r/acme/jobs/runs", "/r/acme/jobs/jobs"):
        items = client.get(f"{url}?format=json").get_json()["items"]
        assert "shop.sums.sql.1" not in str(items), url


def airflow_task(task: str, index: int = -1, attempt: int = 1, **more: Any) -> Json:
    """Return the airflow facet of a task instance."""
    instance = {"try_number": attempt, "map_index": index, "log_url": f"https://air.example/{task}"}
    body = {"task_id": task, "operator_class": "PythonOperator", "task_group": {"group_id": "night"}, **more}
    return facet(
        dag={"dag_id": "etl", "owner": "ann"}, dagRun={"run_id": "scheduled__1"}, task=body, taskInstance=instance
    )


TASK = job_type("AIRFLOW", "TASK")


def dag(owner: str, type_: str = "START", minute: float = 0) -> Json:
    """Return an event of the DAG run."""
    body = facet(dag={"dag_id": "etl", "owner": owner}, dagRun={"run_id": "scheduled__1"})
    return run("dag", "etl", type_, minute, job_facets=job_type("AIRFLOW", "DAG"), facets={"airflowDagRun": body})


def airflow(owner: str = "ann") -> list[Json]:
    """Return a DAG run with two mapped instances of a task and a query below the first."""
    mapped = [
        run(
            f"load{index}",
            "etl.load",
            minute=1 + index,
            job_facets=TASK,
            facets=below(
                "dag",
                "etl",
                airflow=airflow_task("load", index, 2 + index, upstream_task_ids="['start']", downstream_task_ids=[]),
            ),
            outputs=[table("d.s.raw")],
        )
        for index in range(2)
    ]
    query = run(
        "query",
        "etl.load.query.1",
        minute=1.5,
        job_facets=job_type("AIRFLOW", "QUERY"),
        facets=below("load0", "etl.load"),
        inputs=[table("d.s.source")],
    )
    return [dag(owner), *mapped, query, dag(owner, "COMPLETE", 5)]


@pytest.mark.parametrize("turn", [1, -1])
def test_airflow_tasks_are_runs_below_the_dag_run(intake: Intake, store: Store, session: Session, turn: int) -> None:
    intake.each(airflow()[::turn])

    assert roles(store) == {"dag": "unit", "load0": "unit", "load1": "unit", "query": "part"}
    assert owners(session, store) == {"load0": "load0", "load1": "load1", "query": "load0"}
    runs = store.runs()
    assert (runs["dag"].external_id, runs["dag"].started_by_name) == ("scheduled__1", "ann")
    assert [(runs[f"load{n}"].external_id, runs[f"load{n}"].attempt) for n in range(2)] == [
        ("scheduled__1[0]", 2),
        ("scheduled__1[1]", 3),
    ]
    assert {runs[f"load{n}"].parent_run for n in range(2)} == {runs["dag"].number}
    assert runs["load0"].log_url == "https://air.example/load"
    task = store.operation("load1")
    assert task is not None
    assert (task.name, task.group, task.position, task.description) == ("load", "night", 1, "PythonOperator")


@pytest.mark.parametrize("owner", ["airflow", "***"])
def test_a_default_owner_is_no_user(intake: Intake, store: Store, owner: str) -> None:
    intake.take(*airflow(owner))

    assert store.run("dag").started_by_name is None


def test_neighbouring_tasks_are_control_flow_and_no_data(intake: Intake, store: Store, session: Session) -> None:
    intake.take(*airflow())

    row = session.scalars(select(Dependency)).one()
    jobs = store.jobs()
    assert (row.from_job_id, row.to_job_id) == (jobs["etl.start"].id, jobs["etl.load"].id)
    assert jobs["etl.start"].origin == "named"


def test_a_flink_job_streams_and_owns_its_query(intake: Intake, store: Store, session: Session) -> None:
    kind = job_type("FLINK", "JOB", "STREAMING")
    stream = {"flink_job": facet(jobId="f-1")}
    intake.each(
        [
            run("query", "stream.q", "RUNNING", 1, job_facets=job_type("FLINK", "QUERY", "STREAMING"),
                facets=below("flink", "stream"), outputs=[table("topic", "kafka://b:9092")]),
            run("flink", "stream", "START", 0, job_facets=kind, facets=stream, inputs=[table("in", "kafka://b:9092")]),
        ]
    )  # fmt: skip

    assert roles(store) == {"flink": "unit", "query": "part"}
    assert owners(session, store) == {"flink": "flink", "query": "flink"}
    assert (store.run("flink").external_id, store.run("flink").status) == ("f-1", "running")
    operation = store.operation("flink")
    assert operation is not None
    assert (operation.type, operation.ended_at) == ("STREAMING", None)
    assert store.interaction("topic").type == "APPEND"


@pytest.mark.parametrize("together", [True, False])
def test_hive_queries_are_parts_of_the_derived_session(
    intake: Intake, store: Store, session: Session, *, together: bool
) -> None:
    held = facet(username="ann", clientIp="10.0.0.1", sessionId="s-1", creationTime="2026-03-02T08:00:00Z")
    kind = job_type("HIVE", "QUERY")
    queries = [
        run(f"q{n}", f"create.t{n}", minute=n, job_facets=kind, outputs=[table(f"t{n}", "hive://m:9083")],
            facets={"hive_session": held, "hive_query": facet(queryId=f"id-{n}", operationName="CTAS")})
        for n in range(2)
    ]  # fmt: skip
    if together:
        intake.take(*queries)
    else:
        intake.each(queries[::-1])

    (derived,) = [row for row in store.runs().values() if row.origin == "derived"]
    jobs = {row.id: name for name, row in store.jobs().items()}
    assert (jobs[derived.job_id], derived.job_type, derived.role) == ("ann@10.0.0.1", "HIVE_SESSION", "unit")
    assert derived.began_at.hour == 8
    assert owners(session, store) == dict.fromkeys(["q0", "q1"], derived.reported_id)
    query = store.run("q0")
    assert (query.role, query.external_id, query.parent_run) == ("part", "id-0", derived.number)
    assert store.interaction("t0").connect_as_name == "ann"


def test_a_hive_query_without_a_session_is_a_unit(intake: Intake, store: Store, session: Session) -> None:
    intake.take(run("q", "create.t", job_facets=job_type("HIVE", "QUERY"), outputs=[table("t", "hive://m:9083")]))

    assert (roles(store), owners(session, store)) == ({"q": "unit"}, {"q": "q"})


def test_anything_else_below_a_parent_is_a_unit_with_its_own_operation(
    intake: Intake, store: Store, session: Session
) -> None:
    intake.take(run("up", "flow"), run("down", "step", facets=below("up", "flow")))

    assert roles(store) == {"up": "unit", "down": "unit"}
    assert owners(session, store) == {"up": "up", "down": "down"}
