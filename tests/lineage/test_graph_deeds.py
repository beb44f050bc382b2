"""The graph at run and operation level."""

import pytest

from app.realms.models import Realm
from tests.databases import Database
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import WAREHOUSE, at, dataset, facet, job_type, parent, run, table
from tests.lineage.walks import Asked, Graphs


@pytest.fixture
def graphs(database: Database, realm: Realm, store: Store) -> Graphs:
    return Graphs(database, realm, store)


@pytest.fixture
def loads(intake: Intake) -> None:
    for n, rows in enumerate((5, None, 7)):
        counts = {"rowCount": rows} if rows is not None else None
        out = table("orders", counts=counts)
        intake.take(run(f"r{n}", "load", minute=n, inputs=[table("raw")], outputs=[out]))
    intake.take(run("late", "load", minute=60 * 24 * 3, inputs=[table("raw")], outputs=[table("orders")]))


def sums(found: Asked, source: str, target: str) -> tuple[int, int | None, set[str]]:
    """Return (runs, rows, types) over all lines between boxes of these names."""
    name = {token: box.name for token, box in found.found.nodes.items()}
    lines = [line for line in found.found.lines if (name[line.source], name[line.target]) == (source, target)]
    rows = [line.rows for line in lines if line.rows is not None]
    types = {type_ for line in lines for type_ in line.types}
    return sum(line.runs for line in lines), sum(rows) if rows else None, types


@pytest.mark.usefixtures("loads")
@pytest.mark.parametrize("level", ["run", "operation"])
def test_sums_of_runs_are_those_of_the_job(graphs: Graphs, level: str) -> None:
    by_job = graphs.ask("raw", depth=2, direction="down")
    found = graphs.ask("raw", depth=2, direction="down", jobs=level)

    assert len(found.found.nodes) == 6
    assert {box.kind for box in found.found.nodes.values()} == {"dataset", level}
    for ends in (("raw", "load"), ("load", "orders")):
        assert sums(found, *ends) == sums(by_job, *ends)
    assert sums(found, "load", "orders") == (4, 12, {"WRITE"})


@pytest.mark.usefixtures("loads")
def test_until_and_as_of_leave_later_runs_out_to_the_second(graphs: Graphs) -> None:
    assert len(graphs.ask("raw", jobs="run", until=at(1.5).replace("+00:00", "Z")).found.nodes) == 3
    assert len(graphs.ask("raw", jobs="run", as_of=at(1).replace("+00:00", "Z")).found.nodes) == 3
    assert len(graphs.ask("raw", jobs="run", view="ever").found.nodes) == 5


@pytest.mark.usefixtures("loads")
def test_a_run_can_be_the_start_and_a_job_stands_for_its_runs(graphs: Graphs, store: Store) -> None:
    found = graphs.raw([("start", f"run:{store.run('r1').id}"), ("jobs", "run"), ("depth", "1")])
    assert found.distances == {"load": 0, "raw": -1, "orders": 1}
    assert found["load"].hidden_up == found["load"].hidden_down == 0
    assert found["orders"].hidden_up == 3
    assert len(graphs.ask("job:load", jobs="run").found.nodes) == 6
    assert graphs.raw([("start", f"run:{store.run('r1').id}")]).names == {"raw", "load", "orders"}


def test_only_so_many_of_the_newest_runs_are_drawn(graphs: Graphs, intake: Intake) -> None:
    intake.take(*(run(f"r{n}", "load", minute=n, inputs=[table("raw")]) for n in range(30)))
    found = graphs.ask("raw", jobs="run", max=10)

    assert len([box for box in found.found.nodes.values() if box.kind == "run"]) == 9
    assert found.found.truncated
    assert min(line.first_seen for line in found.found.lines if line.first_seen).isoformat() > at(20)


def test_parts_of_a_run_are_one_run_and_several_operations(graphs: Graphs, intake: Intake) -> None:
    below, spark = {"parent": parent("app", "app")}, job_type("SPARK", "JOB")
    intake.take(
        run("app", "app", job_facets=job_type("SPARK", "APPLICATION")),
        run("a", "app.read", inputs=[table("D1")], outputs=[table("X")], facets=below, job_facets=spark),
        run("b", "app.write", inputs=[table("Y")], outputs=[table("D2")], facets=below, job_facets=spark),
    )
    assert graphs.ask("D1", jobs="run", depth=2).names == {"D1", "app", "X", "D2"}
    assert graphs.ask("D1", jobs="operation", depth=2).names == {"D1", "read", "X"}


def test_a_yearly_run_stays_in_the_current_view(graphs: Graphs, intake: Intake) -> None:
    intake.take(run("old", "yearly", inputs=[table("A")], outputs=[table("B")], eventTime="2025-01-05T10:00:00Z"))

    assert graphs.ask("A", jobs="run", depth=2).names == {"A", "yearly", "B"}


def test_a_running_run_is_told_with_its_beginning(graphs: Graphs, intake: Intake) -> None:
    intake.take(run("r", "stream", "START", minute=2, inputs=[table("A")], outputs=[table("B")]))
    for level in ("job", "run", "operation"):
        found = graphs.ask("A", jobs=level, depth=2)
        assert found["stream"].state == "running"
        assert {line.running_since.isoformat() for line in found.found.lines if line.running_since} == {at(2)}
        assert all(line.running_since for line in found.found.lines)


def test_what_datasets_claim_is_drawn_beside_runs(graphs: Graphs, intake: Intake) -> None:
    claim = facet(inputs=[{"namespace": WAREHOUSE, "name": "S", "type": "DATASET"}])
    intake.take(dataset(table("T", lineage=claim)), run("r", "load", minute=1, outputs=[table("T")]))

    assert graphs.ask("T", jobs="run", direction="up").evidence == {("S", "T"): "explicit", ("load", "T"): "operation"}


@pytest.mark.usefixtures("loads")
def test_an_operation_leads_to_the_run_that_owns_it_and_back(graphs: Graphs, store: Store) -> None:
    operation = store.operation("r1")
    assert operation is not None
    for level in ("run", "operation", "job"):
        found = graphs.raw([("start", f"operation:{operation.id}"), ("jobs", level)])
        assert found.names == {"raw", "load", "orders"}
        assert {box.kind for box in found.found.nodes.values()} == {"dataset", level}
