"""Evidence: why an edge is drawn, and how the viewer switches it."""

from typing import Any

import pytest

from app.realms.models import Realm
from tests.databases import Database
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import WAREHOUSE, at, columns, dataset, facet, job, run, table
from tests.lineage.walks import Graphs


@pytest.fixture
def graphs(database: Database, realm: Realm, store: Store) -> Graphs:
    return Graphs(database, realm, store)


def named(name: str, type_: str = "DATASET", **more: Any) -> dict[str, Any]:
    """Return an entry of a lineage facet."""
    return {"namespace": WAREHOUSE if type_ == "DATASET" else "etl", "name": name, "type": type_, **more}


def test_what_a_job_declares_is_drawn_and_the_newest_declaration_counts(graphs: Graphs, intake: Intake) -> None:
    intake.take(
        job("build", 0, inputs=[table("A"), table("B")], outputs=[table("T")]),
        job("build", 1, inputs=[table("B")], outputs=[table("T")]),
    )
    found = graphs.ask("T", depth=2)

    assert found.evidence == {("build", "T"): "declared", ("B", "build"): "declared"}
    assert found.lines["B", "build"].runs == 0
    assert graphs.ask("T", depth=2, view="ever").names == {"A", "B", "T", "build"}
    assert graphs.ask("T", depth=2, evidence="operation").names == {"T"}
    assert graphs.ask("T", jobs="hidden").evidence == {("B", "T"): "declared"}


def test_a_newer_declaration_without_data_leaves_nothing_current(graphs: Graphs, intake: Intake) -> None:
    intake.take(job("build", 0, inputs=[table("A")], outputs=[table("T")]), job("build", 1))

    assert graphs.ask("T", depth=2).names == {"T"}
    assert graphs.ask("T", depth=2, view="ever").names == {"A", "T", "build"}


def test_a_claim_of_a_dataset_joins_it_with_its_source(graphs: Graphs, intake: Intake) -> None:
    intake.take(dataset(table("T", lineage=facet(inputs=[named("S", field="a"), named("S", field="b")]))))
    for hidden in ("job", "hidden"):
        found = graphs.ask("T", jobs=hidden)
        assert found.evidence == {("S", "T"): "explicit"}
        assert found["S"].marks == {"referenced"}
    assert graphs.ask("S", direction="down").distances == {"S": 0, "T": 1}


def test_what_a_job_says_of_datasets_goes_through_it(graphs: Graphs, intake: Intake) -> None:
    entries = [named("T", inputs=[named("S")])]
    inputs = [table("S"), table("R")]
    intake.take(run("r", "build", job_facets={"lineage": facet(entries=entries)}, inputs=inputs, outputs=[table("T")]))
    found = graphs.ask("T", depth=2)

    assert found.evidence == {("build", "T"): "explicit", ("S", "build"): "explicit", ("R", "build"): "possible"}
    assert found.lines["S", "build"].runs == 1
    assert graphs.ask("T", jobs="hidden").evidence == {("S", "T"): "explicit", ("R", "T"): "possible"}


@pytest.fixture
def enriched(intake: Intake) -> None:
    out = table("T", columnLineage=columns(x=[("S", "a")]))
    intake.take(run("r", "build", inputs=[table("S"), table("R")], outputs=[out]))


@pytest.mark.usefixtures("enriched")
def test_beside_column_evidence_other_inputs_are_only_possible(graphs: Graphs) -> None:
    found = graphs.ask("T", depth=2)

    assert found.evidence == {("build", "T"): "column", ("S", "build"): "column", ("R", "build"): "possible"}
    assert graphs.ask("T", jobs="hidden").evidence == {("S", "T"): "column", ("R", "T"): "possible"}
    assert graphs.ask("T", depth=2, evidence="column").names == {"T", "build", "S"}
    assert graphs.ask("T", depth=2, evidence="declared").names == {"T"}


@pytest.mark.usefixtures("enriched")
def test_one_switch_hides_what_is_only_possible(graphs: Graphs) -> None:
    rest = "explicit,column,operation,declared,renamed"
    for start, depth in (("T", 2), ("R", 1)):
        found = graphs.ask(start, depth=depth, evidence=rest)
        assert found.names == {"T": {"T", "build", "S"}, "R": {"R"}}[start]
    assert graphs.ask("R", evidence=rest).found.omitted["evidence"] == 1
    assert graphs.ask("T", depth=2, jobs="hidden", evidence=rest).names == {"T", "S"}
    assert graphs.ask("T", depth=2, evidence="possible,operation").evidence == {
        ("build", "T"): "operation",
        ("S", "build"): "operation",
        ("R", "build"): "possible",
    }


def test_an_output_without_column_evidence_keeps_all_inputs(graphs: Graphs, intake: Intake) -> None:
    out = table("T", columnLineage=columns(x=[("S", "a")]))
    intake.take(run("r", "build", inputs=[table("S"), table("R")], outputs=[out, table("U")]))

    assert graphs.ask("job:build").evidence["R", "build"] == "operation"


