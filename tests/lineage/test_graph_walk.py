"""The walk: which nodes and edges a question reaches."""

import pytest

from app.realms.models import Realm
from tests.databases import Database
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import WAREHOUSE, dataset, facet, job_type, parent, run, table
from tests.lineage.walks import Graphs


@pytest.fixture
def graphs(database: Database, realm: Realm, store: Store) -> Graphs:
    return Graphs(database, realm, store)


def step(job: str, inputs: str, outputs: str, minute: float = 0, run_id: str = "") -> dict[str, object]:
    """Return a completed run of a job over tables named by single words."""
    return run(
        run_id or f"run-{job}-{minute}",
        job,
        minute=minute,
        inputs=[table(name) for name in inputs.split()],
        outputs=[table(name) for name in outputs.split()],
    )


@pytest.fixture
def chain(intake: Intake) -> None:
    intake.take(step("J1", "D1", "D2"), step("J2", "D2", "D3"), step("J3", "D3", "D4"))


@pytest.mark.usefixtures("chain")
def test_depth_counts_edges_along_a_chain(graphs: Graphs) -> None:
    assert graphs.ask("D1", direction="down").distances == {"D1": 0, "J1": 1}
    assert graphs.ask("D1", direction="down", depth=2).distances == {"D1": 0, "J1": 1, "D2": 2}
    found = graphs.ask("D1", direction="down", depth=3)
    assert found.distances == {"D1": 0, "J1": 1, "D2": 2, "J2": 3}
    assert set(found.lines) == {("D1", "J1"), ("J1", "D2"), ("D2", "J2")}
    assert graphs.ask("D4", direction="up", depth=20).distances["D1"] == -6


def test_a_cycle_ends_at_the_second_visit(graphs: Graphs, intake: Intake) -> None:
    intake.take(step("J1", "D1", "D2"), step("J2", "D2", "D1"))
    found = graphs.ask("D1", depth=10)

    assert found.names == {"D1", "J1", "D2", "J2"}
    assert set(found.lines) == {("D1", "J1"), ("J1", "D2"), ("D2", "J2"), ("J2", "D1")}


def test_siblings_do_not_flood_in(graphs: Graphs, intake: Intake) -> None:
    intake.take(
        step("J1", "A side1", "B sideout1"), step("J2", "B side2", "C sideout2"), step("J3", "C side3", "D sideout3")
    )
    found = graphs.ask("job:J2", depth=3)

    assert found.names == {
        "J2", "B", "side2", "J1", "A", "side1", "C", "sideout2", "J3", "D", "sideout3",
    }  # fmt: skip


def test_a_table_read_and_written_is_one_node_with_a_mark(graphs: Graphs, intake: Intake) -> None:
    intake.take(step("J", "T", "T"))
    found = graphs.ask("T", depth=5)

    assert found.names == {"J", "T"}
    assert set(found.lines) == {("J", "T")}
    assert found["T"].marks == found["J"].marks == {"reads_and_writes"}
    assert found.lines["J", "T"].types == ["READ", "WRITE"]


@pytest.mark.usefixtures("chain")
def test_with_jobs_hidden_a_step_leads_to_the_next_dataset(graphs: Graphs) -> None:
    found = graphs.ask("D1", direction="down", jobs="hidden")

    assert found.distances == {"D1": 0, "D2": 1}
    assert found["D2"].hidden_down == 1
    assert found.lines["D1", "D2"].types == ["WRITE"]
    assert graphs.ask("D4", jobs="hidden", depth=9).distances == {"D4": 0, "D3": -1, "D2": -2, "D1": -3}


@pytest.mark.usefixtures("chain")
def test_with_data_hidden_a_step_leads_to_the_next_job(graphs: Graphs) -> None:
    found = graphs.ask("job:J1", direction="down", data="hidden", depth=2)

    assert found.distances == {"J1": 0, "J2": 1, "J3": 2}
    assert set(found.lines) == {("J1", "J2"), ("J2", "J3")}
    assert graphs.ask("job:J3", data="hidden").distances == {"J3": 0, "J2": -1}


def test_two_operations_of_one_run_do_not_join_what_they_read_and_wrote(graphs: Graphs, intake: Intake) -> None:
    below = {"parent": parent("app", "app")}
    spark = job_type("SPARK", "JOB")
    intake.take(
        run("app", "app", job_facets=job_type("SPARK", "APPLICATION")),
        run("a", "app.read", inputs=[table("D1")], outputs=[table("X")], facets=below, job_facets=spark),
        run("b", "app.write", inputs=[table("Y")], outputs=[table("D2")], facets=below, job_facets=spark),
    )
    assert graphs.ask("D1", direction="down", depth=2).names == {"D1", "app", "X", "D2"}
    assert graphs.ask("D1", jobs="hidden", depth=5).names == {"D1", "X"}


def test_runs_of_one_job_do_not_join_what_different_runs_read_and_wrote(graphs: Graphs, intake: Intake) -> None:
    intake.take(step("J", "D1", "", 0), step("J", "", "D2", 1))
    assert graphs.ask("D1", depth=2).names == {"D1", "J", "D2"}
    assert graphs.ask("D1", jobs="hidden", depth=2).names == {"D1"}

    claim = facet(inputs=[{"namespace": WAREHOUSE, "name": "D1", "type": "DATASET"}])
    intake.take(dataset(table("D2", lineage=claim), 2))
    assert graphs.ask("D1", jobs="hidden", depth=2).evidence == {("D1", "D2"): "explicit"}
