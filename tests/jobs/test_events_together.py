"""Events that wait at the same time share a transaction: what one of them is does not matter to the others."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound, Unauthorized

from app.accounts.models import ApiKey
from app.combine import Ticket
from app.db import db, utcnow
from app.jobs.actions.joining import Named
from app.jobs.actions.opening import RunDraft
from app.jobs.actions.taking import EventDraft, Reported
from app.jobs.api.posted import Posted, Unread
from app.jobs.api.posting import _work
from app.jobs.models import Event, Run, RunTracking
from app.jobs.reads.tracked import Tracked
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser
from tests.jobs.tracking import Program, make_provider


def shown(one: Tracked, found: list[Reported]) -> tuple[str, Any]:
    """Return the status of the run, and the refusal of the event or its kind."""
    return str(one.run.status), found[0].refusal or found[0].event.kind


def posted(which: Any, key: str, step: str | None = "fetch", answer: Any = shown) -> Posted:
    """Return an event as it waits."""
    return Posted(which, [EventDraft("step" if step else "info", step=step)], None, None, answer,
                  key=Unread(key, None, "127.0.0.1"))  # fmt: skip


def together(app: Flask, *waiting: Posted) -> list[Any]:
    """Let one leader take in what waits; return the result or error of each."""
    tickets = [Ticket(each, 1, monotonic() + 20) for each in waiting]
    with app.test_request_context("/api/v1/jobs/events", method="POST"):
        _work(tickets)
    assert all(ticket.error is None or waiting[at].error is None for at, ticket in enumerate(tickets))
    return [ticket.error or ticket.job.error or ticket.job.result for ticket in tickets]


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Collect the statements of a block."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: object) -> None:
        sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_each_answers_for_itself(
    app: Flask, provider: Program, session: Session, client: Browser, realm: Realm
) -> None:
    provider.register()
    mine, other = provider.open("1")["number"], provider.open("2")["number"]
    rival = make_provider(client, session, realm, "rival")
    ended = factories.make_key(session, provider.user, realm, "jobs.write")
    reads = factories.make_key(session, provider.user, realm, "jobs.read")[1]
    session.get_one(ApiKey, ended[0].id).expires_at = utcnow() - timedelta(seconds=1)
    session.commit()

    found = together(
        app, posted(mine, provider.key), posted(mine, ended[1]), posted(mine, "hw_none"), posted(mine, rival.key),
        posted(mine, provider.key, "nowhere"), posted(4_000_000, provider.key), posted(other, provider.key, "run"),
        posted(Named(RunDraft("3", job="bare", attempts=False)), rival.key), posted(mine, reads),
    )  # fmt: skip

    assert found[0] == ("running", "step")
    assert [type(found[place]) for place in (1, 2, 3, 5)] == [Unauthorized, Unauthorized, NotFound, NotFound]
    assert found[4][1].problems[0].code == "unknown_step"
    assert found[6:8] == [("running", "step")] * 2
    assert found[8].code == 403
    assert len(session.scalars(select(Event)).all()) == 3
    assert session.scalars(select(Run).where(Run.external_id == "3")).one().provider_id == rival.user.id


def test_what_breaks_one_leaves_the_others(app: Flask, provider: Program, session: Session) -> None:
    def breaks(_one: Tracked, _found: list[Reported]) -> None:
        raise ZeroDivisionError

    provider.register()
    runs = [provider.open(str(number))["number"] for number in range(3)]
    waiting = [posted(runs[0], provider.key), posted(runs[1], provider.key, answer=breaks),
               posted(runs[2], provider.key)]  # fmt: skip
    found = together(app, *waiting)

    assert [type(one).__name__ for one in found] == ["tuple", "ZeroDivisionError", "tuple"]
    assert set(session.scalars(select(Event.run))) == {runs[0], runs[2]}


def test_more_that_wait_cost_no_more_statements(app: Flask, provider: Program, session: Session) -> None:
    provider.register()
    runs = [provider.open(str(number))["number"] for number in range(9)]
    together(app, posted(runs[8], provider.key))
    costs = []
    for waiting in (runs[:1], runs[1:8]):
        with counted(app) as sent:
            together(app, *(posted(run, provider.key) for run in waiting))
        costs.append(len(sent))

    assert costs[1] <= costs[0]
    progress = session.scalars(select(Run.progress).where(Run.number.in_(runs))).all()
    assert set(progress) == {10.0}


def test_an_event_costs_the_same_after_hundreds(app: Flask, provider: Program, session: Session) -> None:
    run = provider.open(job="bare")
    costs, sizes = [], []
    for earlier in (5, 500):
        provider.post(f"/runs/{run['id']}/events", [{"kind": "info", "name": str(n)} for n in range(earlier)])
        with counted(app) as sent:
            provider.send(run, "start", "load", event_id=f"e{earlier}")
        kept = session.scalars(select(RunTracking).execution_options(populate_existing=True)).one()
        costs.append([statement.partition(" WHERE")[0] for statement in sent if "jobs_event" in statement])
        sizes.append(len(kept.fold))

    assert costs[0] == costs[1]
    assert len(costs[0]) in (2, 3), "PostgreSQL draws ids from a sequence"
    assert sizes[1] <= sizes[0] + 10


@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
def test_known_ids_are_found_by_their_index(session: Session) -> None:
    asked = "SELECT id FROM jobs_event WHERE realm_id = 1 AND event_id IN ('a') AND run IN (1)"
    plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}").all()
    assert ["uq_jobs_event_event_id" in row[3] for row in plan] == [True]
