"""Folding: which job a part is drawn as, without losing a run or a row."""

from typing import Any

import pytest

from app.realms.models import Realm
from tests.databases import Database
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import job_type, parent, run, table
from tests.lineage.walks import Asked, Graphs


@pytest.fixture
def graphs(database: Database, realm: Realm, store: Store) -> Graphs:
    return Graphs(database, realm, store)


def below(run_id: str, job: str) -> dict[str, Any]:
    return {"parent": parent(run_id, job)}


@pytest.fixture
def airflow_and_spark(intake: Intake) -> None:
    """A DAG with a task that starts a Spark application of two commands."""
    task, app, sql = (job_type("AIRFLOW", "TASK"), job_type("SPARK", "APPLICATION"), job_type("SPARK", "SQL_JOB"))
    intake.take(
        run("dag", "dag", job_facets=job_type("AIRFLOW", "DAG")),
        run("task", "dag.task", facets=below("dag", "dag"), job_facets=task),
        run("app", "app", facets=below("task", "dag.task"), job_facets=app),
        run("c1", "app.a", facets=below("app", "app"), job_facets=sql, inputs=[table("A")],
            outputs=[table("B", counts={"rowCount": 3})]),
        run("c2", "app.b", facets=below("app", "app"), job_facets=sql, inputs=[table("A")],
            outputs=[table("B", counts={"rowCount": 4})]),
    )  # fmt: skip


@pytest.fixture
def dbt(intake: Intake) -> None:
    """A dbt invocation with a model that runs a statement."""
    intake.take(
        run("inv", "project", job_facets=job_type("DBT", "JOB")),
        run("node", "project.model", facets=below("inv", "project"), job_facets=job_type("DBT", "MODEL"),
            inputs=[table("raw")], outputs=[table("model")]),
        run("sql", "project.model.sql.1", facets=below("node", "project.model"), job_facets=job_type("DBT", "SQL"),
            inputs=[table("raw")], outputs=[table("model")]),
    )  # fmt: skip


def jobs(found: Asked) -> set[str]:
    return {box.name for box in found.found.nodes.values() if box.kind == "job"}


def sums(found: Asked) -> dict[str, tuple[int, int]]:
    """Return (runs, rows) of what is read and what is written, over all lines."""
    told = {"read": [0, 0], "written": [0, 0]}
    for line in found.found.lines:
        side = told["read" if line.source.kind == "dataset" else "written"]
        side[0] += line.runs
        side[1] += line.rows or 0
    return {name: (runs, rows) for name, (runs, rows) in told.items()}


@pytest.mark.usefixtures("airflow_and_spark")
@pytest.mark.parametrize("start", ["A", "B"])
def test_commands_fold_into_their_application_and_all_into_the_dag(graphs: Graphs, start: str) -> None:
    found = {fold: graphs.ask(start, depth=2, fold=fold) for fold in ("auto", "none", "root")}

    assert jobs(found["auto"]) == {"app"}
    assert jobs(found["none"]) == {"app.a", "app.b"}
    assert jobs(found["root"]) == {"dag"}
    assert {name: sums(one) for name, one in found.items()} == {
        name: {"read": (2, 0), "written": (2, 7)} for name in found
    }


@pytest.mark.usefixtures("airflow_and_spark")
def test_any_part_leads_to_the_job_it_is_drawn_as(graphs: Graphs) -> None:
    for name in ("job:app", "job:app.a", "job:app.b"):
        assert graphs.ask(name).names == {"app", "A", "B"}
    for name in ("job:dag", "job:dag.task", "job:app.a"):
        assert graphs.ask(name, fold="root").names == {"dag", "A", "B"}
    assert graphs.ask("job:app.a", fold="none").names == {"app.a", "A", "B"}


@pytest.mark.usefixtures("dbt")
def test_a_dbt_node_is_drawn_as_itself_and_its_statement_as_the_node(graphs: Graphs) -> None:
    assert jobs(graphs.ask("raw", depth=2)) == {"project.model"}
    assert jobs(graphs.ask("raw", depth=2, fold="root")) == {"project"}
    assert jobs(graphs.ask("raw", depth=2, fold="none")) == {"project.model", "project.model.sql.1"}


def test_parents_in_a_circle_fold_into_one_of_them(graphs: Graphs, intake: Intake) -> None:
    spark = job_type("SPARK", "SQL_JOB")
    intake.take(
        run("x", "x", facets=below("y", "y"), job_facets=spark, inputs=[table("A")]),
        run("y", "y", facets=below("x", "x"), job_facets=spark, outputs=[table("B")]),
    )
    for fold in ("auto", "root"):
        assert len(graphs.ask("A", depth=2, fold=fold).names) == 3
        assert graphs.ask("A", depth=2, fold=fold).names == graphs.ask("B", depth=2, fold=fold).names


@pytest.mark.usefixtures("airflow_and_spark")
def test_expanders_count_folded_jobs_once(graphs: Graphs) -> None:
    found = graphs.ask("A", direction="up")

    assert (found["A"].hidden_up, found["A"].hidden_down) == (0, 1)
