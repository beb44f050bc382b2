"""Schemas of datasets and their history, counters of inputs and outputs, on stored rows."""

import json
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.lineage.models import Dataset, DatasetSchema, Edge, Schema
from tests.browser import Browser
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import dataset, facet, moment, run, schema, table

NESTED = [
    {"name": "address", "type": "struct", "fields": [{"name": "zip.code", "type": "string"}, {"name": 'a "b"'}]},
    {"name": "ID", "type": ""},
    {"name": "id", "description": "lower case"},
]
HUGE = 2**63 - 1


def write(run_id: str, minute: float, body: dict[str, Any], name: str = "t") -> dict[str, Any]:
    """Return a write of a table with this schema facet."""
    return run(run_id, "load", minute=minute, outputs=[table(name, schema=body)])


def history(session: Session, of: Dataset) -> list[tuple[int | None, Any, Any]]:
    """Return (schema, first, last) of a dataset, in order of time."""
    rows = session.scalars(select(DatasetSchema).where(DatasetSchema.dataset_id == of.id))
    return sorted(((row.schema_id, row.first_at, row.last_at) for row in rows), key=lambda row: row[1])


def test_other_key_order_is_the_same_schema_and_other_field_order_is_another(
    intake: Intake, store: Store, session: Session
) -> None:
    fields = [{"name": "a", "type": "int"}, {"name": "b", "type": "text"}]
    turned = [dict(reversed(field.items())) for field in fields]
    intake.take(
        write("1", 1, facet(fields=fields), "one"),
        write("2", 2, facet(fields=turned), "two"),
        write("3", 3, facet(fields=fields[::-1]), "three"),
    )

    found = {name: row.schema_id for name, row in store.datasets().items()}
    assert found["one"] == found["two"] != found["three"]
    digests = [row.digest for row in session.scalars(select(Schema))]
    assert len(set(digests)) == len(digests) == 2
    assert {digest.version for digest in digests} == {5}


def test_an_empty_type_is_not_a_missing_one(intake: Intake, store: Store) -> None:
    for number, field in enumerate(({"name": "a"}, {"name": "a", "type": ""}, {"name": "a", "type": None})):
        intake.take(write(f"{number}", number, facet(fields=[field]), f"t{number}"))

    assert len({row.schema_id for row in store.datasets().values()}) == 3


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (0, 2, 1), (1, 0, 2)])
@pytest.mark.parametrize("together", [True, False])
def test_a_schema_that_comes_back_is_a_third_stretch_and_current(
    intake: Intake, store: Store, session: Session, order: tuple[int, ...], *, together: bool
) -> None:
    bodies = [schema("a"), schema("a", "b"), schema("a")]
    events = [write(f"r{n}", n, bodies[n]) for n in order]
    if together:
        intake.take(*events)
    else:
        intake.each(events)

    first, second, third = history(session, store.dataset("t"))
    assert first[0] == third[0] == store.dataset("t").schema_id != second[0]
    assert [row[1] for row in (first, second, third)] == [moment(n) for n in range(3)]


def test_the_same_schema_again_extends_its_stretch(intake: Intake, store: Store, session: Session) -> None:
    intake.each([write(f"r{n}", n, schema("a")) for n in (3, 1, 5)])

    assert history(session, store.dataset("t")) == [(store.dataset("t").schema_id, moment(1), moment(5))]


def test_nested_fields_and_odd_names_are_kept_as_sent(intake: Intake, session: Session) -> None:
    intake.take(write("r", 0, facet(fields=NESTED)))

    assert json.loads(session.scalars(select(Schema.fields)).one()) == NESTED
    assert intake.facts()["datasets"] != {}


@pytest.mark.parametrize("together", [True, False])
def test_a_deleted_schema_is_no_longer_current_and_comes_back(
    intake: Intake, store: Store, session: Session, *, together: bool
) -> None:
    gone = dataset(table("t", schema=facet(_deleted=True)), 2)
    (intake.take if together else lambda *events: intake.each(events))(write("r", 1, schema("a")), gone)
    assert store.dataset("t").schema_id is None
    assert session.scalars(select(Schema)).one()

    intake.take(write("s", 3, schema("a")))

    assert store.dataset("t").schema_id == session.scalars(select(Schema.id)).one()