def test_columns_alone_join_what_no_run_named_as_input(graphs: Graphs, intake: Intake) -> None:
    out = table("T", columnLineage=columns(x=[("S", "a")]))
    intake.take(run("r", "build", outputs=[out]))

    assert graphs.ask("S", direction="down", depth=2).evidence == {("S", "build"): "column", ("build", "T"): "column"}
    assert graphs.ask("S", jobs="hidden").evidence == {("S", "T"): "column"}
    assert graphs.ask("S", evidence="operation").names == {"S"}


def test_older_column_sets_are_history(graphs: Graphs, intake: Intake) -> None:
    for minute, name in enumerate(("old", "new")):
        out = table("T", columnLineage=columns(x=[(name, "a")]))
        intake.take(run(f"r{minute}", "build", minute=minute * 60 * 24, outputs=[out]))

    assert graphs.ask("T", jobs="hidden").names == {"T", "new"}
    assert graphs.ask("T", jobs="hidden", as_of=at(0)[:10]).names == {"T", "old"}


def test_a_renamed_dataset_is_joined_with_its_old_name(graphs: Graphs, intake: Intake) -> None:
    change = facet(lifecycleStateChange="RENAME", previousIdentifier={"namespace": WAREHOUSE, "name": "before"})
    intake.take(
        run("r0", "fill", inputs=[table("S")], outputs=[table("before")]),
        run("r1", "rename", minute=1, outputs=[table("after", lifecycleStateChange=change)]),
    )
    found = graphs.ask("after", direction="up", depth=3)

    assert found.evidence["before", "after"] == "renamed"
    assert {"S", "fill", "before"} <= found.names | {"S"}
    assert graphs.ask("before", direction="down", jobs="hidden").names == {"before", "after"}


def test_control_flow_is_drawn_only_on_demand(graphs: Graphs, intake: Intake) -> None:
    depends = facet(upstream=[{"job": {"namespace": "etl", "name": "first"}, "dependency_type": "DIRECT"}])
    intake.take(run("r0", "first"), run("r1", "second", minute=1, facets={"jobDependencies": depends}))

    assert graphs.ask("job:second").names == {"second"}
    assert graphs.ask("job:second", evidence="control,operation").evidence == {("first", "second"): "control"}
    assert graphs.ask("job:second", evidence="control", data="hidden").names == {"first", "second"}


def test_symlinked_names_are_one_box_whatever_name_it_is_asked_by(graphs: Graphs, intake: Intake) -> None:
    from tests.lineage.openlineage_events import symlinks

    intake.take(
        run("r0", "write", inputs=[table("S")], outputs=[table("/data/t", namespace="s3://lake")]),
        run("r1", "read", minute=1, inputs=[table("db.t")], outputs=[table("U")]),
        dataset(table("/data/t", namespace="s3://lake", symlinks=symlinks("db.t")), 2),
    )
    asked = [graphs.ask(name, depth=2) for name in ("/data/t", "db.t")]

    assert asked[0].names == asked[1].names == {"S", "write", "db.t", "read", "U"}
    assert asked[0].distances == asked[1].distances
    assert asked[0]["db.t"].names == [(WAREHOUSE, "db.t"), ("s3://lake", "/data/t")]
    hidden = graphs.ask("db.t", jobs="hidden")
    assert set(hidden.lines) == {("S", "db.t"), ("db.t", "U")}


@pytest.mark.parametrize(
    ("kind", "left"), [("explicit", {"T", "old"}), ("renamed", {"T", "S"}), ("possible", {"T", "S", "old"})]
)
def test_each_kind_of_claim_can_be_switched_off(graphs: Graphs, intake: Intake, kind: str, left: set[str]) -> None:
    change = facet(lifecycleStateChange="RENAME", previousIdentifier={"namespace": WAREHOUSE, "name": "old"})
    intake.take(
        run("r", "rename", outputs=[table("T", lifecycleStateChange=change)]),
        dataset(table("T", lineage=facet(inputs=[named("S")])), 1),
    )
    rest = ",".join(one for one in ("explicit", "column", "declared", "possible", "renamed") if one != kind)

    assert graphs.ask("T", direction="up", jobs="hidden", evidence=rest).names == left


def test_what_is_known_to_have_no_source_is_marked_until_one_is_told(graphs: Graphs, intake: Intake) -> None:
    intake.take(
        dataset(table("days", lineage=facet(inputs=[]))),
        run("r", "use", inputs=[table("days")], outputs=[table("T")]),
    )
    before = graphs.ask("T", jobs="hidden")["days"].marks
    intake.take(dataset(table("days", lineage=facet(inputs=[named("S")])), 1))

    assert before == {"no_source"}
    assert graphs.ask("T", jobs="hidden")["days"].marks == frozenset()
