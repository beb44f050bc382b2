"""A tracked run is also a run of lineage: events that name it as parent, or as their own run, speak of the same one."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.jobs.models import Job, Run, RunTracking
from tests.jobs.tracking import Program
from tests.lineage.intake import Intake
from tests.lineage.openlineage_events import parent, table
from tests.lineage.openlineage_events import run as reported


def test_events_of_its_parts_hang_below_it(provider: Program, session: Session, intake: Intake) -> None:
    provider.register()
    run = provider.open()
    provider.send(run, "step", "fetch")
    named = parent(run["parent"]["run"]["runId"], run["parent"]["job"]["name"])
    named["job"]["namespace"] = run["parent"]["job"]["namespace"]
    intake.take(reported("part", "spark.load", facets={"parent": named}, outputs=[table("shop.orders")]))

    [child] = [row for row in _runs(session) if row.reported_id == "part"]
    assert child.parent_run == run["number"]
    assert _facts(session, run["number"]) == ("tracked", "running", 10.0, "lung", "tracked")


def test_its_own_events_leave_what_it_said_itself(provider: Program, session: Session, intake: Intake) -> None:
    provider.register()
    run = provider.open()
    provider.send(run, "step", "fetch")
    intake.take(reported(run["id"], "other", outputs=[table("shop.orders")]))

    assert len(_runs(session)) == 1
    assert _facts(session, run["number"]) == ("tracked", "running", 10.0, "lung", "tracked")
    assert provider.send(run, "step", "run")["progress"] == 90.0


def test_an_event_costs_the_same_after_many(provider: Program, session: Session) -> None:
    provider.register()
    run = provider.open()
    found: list[tuple[int, int]] = []
    for _ in range(2):
        events = [{"kind": "running", "step": "run", "fraction": n / 400} for n in range(200)]
        provider.post(f"/runs/{run['id']}/events", events)
        watch = provider.browser.app.extensions["test.watch"]
        watch.count = 0
        provider.send(run, "running", "run", fraction=0.7)
        kept = session.get(RunTracking, run["number"])
        assert kept is not None
        found.append((watch.count, len(kept.fold)))

    assert found[0][0] == found[1][0] <= 16
    assert found[1][1] <= 1.3 * found[0][1]


def _runs(session: Session) -> list[Run]:
    return list(session.scalars(select(Run)))


def _facts(session: Session, number: int) -> tuple[Any, ...]:
    row = session.get(Run, number, populate_existing=True)
    assert row is not None
    job = session.get(Job, row.job_id, populate_existing=True)
    assert job is not None
    return row.origin, row.status, row.progress, job.name, job.origin
