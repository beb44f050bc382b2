"""What real producers send that is unusual is kept as sent: tolerances 10 to 18 on stored rows."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import utcnow
from app.lineage.ingest import Refusal
from app.lineage.models import ColumnEdge, Dataset, Edge, RawEvent, Schema
from tests.browser import Browser
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import (
    at,
    facet,
    job_type,
    moment,
    parent,
    run,
    schema,
    source,
    table,
)

Json = dict[str, Any]


def test_10_a_dataset_read_and_written_has_two_interactions_and_no_claim_of_itself(
    client: Browser, intake: Intake, store: Store, session: Session
) -> None:
    intake.take(run("r", "j", inputs=[table("d.s.t")], outputs=[table("d.s.t")]))

    assert store.interactions() == [("j", "d.s.t", "input", "READ"), ("j", "d.s.t", "output", "WRITE")]
    assert set(session.scalars(select(Edge.direction))) == {"input", "output"}
    assert client.get(f"/r/acme/lineage/datasets/{store.dataset('d.s.t').id}").status_code == 200


def test_11_column_lineage_may_name_datasets_and_columns_never_seen(
    intake: Intake, store: Store, session: Session
) -> None:
    fields = {"gone": {"inputFields": [source("d.s.never", "no such column", "DIRECT:IDENTITY")]}}
    intake.take(run("r", "j", outputs=[table("d.s.t", schema=schema("a"), columnLineage=facet(fields=fields))]))

    assert store.dataset("d.s.never").origin == "referenced"
    edge = session.scalars(select(ColumnEdge)).one()
    assert (edge.output_column, edge.column, edge.dataset_id) == (
        "gone", "no such column", store.dataset("d.s.never").id,
    )  # fmt: skip


def test_12_field_names_with_dots_quotes_and_any_case_are_kept_as_sent(intake: Intake, session: Session) -> None:
    names = ["a.b", 'say "x"', "it's", "ID", "id", "naïve", "{{ 7*7 }}", " "]
    fields = [{"name": name} for name in names] + [{"name": "s", "type": "", "fields": [{"name": "a.b"}]}]
    lineage = facet(fields={name: {"inputFields": [source("d.s.in", name)]} for name in names})
    intake.take(run("r", "j", outputs=[table("d.s.t", schema=facet(fields=fields), columnLineage=lineage)]))

    assert json.loads(session.scalars(select(Schema.fields)).one()) == fields
    assert {tuple(row) for row in session.execute(select(ColumnEdge.output_column, ColumnEdge.column))} == {
        (name, name) for name in names
    }


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2026-03-02T09:00:00", "2026-03-02T09:00:00+00:00"),
        ("2026-03-02 09:00:00+05:30", "2026-03-02T03:30:00+00:00"),
        ("2026-03-02T09:00:00.123456789Z", "2026-03-02T09:00:00.123456+00:00"),
        ("2026-03-02T09:00:00.1-0800", "2026-03-02T17:00:00.100000+00:00"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59+00:00"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00"),
    ],
)
def test_13_times_without_zone_with_offset_and_with_nanoseconds_are_read(
    intake: Intake, store: Store, session: Session, text: str, wanted: str
) -> None:
    intake.take(run("r", "j", "START", eventTime=text), run("r", "j", "COMPLETE", eventTime=text))

    time = datetime.fromisoformat(wanted)
    row = store.run("r")
    assert (row.started_at, row.ended_at, row.status) == (time, time, "completed")
    assert set(session.scalars(select(RawEvent.event_time))) == {time}


def test_13_a_future_time_counts_from_when_it_was_received(intake: Intake, store: Store) -> None:
    future = datetime(2999, 1, 1, tzinfo=UTC)
    intake.take(run("r", "j", "START", eventTime=future.isoformat(), facets={
        "nominalTime": facet(nominalStartTime=at(1), nominalEndTime=None),
    }))  # fmt: skip

    row = store.run("r")
    assert (row.began_at, row.last_seen_at <= utcnow()) == (future, True)
    assert (row.nominal_start_at, row.nominal_end_at) == (moment(1), None)


def test_14_empty_null_and_absent_inputs_are_equal_and_cost_no_edges(intake: Intake, store: Store) -> None:
    absent = run("absent", "j")
    del absent["inputs"], absent["outputs"]
    intake.take(run("null", "j") | {"inputs": None, "outputs": None}, run("empty", "j"), absent)

    assert {row.status for row in store.runs().values()} == {"completed"}
    assert len(store.runs()) == 3
    assert store.session.scalars(select(Edge)).all() == []


@pytest.mark.parametrize(
    "name", ["x" * 4_096, "<script>alert(1)</script>", "{{ 7*7 }}", "naïve 🎉 \u202e", " a ", "%s ?"]
)
def test_15_names_of_any_characters_and_length_are_stored_as_sent(intake: Intake, store: Store, name: str) -> None:
    intake.take(run("r", name, outputs=[table(name, name)], namespace=name))
    intake.take(run("s", name, inputs=[table(name, name)], namespace=name))

    assert (store.jobs()[name].namespace, store.jobs()[name].runs) == (name, 2)
    assert (store.dataset(name).namespace, len(store.datasets())) == (name, 1)


def test_15_names_that_differ_only_in_case_or_blanks_are_different(intake: Intake, session: Session) -> None:
    names = ["t", "T", "t ", "é", "e\u0301"]
    intake.take(run("r", "j", outputs=[table(name) for name in names]))

    assert sorted(session.scalars(select(Dataset.name))) == sorted(names)


def test_16_of_a_mixed_batch_the_good_are_stored_and_the_bad_told(intake: Intake, store: Store) -> None:
    outcomes = intake.send(run("a", "j"), {"job": {}}, b"{", run("b", "j"), run("", "j"), [1])  # type: ignore[arg-type]

    assert [isinstance(outcome, Refusal) for outcome in outcomes] == [False, True, True, False, True, True]
    assert store.runs().keys() == {"a", "b"}


def test_17_parents_under_the_old_key_with_roots_and_of_themselves_are_stored(intake: Intake, store: Store) -> None:
    root = {"run": {"runId": "root"}, "job": {"namespace": "etl", "name": "top"}}
    intake.take(
        run("old", "a", facets={"parentRun": parent("above", "flow")}),
        run("deep", "b", facets={"parent": parent("above", "flow", root=root)}),
        run("x", "c", facets={"parent": parent("y", "d")}),
        run("y", "d", facets={"parent": parent("x", "c")}),
        run("self", "e", facets={"parent": parent("self", "e")}),
        run("jobless", "f", facets={"parent": parent(None, "flow")}),
    )

    runs, jobs = store.runs(), store.jobs()
    assert runs["old"].parent_run == runs["deep"].parent_run == runs["above"].number
    assert (runs["deep"].root_run, runs["above"].origin) == (runs["root"].number, "referenced")
    assert (runs["x"].parent_run, runs["y"].parent_run) == (runs["y"].number, runs["x"].number)
    assert (runs["self"].parent_run, jobs["e"].parent_job_id) == (runs["self"].number, None)
    assert (runs["jobless"].parent_run, jobs["f"].parent_job_id) == (None, jobs["flow"].id)


@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize("body", [{"run": {"runId": "up"}}, {"run": {"runId": "up"}, "job": {"name": ""}}])
def test_17_a_parent_without_a_job_is_the_same_in_any_order(
    intake: Intake, store: Store, turn: int, body: Json
) -> None:
    events = [run("up", "flow"), run("down", "step", minute=1, facets={"parent": facet(**body)})]
    intake.each(events[::turn])

    assert store.runs().keys() == {"up", "down"}
    assert store.run("down").parent_run is None


@pytest.mark.parametrize("turn", [1, -1])
def test_17_a_part_in_a_cycle_owns_its_operation(intake: Intake, store: Store, turn: int) -> None:
    kind = job_type("SPARK", "SQL_JOB")
    events = [
        run("x", "c", job_facets=kind, facets={"parent": parent("y", "d")}),
        run("y", "d", job_facets=kind, facets={"parent": parent("x", "c")}),
    ]
    intake.each(events[::turn])

    assert {store.run(name).role for name in "xy"} == {"part"}


def test_18_numbers_and_characters_that_json_or_a_database_cannot_hold(intake: Intake, store: Store) -> None:
    text = json.dumps(run("r", "j", outputs=[table("t", documentation=facet(description="D"), counts={"rowCount": 1})]))
    text = text.replace('"rowCount": 1', '"rowCount": 7, "rowCount": 12.0, "size": NaN, "fileCount": Infinity')
    text = text.replace('"D"', '"a\\u0000b\\ud800c"')
    intake.take(text.encode())

    found = store.interaction("t")
    assert (found.num_rows, found.num_bytes, found.num_files) == (12, None, None)
    assert store.dataset("t").description == "a\ufffdb\ufffdc"


def test_18_inputs_and_facets_may_be_null(intake: Intake, store: Store) -> None:
    event = run("r", "j") | {"inputs": None}
    event["run"]["facets"] = event["job"]["facets"] = None
    intake.take(event, run("r", "j", "OTHER", outputs=[{"namespace": "n", "name": "t", "facets": None}]))

    assert (store.run("r").status, store.interactions()) == ("completed", [("j", "t", "output", "WRITE")])
