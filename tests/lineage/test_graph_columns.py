"""The column graph."""

from datetime import timedelta

import pytest

from app.realms.models import Realm
from tests.databases import Database
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import at, columns, facet, run, schema, source, table
from tests.lineage.walks import NOW, Asked, Graphs

Ends = set[tuple[str, str | None, str, str | None]]


@pytest.fixture
def graphs(database: Database, realm: Realm, store: Store) -> Graphs:
    return Graphs(database, realm, store)


@pytest.fixture
def orders(intake: Intake) -> None:
    lineage = facet(
        fields={
            "total": {"inputFields": [source("raw", "price", "DIRECT:AGGREGATION"), source("rates", "rate", "DIRECT")]},
            "mail": {"inputFields": [{**source("raw", "mail"), "transformations": [
                {"type": "DIRECT", "subtype": "TRANSFORMATION", "masking": True}]}]},
        },
        dataset=[source("raw", "country", "INDIRECT:FILTER")],
    )  # fmt: skip
    intake.take(
        run(
            "r1",
            "build",
            inputs=[table("raw", schema=schema("price", "mail", "country", "junk")), table("rates")],
            outputs=[table("orders", schema=schema("total", "mail"), columnLineage=lineage)],
        ),
        run(
            "r2",
            "sum",
            inputs=[table("orders")],
            outputs=[table("report", columnLineage=columns(sum=[("orders", "total")]))],
        ),
        run("r3", "copy", inputs=[table("report")], outputs=[table("plain")]),
    )


def lines(found: Asked) -> Ends:
    name = {token: box.name for token, box in found.found.nodes.items()}
    return {
        (name[line.source], line.source_column, name[line.target], line.target_column)
        for line in found.found.column_lines
    }


@pytest.mark.usefixtures("orders")
def test_columns_are_joined_direct_indirect_and_masked(graphs: Graphs) -> None:
    found = graphs.ask("orders", data="column", depth=2)

    assert lines(found) == {
        ("raw", "price", "orders", "total"),
        ("rates", "rate", "orders", "total"),
        ("raw", "mail", "orders", "mail"),
        ("raw", "country", "orders", None),
        ("orders", "total", "report", "sum"),
    }
    kinds = {line.source_column: line for line in found.found.column_lines}
    assert kinds["price"].is_direct
    assert not kinds["country"].is_direct
    assert (kinds["mail"].is_masked, kinds["price"].is_masked) == (True, False)
    assert [column.name for column in found["raw"].columns] == ["price", "mail", "country"]
    assert found["raw"].columns_in_all == 4
    assert all(box.kind == "dataset" for box in found.found.nodes.values())


@pytest.mark.usefixtures("orders")
def test_a_dataset_without_column_evidence_is_joined_and_says_so(graphs: Graphs) -> None:
    found = graphs.ask("orders", data="column", depth=2)

    assert "no_columns" in found["plain"].marks
    assert ("report", "plain") in found.lines
    assert not found["raw"].marks


@pytest.mark.usefixtures("orders")
def test_the_focused_column_marks_exactly_its_path(graphs: Graphs) -> None:
    found = graphs.ask("orders", data="column", depth=3, column="total")

    focused = {(name, column.name) for name, box in found.nodes.items() for column in box.columns if column.focused}
    assert focused == {("orders", "total"), ("raw", "price"), ("rates", "rate"), ("report", "sum")}


def test_a_wide_dataset_lists_thirty_columns_and_says_of_how_many(graphs: Graphs, intake: Intake) -> None:
    names = [f"c{n:03}" for n in range(200)]
    wide = table("wide", schema=schema(*names), columnLineage=columns(**{name: [("src", name)] for name in names}))
    intake.take(run("r", "j", inputs=[table("src")], outputs=[wide]))
    found = graphs.ask("wide", data="column", column="c150")

    assert len(found["wide"].columns) == len(found["src"].columns) == 30
    assert found["wide"].columns_in_all == found["src"].columns_in_all == 200
    assert found["wide"].columns[0].name == "c150"
    listed = {(name, column.name) for name, box in found.nodes.items() for column in box.columns}
    assert all((one, column) in listed for one, column, _, _ in lines(found) if column)


def test_as_of_shows_the_columns_and_the_schema_of_that_day(graphs: Graphs, intake: Intake) -> None:
    for day, name in enumerate(("old", "new")):
        out = table("T", schema=schema(name), columnLineage=columns(**{name: [("S", "s")]}))
        intake.take(run(f"r{day}", "j", minute=day * 60 * 24, inputs=[table("S")], outputs=[out]))
    then = graphs.ask("T", data="column", as_of=at(0)[:10])
    later = graphs.ask("T", data="column", as_of=at(0)[:10], now=NOW + timedelta(days=30))
    now = graphs.ask("T", data="column")

    assert (lines(later), later["T"].columns) == (lines(then), then["T"].columns)
    assert lines(then) == {("S", "s", "T", "old")}
    assert [column.name for column in then["T"].columns] == ["old"]
    assert lines(now) == {("S", "s", "T", "new")}
    assert [column.name for column in now["T"].columns] == ["new"]


@pytest.mark.usefixtures("orders")
def test_what_was_asked_for_and_is_not_drawn_is_said(graphs: Graphs) -> None:
    unknown = graphs.ask("orders", data="column", column="totl")
    plain = graphs.ask("orders", column="total", select="dataset:4711")

    assert unknown.found.notes == ["No column of the start is called totl, as far as is known."]
    assert "totl" not in {column.name for column in unknown["orders"].columns}
    assert plain.found.notes == [
        "The selected dataset is not in this picture: it lies further away or is hidden.",
        "Columns are not drawn here: choose Columns under Data to follow total.",
    ]
