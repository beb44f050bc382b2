"""Progress, estimates, silence and deadlines of runs that OpenLineage tells of (acceptance of jobs 14, 15 and 18)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.changes.models import Change
from app.db import utcnow
from app.jobs.actions.notices import note
from app.jobs.models import DurationStat, Job, Run
from app.jobs.progress import history
from app.jobs.signals import run_ended
from app.realms.models import Realm
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import facet, job_type, moment, parent, run

DAG = {"parent": parent("now", "dag")}
TASKS = ("a", "b", "c", "d")
NOW = 10_000.0


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(moment(NOW), tick=False):
        yield


def earlier(days: int, *, tasks: tuple[int, ...] = (1, 5, 3, 1)) -> Iterator[dict[str, Any]]:
    """Yield a finished run of a DAG so many days ago, whose tasks took these minutes one after the other."""
    id_, at = f"past {days}", NOW - days * 1440
    yield run(id_, "dag", "START", at)
    for task, minutes in zip(TASKS, tasks, strict=False):
        facets = {"parent": parent(id_, "dag")}
        yield run(f"{id_} {task}", f"dag.{task}", "START", at, facets=facets)
        at += minutes
        yield run(f"{id_} {task}", f"dag.{task}", "COMPLETE", at, facets=facets)
    yield run(id_, "dag", "COMPLETE", at)


def begun(*done: str) -> Iterator[dict[str, Any]]:
    """Yield a DAG that began ten minutes ago, two of whose tasks run and are then done in order."""
    yield run("now", "dag", "START", NOW - 10)
    for task in done:
        yield run(f"now {task}", f"dag.{task}", "START", NOW - 10, facets=DAG)
    for place, task in enumerate(done):
        yield run(f"now {task}", f"dag.{task}", "COMPLETE", NOW - 9 + place, facets=DAG)


@pytest.mark.parametrize("size", [1, 100])
def test_a_dag_is_as_far_as_the_usual_time_of_its_finished_tasks(intake: Intake, store: Store, size: int) -> None:
    events = [event for days in (3, 2, 1) for event in earlier(days)]
    intake.in_batches([*events, *begun("a", "b")], [size] * 100)
    dag = store.run("now")
    assert (dag.progress, dag.progress_kind) == (60.0, "children")
    assert dag.eta_at == moment(NOW - 8 + 4)
    assert store.run("past 1").progress == 100.0
    assert store.run("past 1").silent_until is None


def test_a_dag_without_history_counts_the_tasks_it_has_alike(intake: Intake, store: Store) -> None:
    intake.take(*begun("a", "b"))
    intake.take(run("now c", "dag.c", "START", NOW, facets=DAG), run("now d", "dag.d", "START", NOW, facets=DAG))
    dag = store.run("now")
    assert (dag.progress, dag.eta_at) == (99.9, None), "what was shown never falls"
    assert dag.step in ("c", "d")


def test_tasks_seen_together_weigh_alike(intake: Intake, store: Store) -> None:
    others = [run(f"now {task}", f"dag.{task}", "START", NOW - 10, facets=DAG) for task in ("c", "d")]
    started, *rest = begun("a", "b")
    intake.take(started, *others, *rest)
    assert (store.run("now").progress, store.run("now").progress_kind) == (50.0, "children")


def test_a_single_job_is_estimated_by_time(intake: Intake, session: Session, store: Store) -> None:
    for days in (3, 2, 1):
        at = NOW - days * 1440
        intake.take(run(f"p{days}", "load", "START", at), run(f"p{days}", "load", "COMPLETE", at + 20))
    intake.take(run("now", "load", "START", NOW - 5))
    found = store.run("now")
    assert found.progress_kind == "estimated"
    assert found.progress == 25.0
    assert found.eta_at == found.eta_high_at == moment(NOW + 15)
    intake.take(run("now", "load", "FAIL", NOW + 5))
    session.expire_all()
    assert (store.run("now").progress, store.run("now").eta_at) == (50.0, None)


def test_what_has_no_end_has_no_percent(intake: Intake, store: Store) -> None:
    stream = job_type("FLINK", "JOB", "STREAMING")
    intake.take(*(run(f"p{n}", "s", type_, NOW - 99) for n in range(3) for type_ in ("START", "COMPLETE")))
    intake.take(run("s", "stream", "START", NOW, job_facets=stream), run("x", "stream", "START", job_facets=stream))
    found = store.run("s")
    assert (found.progress, found.progress_kind) == (None, None)
    assert found.silent_until is not None
    assert timedelta(minutes=14) < found.silent_until - moment(NOW) < timedelta(minutes=31)


def test_a_completed_run_is_at_a_hundred_and_a_queued_one_has_none(intake: Intake, store: Store) -> None:
    intake.take(run("a", "one", "COMPLETE", NOW), run("b", "two", "OTHER", NOW), run("c", "three", "FAIL", NOW))
    shown = {run.reported_id: (run.progress, run.progress_kind) for run in store.runs().values()}
    assert shown == {"a": (100.0, "reported"), "b": (None, None), "c": (None, None)}


def test_a_sign_of_life_of_a_task_is_one_of_its_dag(intake: Intake, session: Session, store: Store) -> None:
    intake.take(run("now", "dag", "START", NOW - 600))
    before = store.run("now").silent_until
    assert before is not None
    assert before < utcnow()
    session.expire_all()
    intake.take(run("t", "dag.a", "START", NOW, facets=DAG))
    assert (store.run("now").silent_until or before) > utcnow() + timedelta(minutes=50)
    session.expire_all()
    intake.take(run("t", "dag.a", "RUNNING", NOW), run("now", "dag", "COMPLETE", NOW))
    assert store.run("now").silent_until is None


def test_a_dag_named_only_by_the_first_event_of_a_task_is_counted_by_the_last(intake: Intake, store: Store) -> None:
    intake.take(run("now", "dag", "START", NOW), run("t", "dag.a", "START", NOW, facets=DAG))
    intake.take(run("u", "dag.b", "START", NOW, facets=DAG), run("t", "dag.a", "COMPLETE", NOW))
    assert store.run("now").progress == 50.0


def test_alarms_of_the_job_hold_for_its_openlineage_runs(
    intake: Intake, session: Session, store: Store, realm: Realm
) -> None:
    intake.take(run("first", "load", "START", NOW - 60))
    job = session.scalars(select(Job)).one()
    job.heartbeat_s, job.deadline_s = 60, 600
    session.commit()
    intake.take(run("now", "load", "START", NOW))
    found = store.run("now")
    assert found.deadline_at == moment(NOW + 10)
    assert found.silent_until is not None
    assert found.silent_until < utcnow() + timedelta(seconds=61)


def test_a_silent_run_that_speaks_again_is_told_once(intake: Intake, session: Session, store: Store) -> None:
    intake.take(run("now", "load", "START", NOW - 600))
    number = store.run("now").number
    note(session.connection(), store.run("now").realm_id, [number], "stalled")
    session.commit()
    for minute in (1, 2):
        intake.take(run("now", "load", "RUNNING", NOW + minute))
    assert len(session.scalars(select(Change).where(Change.verb == "run.revived")).all()) == 1


def test_a_run_that_turns_out_failed_is_no_history(intake: Intake, session: Session) -> None:
    intake.take(run("a", "load", "START", NOW - 5), run("a", "load", "COMPLETE", NOW - 4))
    assert [one.seconds for one in history.read(session.scalars(select(DurationStat)).one().runs)] == [60.0]
    session.expire_all()
    intake.take(run("a", "load", "FAIL", NOW - 3))
    assert history.read(session.scalars(select(DurationStat)).one().runs) == []


def test_events_of_any_year_are_taken(intake: Intake, session: Session, store: Store) -> None:
    late, soon = ({"eventTime": f"{year}-12-31T23:59:59Z"} for year in ("9999", "0001"))
    intake.take(run("x", "load", "START") | soon, run("x", "load", "COMPLETE") | late)
    job = session.scalars(select(Job)).one()
    job.deadline_s, job.due_by = 31_536_000, "06:00"
    session.commit()
    facets = {"nominalTime": facet(nominalStartTime="9999-12-31T23:00:00Z")}
    intake.take(run("y", "load", "START", facets=facets) | late, run("z", "load", "START") | soon)
    assert {found.status for found in session.scalars(select(Run))} == {"completed", "running"}


def test_a_start_that_comes_after_the_end_lengthens_the_history(intake: Intake, session: Session) -> None:
    intake.each([run("a", "load", "COMPLETE", NOW - 4), run("a", "load", "START", NOW - 6)])
    assert [one.seconds for one in history.read(session.scalars(select(DurationStat)).one().runs)] == [120.0]


def test_the_end_of_a_whole_process_is_signalled_once(intake: Intake) -> None:
    ended = []

    def hear(_: object, *, session: Session, run: Run) -> None:
        ended.append((run.reported_id, run.status, session.is_active))

    with run_ended.connected_to(hear):
        intake.take(run("now", "dag", "START", NOW), run("t", "dag.a", "COMPLETE", NOW, facets=DAG))
        for event in (
            run("now", "dag", "FAIL", NOW + 1),
            run("now", "dag", "FAIL", NOW + 1),
            run("now", "dag", "COMPLETE", NOW),
        ):
            intake.take(event)
    assert ended == [("now", "failed", True)]
