"""What real producers get wrong or leave open is taken all the same: tolerances 1 to 9 on stored rows."""

import json
import random
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.changes.models import Change
from app.jobs.models import Facet, FacetBody, RunDetail, RunJob
from app.lineage.models import Edge, Interaction, RawEvent
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser
from tests.databases import Database
from tests.lineage.described import described
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import (
    columns,
    dataset,
    facet,
    job,
    parent,
    run,
    schema,
    symlinks,
    table,
)

Json = dict[str, Any]


def mixed() -> list[Json]:
    """Return events of several kinds that speak of the same things at different times."""
    rule = {"jobDependencies": facet(upstream=[{"job": {"namespace": "etl", "name": "before"}}], trigger_rule="all")}
    other = {"jobDependencies": facet(upstream=[{"job": {"namespace": "etl", "name": "before"}}], trigger_rule="one")}
    lineage = columns(total=[("d.s.a", "price")])
    return [
        run("p", "flow", "START", 0),
        run("r", "flow.step", "START", 1, facets={"parent": parent("p", "flow"), **rule}, inputs=[table("d.s.a")]),
        run("r", "flow.step", "RUNNING", 2, facets=other, outputs=[table("d.s.b", counts={"rowCount": 5})]),
        run("r", "flow.step", None, 3, outputs=[table("d.s.b", schema=schema("total"), columnLineage=lineage)]),
        run("r", "flow.step.b", "COMPLETE", 4, outputs=[table("d.s.b", counts={"rowCount": 3})]),
        run("q", "check", "FAIL", 5, inputs=[table("d.s.b", schema=schema("x"), symlinks=symlinks("d.s.c"))]),
        job("flow.step", 6, job_facets={"documentation": facet(description="new")}, inputs=[table("d.s.a")]),
        job("flow.step", 1.5, job_facets={"documentation": facet(description="old")}, outputs=[table("d.s.z")]),
        dataset(table("d.s.b", tags=facet(tags=[{"key": "pii", "value": "yes"}]), schema=schema("total")), 7),
    ]


def test_1_any_order_split_path_and_repetition_gives_equal_rows(
    database: Database, intake: Intake, session: Session, realm: Realm
) -> None:
    events = mixed()
    intake.take(*events)
    facts, rows = intake.facts(), described(session, realm)
    for seed in range(4):
        chance = random.Random(seed)
        shuffled = [*events, *chance.sample(events, 4)]
        chance.shuffle(shuffled)
        other = Intake(database, factories.make_realm(session, f"shuffled{seed}"))
        while shuffled:
            size = chance.randint(1, 4)
            other.send(*shuffled[:size], source=chance.choice(["http", "batch", "file", "kafka"]))
            shuffled = shuffled[size:]

        assert other.facts() == facts
        assert described(session, other.realm) == rows


def test_1_newest_is_by_the_microsecond_and_the_later_arrival_wins_only_a_tie(intake: Intake, store: Store) -> None:
    first, second = "2026-03-02T09:00:00.123456", "2026-03-02T09:00:00.123457"
    for run_id, times in (("a", (second, first)), ("b", (first + "9Z", first + "1Z")), ("c", (first, second))):
        for text, time in zip(("one", "two"), times, strict=True):
            intake.take(run(run_id, "j", "FAIL", facets={"errorMessage": facet(message=text)}, eventTime=time))

    assert {name: row.ended_reason for name, row in store.runs().items()} == {"a": "one", "b": "two", "c": "two"}


def test_2_exact_duplicates_change_nothing_and_a_repeated_state_adds_its_facets(
    intake: Intake, store: Store, session: Session, realm: Realm
) -> None:
    intake.take(run("r", "j", "RUNNING", 1, facets={"one": facet(a=1)}))
    before, changes = described(session, realm), session.scalar(select(func.count()).select_from(Change))
    again = run("r", "j", "RUNNING", 1, facets={"one": facet(a=1)})
    assert [stored.duplicate for stored in intake.take(again, dict(reversed(again.items())))] == [True, True]
    assert described(session, realm) == before
    assert session.scalar(select(func.count()).select_from(Change)) == changes

    intake.take(run("r", "j", "RUNNING", 1, facets={"two": facet(b=2)}))

    assert {"one", "two"} <= json.loads(session.scalars(select(RunDetail.facets)).one()).keys()
    assert (len(store.runs()), session.scalar(select(func.count()).select_from(RawEvent))) == (1, 2)


def test_3_missing_starts_ends_and_types_are_stored_and_an_unknown_type_is_kept(
    intake: Intake, store: Store, session: Session
) -> None:
    intake.take(
        run("ended", "j", "COMPLETE"), run("begun", "j", "START"), run("untyped", "j", None), run("odd", "j", "PAUSE"),
        run("begun", "j", None, 9), run("child", "k", facets={"parent": parent("above", "flow")}),
    )  # fmt: skip

    assert {name: row.status for name, row in store.runs().items()} == {
        "ended": "completed", "begun": "running", "untyped": "unknown", "odd": "unknown", "child": "completed",
        "above": "unknown",
    }  # fmt: skip
    assert set(session.scalars(select(RawEvent.event_type))) == {"COMPLETE", "START", None, "PAUSE"}


