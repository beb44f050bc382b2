"""What events leave in the change log: once per thing, nothing for repeats (specification 3.13)."""

import random
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.changes.models import Change
from tests.lineage.intake import Intake
from tests.lineage.openlineage_events import facet, job_type, parent, run, schema, symlinks, table


def log(session: Session, kind: str = "") -> Counter[tuple[str, str]]:
    """Return how often each (verb, label) is in the log; with ``kind`` only verbs of it."""
    rows = session.execute(select(Change.verb, Change.label))
    return Counter((verb, label) for verb, label in rows if verb.startswith(kind))


def states(run_id: str = "r1", job: str = "load", **more: Any) -> list[dict[str, Any]]:
    """Return a run that starts, goes on and ends, its end told three times with other facets."""
    types = ("START", "RUNNING", "COMPLETE", "COMPLETE", "COMPLETE")
    return [
        run(run_id, job, type_, min(number, 2), **{"facets": {"n": facet(number=number)}, **more})
        for number, type_ in enumerate(types)
    ]


def test_a_run_is_created_started_and_completed_once_however_often_it_is_told(intake: Intake, session: Session) -> None:
    intake.each(states() + states())

    assert log(session, "run.") == {
        ("run.created", "load"): 1,
        ("run.started", "load"): 1,
        ("run.completed", "load"): 1,
    }


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_arrival_does_not_multiply_rows(intake: Intake, session: Session, seed: int) -> None:
    events = states() * 2
    random.Random(seed).shuffle(events)
    intake.in_batches(events, [2, 1, 3])

    assert log(session, "run.") == {
        ("run.created", "load"): 1,
        ("run.started", "load"): 1,
        ("run.completed", "load"): 1,
    }


def test_duplicates_leave_nothing(intake: Intake, session: Session) -> None:
    events = [*states(outputs=[table("shop.orders", schema=schema("id"))])]
    intake.take(*events)
    before = log(session)
    intake.each(events)
    intake.take(*events)

    assert log(session) == before


@pytest.mark.parametrize(("type_", "verb"), [("COMPLETE", "completed"), ("FAIL", "failed"), ("ABORT", "cancelled")])
def test_each_end_has_a_verb(intake: Intake, session: Session, type_: str, verb: str) -> None:
    intake.each([run("r1", "load", "START", 0), run("r1", "load", type_, 1)])

    assert log(session, "run.")[f"run.{verb}", "load"] == 1


def test_jobs_and_datasets_are_created_once(intake: Intake, session: Session) -> None:
    for number in range(3):
        intake.take(run(f"r{number}", "load", minute=number, inputs=[table("raw")], outputs=[table("orders")]))

    created = {key: count for key, count in log(session).items() if key[0].endswith("created") and key[0][:3] != "run"}
    assert created == {("job.created", "load"): 1, ("dataset.created", "raw"): 1, ("dataset.created", "orders"): 1}


def test_part_runs_have_no_rows_of_their_own(intake: Intake, session: Session) -> None:
    app: dict[str, Any] = {"facets": {"parent": parent("a1", "app")}, "job_facets": job_type("SPARK", "SQL_JOB")}
    intake.each(
        [
            run("a1", "app", "START", 0, job_facets=job_type("SPARK", "APPLICATION", "NONE")),
            *(run("c1", "app.merge", type_, minute, **app) for minute, type_ in enumerate(("START", "COMPLETE"), 1)),
            run("a1", "app", "COMPLETE", 3, job_facets=job_type("SPARK", "APPLICATION", "NONE")),
        ]
    )

    assert {label for _, label in log(session, "run.")} == {"app"}


def test_another_schema_is_a_change_and_the_first_is_not(intake: Intake, session: Session) -> None:
    for minute, names in enumerate((("id",), ("id",), ("id", "age"), ("id", "age"))):
        intake.take(run(f"r{minute}", "load", minute=minute, outputs=[table("orders", schema=schema(*names))]))

    assert log(session, "dataset.schema")["dataset.schema_changed", "orders"] == 1


def test_dropping_and_renaming_are_told(intake: Intake, session: Session) -> None:
    drop = facet(lifecycleStateChange="DROP")
    rename = facet(lifecycleStateChange="RENAME", previousIdentifier={"namespace": "n", "name": "old"})
    intake.take(run("r1", "load", minute=1, outputs=[table("gone", lifecycleStateChange=drop)]))
    intake.take(run("r2", "load", minute=2, outputs=[table("new", lifecycleStateChange=rename)]))

    found = log(session, "dataset.")
    assert found["dataset.dropped", "gone"] == 1
    assert found["dataset.renamed", "new"] == 1


def test_two_names_of_one_dataset_are_told_once(intake: Intake, session: Session) -> None:
    for minute in range(3):
        item = table("lake/orders", "s3://lake", symlinks=symlinks("orders"))
        intake.take(run(f"r{minute}", "load", minute=minute, outputs=[item]))

    assert sum(count for (verb, _), count in log(session).items() if verb == "dataset.merged") == 1


def test_a_check_that_begins_to_fail_is_told_once(intake: Intake, session: Session) -> None:
    for minute, success in enumerate((True, False, False)):
        told = facet(assertions=[{"assertion": "unique", "success": success}])
        intake.take(run(f"t{minute}", "test", minute=minute, inputs=[table("orders", dataQualityAssertions=told)]))

    assert log(session)["dataset.quality_failed", "orders"] == 1


def test_rows_name_the_sender(intake: Intake, session: Session) -> None:
    intake.take(*states())

    assert {(row.who, row.via) for row in session.scalars(select(Change))} == {("sender", "api")}