def test_an_older_schema_is_history_and_not_current(intake: Intake, store: Store, session: Session) -> None:
    intake.each([write("new", 5, schema("a", "b")), write("old", 1, schema("a"))])

    old, new = history(session, store.dataset("t"))
    assert store.dataset("t").schema_id == new[0] != old[0]


def counted(intake: Intake, store: Store, *bodies: dict[str, Any]) -> tuple[int | None, int | None, int | None]:
    """Report outputs of one run in turn and return rows, bytes and files of the interaction."""
    for number, body in enumerate(bodies):
        intake.take(run("r", "load", "RUNNING", number, outputs=[table("t", counts=body)]))
    found = store.interaction("t")
    return found.num_rows, found.num_bytes, found.num_files


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ({"rowCount": 0, "size": 0, "fileCount": 0}, (0, 0, 0)),
        ({"rowCount": None}, (None, None, None)),
        ({}, (None, None, None)),
        ({"rowCount": HUGE, "size": HUGE + 1, "fileCount": 1e40}, (HUGE, None, None)),
        ({"rowCount": "12", "size": -1, "fileCount": 1.5}, (None, None, None)),
        ({"rowCount": 12.0, "size": True, "fileCount": 9007199254740993}, (12, None, 9007199254740993)),
    ],
)
def test_a_counter_is_stored_as_sent_or_dropped(
    intake: Intake, store: Store, sent: dict[str, Any], stored: tuple[int | None, ...]
) -> None:
    assert counted(intake, store, sent) == stored


def test_of_a_growing_counter_the_greater_counts_on_one_day(intake: Intake, store: Store, session: Session) -> None:
    day = 24 * 60
    for minute, rows in ((day, 70), (0, 40), (2 * day, None)):
        intake.take(run("r", "load", "RUNNING", minute, outputs=[table("t", counts={"rowCount": rows, "size": 7})]))

    found = store.interaction("t")
    assert (found.num_rows, found.num_bytes, found.counted_on) == (70, 7, moment(0).date())
    edges = {edge.day: (edge.runs, edge.rows, edge.bytes) for edge in session.scalars(select(Edge))}
    assert edges == {moment(n * day).date(): (1, 70, 7) if n == 0 else (1, 0, 0) for n in range(3)}


def test_no_counter_is_not_zero(intake: Intake, store: Store) -> None:
    assert counted(intake, store, {}, {"rowCount": 0}, {}) == (0, None, None)


def test_inputs_count_as_outputs_do(intake: Intake, store: Store) -> None:
    statistics = {"inputStatistics": facet(rowCount=3, size=0), "outputStatistics": facet(rowCount=9)}
    intake.take(run("r", "load", inputs=[table("t") | {"inputFacets": statistics}]))

    found = store.interaction("t", "input")
    assert (found.num_rows, found.num_bytes, found.num_files) == (3, 0, None)


def test_sums_of_the_greatest_counters_do_not_break_the_edge(intake: Intake, session: Session) -> None:
    intake.each([run(f"r{n}", "load", outputs=[table("t", counts={"rowCount": HUGE})]) for n in range(2)])

    edge = session.scalars(select(Edge)).one()
    assert (edge.runs, edge.rows, edge.bytes) == (2, HUGE, 0)


def test_pages_add_up_the_greatest_counters(client: Browser, intake: Intake, store: Store) -> None:
    big = {"rowCount": HUGE, "size": HUGE}
    outputs = [table("t", counts=big), table("u", counts=big)]
    intake.take(*[run(f"r{n}", "load", minute=n * 1_500, outputs=outputs) for n in range(2)])

    for url in ("overview", "lineage/operations", "lineage/datasets", f"lineage/datasets/{store.dataset('t').id}"):
        assert client.get(f"/r/acme/{url}").status_code == 200