@pytest.mark.parametrize("turn", [1, -1])
def test_4_a_run_under_related_names_belongs_to_the_newest_and_keeps_all(
    intake: Intake, store: Store, session: Session, turn: int
) -> None:
    events = [
        run("r", "app.cmd", "START", 1, inputs=[table("d.s.a")]),
        run("r", "app.cmd.d_s_b", "COMPLETE", 2, outputs=[table("d.s.b")]),
    ]
    intake.each(events[::turn])

    jobs = store.jobs()
    assert store.run("r").job_id == jobs["app.cmd.d_s_b"].id
    assert set(session.scalars(select(RunJob.job_id))) == {jobs["app.cmd"].id, jobs["app.cmd.d_s_b"].id}
    assert set(session.scalars(select(Edge.job_id))) == {jobs["app.cmd.d_s_b"].id}
    assert [row[0] for row in store.interactions()] == ["app.cmd", "app.cmd.d_s_b"]


@pytest.mark.parametrize("turn", [1, -1])
def test_5_unrelated_jobs_may_share_a_run_id_and_keep_their_own_edges(
    client: Browser, intake: Intake, store: Store, session: Session, turn: int
) -> None:
    events = [
        run("r", "one", "START", 1, inputs=[table("d.s.a")]),
        run("r", "two", "COMPLETE", 2, outputs=[table("d.s.b")]),
        run("r", "one", "COMPLETE", 2, outputs=[table("d.s.c")], namespace="elsewhere"),
    ]
    intake.each(events[::turn])

    assert len(set(session.scalars(select(Edge.job_id)))) == 3
    page = client.get(f"/r/acme/jobs/runs/{store.run('r').id}").get_data(as_text=True)
    assert "run id shared" in page.lower()


@pytest.mark.parametrize("facets", [None, [], "text", {"x": None, "y": 3, "schema": {"fields": None}, "tags": []}])
def test_6_unknown_and_defective_facets_do_no_harm(intake: Intake, store: Store, session: Session, facets: Any) -> None:
    event = run("r", "j", outputs=[table("d.s.t") | {"facets": facets, "outputFacets": facets}], extra={"kept": 1})
    event["run"]["facets"] = event["job"]["facets"] = facets
    intake.take(event)

    assert (store.run("r").status, store.dataset("d.s.t").schema_id) == ("completed", None)
    body = json.loads(session.scalars(select(RawEvent.body)).one())
    assert (body["extra"], body["run"]["facets"]) == ({"kept": 1}, facets)


def test_6_facets_of_ones_own_and_without_envelope_are_kept(intake: Intake, store: Store) -> None:
    own: Json = {"my_facet": {"anything": [1, {"deep": None}]}, "documentation": {"description": "said"}}
    intake.take(run("r", "j", outputs=[table("d.s.t", **own, schema={"fields": {"not": "a list"}})]))

    found = store.dataset("d.s.t")
    assert json.loads(found.facets).keys() == {"my_facet", "documentation", "schema"}
    assert (found.description, found.schema_id) == ("said", None)


def test_7_the_kind_comes_from_the_shape_and_not_from_the_schema_url(
    intake: Intake, store: Store, session: Session
) -> None:
    wrong = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent"
    intake.take(
        run("r", "ran", schemaURL=wrong, dataset=table("stray")),
        job("declared", eventType="COMPLETE", schemaURL=wrong, outputs=[table("d.s.out")]),
        dataset(table("d.s.alone"), schemaURL=None, eventType="START"),
    )

    assert {tuple(row) for row in session.execute(select(RawEvent.kind, RawEvent.event_type))} == {
        ("run", "COMPLETE"), ("job", None), ("dataset", None),
    }  # fmt: skip
    assert {name: row.origin for name, row in store.jobs().items()} == {"ran": "reported", "declared": "declared"}
    assert store.datasets().keys() == {"d.s.out", "d.s.alone"}
    assert session.scalars(select(Interaction)).all() == []


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_8_a_deleted_facet_is_hidden_until_a_later_version(
    intake: Intake, store: Store, session: Session, order: tuple[int, ...]
) -> None:
    events = [
        dataset(table("t", documentation=facet(description="first")), 1),
        dataset(table("t", documentation=facet(_deleted=True)), 2),
        dataset(table("t", documentation=facet(description="third", _deleted=None)), 3),
    ]
    intake.each([events[place] for place in order if place != 2])
    assert store.dataset("t").description is None
    assert len(session.scalars(select(Facet).where(Facet.name == "documentation")).all()) == 2

    intake.take(events[2])

    assert store.dataset("t").description == "third"
    texts = [json.loads(body).get("description") for body in session.scalars(select(FacetBody.body))]
    assert sorted(map(str, texts)) == ["None", "first", "third"]


@pytest.mark.parametrize("make", [lambda item: job("j", 5, inputs=[item]), lambda item: dataset(item, 5)])
def test_9_symlinks_may_come_after_both_names_in_any_kind_of_event(intake: Intake, store: Store, make: Any) -> None:
    intake.take(run("a", "one", outputs=[table("d.s.a")]), run("b", "two", inputs=[table("d.s.b")]))
    intake.take(make(table("d.s.b", symlinks=symlinks("d.s.a"))))

    assert store.dataset("d.s.b").alias_for_dataset_id == store.dataset("d.s.a").id
