"""What is old goes, what is said of it stays true, and nothing else is touched."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.changes.actor import SYSTEM
from app.changes.models import Change
from app.db import db, utcnow
from app.jobs.actions.notices import note
from app.jobs.models import Badge, Job, Run, ShareLink
from app.lineage import worker_daily
from app.lineage.models import Dataset, Edge, Interaction, Operation, RawEvent, Retention
from app.lineage.retention import Report, keep
from app.realms.models import Config, Realm
from tests.databases import Database
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import facet, job_type, parent, run, schema, table

NOW = utcnow().replace(hour=12, minute=0, second=0, microsecond=0)
Keep = Callable[..., Report]
Edges = dict[tuple[Any, ...], tuple[int, ...]]


def ago(days: float, minutes: float = 0) -> str:
    """Return an event time so many days ago."""
    return (NOW - timedelta(days=days) + timedelta(minutes=minutes)).isoformat()


def load(number: int, days: float, job: str = "load", **more: Any) -> dict[str, Any]:
    """Return a run that read orders and wrote sums so many days ago."""
    written = table("shop.sums", counts={"rowCount": 10 + number, "size": 100}, schema=schema("a"))
    reads = [table("shop.orders")]
    return run(f"{job}{number}", job, inputs=reads, outputs=[written], eventTime=ago(days)) | more


def set_to(session: Session, realm: Realm, **values: int) -> None:
    """Set numbers of the realm."""
    for name, value in values.items():
        session.add(Config(realm_id=realm.id, slice_id=None, name=name, val=str(value), setby="owner"))
    session.commit()


def edges(session: Session, by: Callable[[date], object] = lambda day: day) -> Edges:
    """Return the counters of edges, added up by what ``by`` makes of their day."""
    found: Edges = {}
    for row in session.scalars(select(Edge).execution_options(populate_existing=True)):
        key = (row.job_id, row.dataset_id, row.direction, row.type, by(row.day))
        before = found.get(key, (0, 0, 0, 0))
        counts = (row.runs, row.rows, row.bytes, row.files)
        found[key] = tuple(old + new for old, new in zip(before, counts, strict=True))
    return found


def month(day: date) -> date:
    """Return the first day of the month."""
    return day.replace(day=1)


def received(session: Session, days: float) -> None:
    """Let every stored event have come in so many days ago."""
    moment = (NOW - timedelta(days=days)).replace(tzinfo=UTC)
    for event in session.scalars(select(RawEvent)):
        event.received_at = moment
    session.commit()


@pytest.fixture
def passes(database: Database, realm: Realm) -> Keep:
    """Make a pass over ``acme``."""

    def work(now: datetime = NOW) -> Report:
        with database.app.app_context():
            return keep(db.session(), realm.id, SYSTEM, now)

    return work


def count(session: Session, model: Any) -> int:
    """Return how many rows a table has."""
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_old_runs_go_but_the_newest_of_a_job_stay(intake: Intake, store: Store, session: Session, passes: Keep) -> None:
    intake.take(*(load(number, 500 - number) for number in range(25)), load(99, 600, "once"))

    report = passes()

    assert report.removed["runs"] == 5
    assert set(store.runs()) == {f"load{number}" for number in range(5, 25)} | {"once99"}
    assert count(session, Operation) == 21
    assert count(session, Interaction) == 42


def test_what_was_given_out_of_an_old_run_goes_with_it(
    intake: Intake, store: Store, session: Session, passes: Keep, realm: Realm
) -> None:
    set_to(session, realm, LINEAGE_RUN_COUNT=1)
    intake.take(load(1, 500), load(2, 1))
    old = store.run("load1").number
    note(session.connection(), realm.id, [old], "stalled")
    made: dict[str, Any] = {"realm_id": realm.id, "run": old, "created_by": "ann"}
    session.add(Badge(token_hash=b"b" * 32, **made))
    session.add(ShareLink(token_hash=b"s" * 32, expires_at=utcnow(), show_metadata=False, show_log=False, **made))
    session.commit()
    passes()
    session.expire_all()
    assert set(store.runs()) == {"load2"}
    assert (count(session, ShareLink), count(session, Badge)) == (0, 0)


def test_young_runs_and_those_still_heard_of_stay(
    intake: Intake, store: Store, session: Session, realm: Realm, passes: Keep
) -> None:
    set_to(session, realm, LINEAGE_RUN_COUNT=1)
    intake.take(
        run("stream", "flink", "START", eventTime=ago(450)),
        run("stream", "flink", "RUNNING", eventTime=ago(1)),
        run("later", "flink", eventTime=ago(2)),
        load(1, 399),
        load(2, 398),
        load(3, 402),
    )

    passes()

    assert set(store.runs()) == {"stream", "later", "load1", "load2"}


def test_parts_go_with_their_unit_and_stay_with_it(
    intake: Intake, store: Store, session: Session, realm: Realm, passes: Keep
) -> None:
    set_to(session, realm, LINEAGE_RUN_COUNT=1)
    app, command = job_type("SPARK", "APPLICATION", "NONE"), job_type("SPARK", "SQL_JOB")
    for number in range(3):
        intake.take(run(f"a{number}", "app", job_facets=app, eventTime=ago(500 - number)))
        up: dict[str, Any] = {
            "facets": {"parent": parent(f"a{number}", "app")},
            "job_facets": command,
            "eventTime": ago(500 - number),
        }
        intake.take(*(run(f"c{number}.{n}", "app.write", outputs=[table("lake.t")], **up) for n in range(3)))

    assert passes().removed["runs"] == 8

    assert set(store.runs()) == {"a2", "c2.0", "c2.1", "c2.2"}


def test_interactions_take_no_edge_along(intake: Intake, session: Session, realm: Realm, passes: Keep) -> None:
    set_to(session, realm, LINEAGE_RUN_COUNT=1, EDGE_DAYS=4000)
    intake.take(*(load(number, 500 - number) for number in range(9)))
    before = edges(session)

    passes()

    assert count(session, Interaction) == 2
    assert edges(session) == before


def test_days_become_months_with_equal_totals(intake: Intake, session: Session, passes: Keep) -> None:
    intake.take(*(load(number, 380 + number * 3) for number in range(40)))
    before, daily = edges(session, month), len(edges(session))

    report = passes()
    after = edges(session)

    assert edges(session, month) == before
    assert 0 < report.removed["edges"] < daily
    first_daily = month((NOW - timedelta(days=400)).date())
    assert all(key[-1].day == 1 for key in after if key[-1] < first_daily)
    assert {key for key in after if key[-1] >= first_daily} == {key for key in edges(session) if key[-1] >= first_daily}
    assert passes().total == 0


def test_what_comes_late_for_a_folded_month_joins_it(intake: Intake, session: Session, passes: Keep) -> None:
    intake.take(*(load(number, 500 + number) for number in range(5)))
    passes()
    intake.take(load(77, 502))
    before = edges(session, month)

    passes()

    assert edges(session, month) == before
    assert all(key[-1].day == 1 for key in edges(session))


def test_events_are_kept_for_ninety_days_of_arrival(intake: Intake, session: Session, passes: Keep) -> None:
    intake.take(load(1, 100), load(2, 95))
    received(session, 91)
    intake.take(load(3, 200))

    assert passes().removed["events"] == 2
    assert count(session, RawEvent) == 1
    assert count(session, Run) == 3


def test_datasets_jobs_and_what_is_known_of_them_stay(intake: Intake, store: Store, session: Session, realm: Realm,
                                                      passes: Keep) -> None:  # fmt: skip
    set_to(session, realm, LINEAGE_RUN_COUNT=1)
    intake.take(*(load(number, 900 - number) for number in range(3)))
    received(session, 500)
    jobs, datasets = set(store.jobs()), set(store.datasets())

    passes()

    assert (set(store.jobs()), set(store.datasets())) == (jobs, datasets)
    assert session.scalars(select(Dataset.schema_id).where(Dataset.name == "shop.sums")).one() is not None


def test_a_pass_is_one_change_and_an_empty_one_is_none(intake: Intake, session: Session, passes: Keep) -> None:
    intake.take(*(load(number, 900 - number) for number in range(30)))
    told = select(func.count()).select_from(Change).where(Change.kind == "retention")

    passes()
    passes()

    assert session.scalar(told) == 1
    kept = {row.what: row.kept_from for row in session.scalars(select(Retention))}
    assert kept["runs"] == (NOW - timedelta(days=400)).date()
    assert "events" not in kept


def test_the_worker_makes_one_pass_a_day(intake: Intake, session: Session, database: Database, realm: Realm) -> None:
    intake.take(*(load(number, 900 - number) for number in range(25)))

    assert worker_daily.work(database.app) == [realm.id]
    assert worker_daily.work(database.app) == []
    assert count(session, Run) == 20

    for row in session.scalars(select(Retention)):
        row.ran_at -= timedelta(days=1)
    session.commit()
    assert worker_daily.work(database.app) == [realm.id]


def test_the_command_counts_first_and_then_removes(intake: Intake, session: Session, database: Database) -> None:
    intake.take(*(load(number, 900 - number) for number in range(25)))
    command = database.app.test_cli_runner()

    told = command.invoke(args=["lineage", "retention", "--realm", "acme", "--dry-run"]).output
    assert "Runs from before" in told
    assert ": 5 would go" in told
    assert count(session, Run) == 25

    done = command.invoke(args=["lineage", "retention", "--realm", "acme"])
    assert (done.exit_code, "Runs: 5 removed" in done.output) == (0, True)
    assert count(session, Run) == 20
    assert command.invoke(args=["lineage", "retention", "--realm", "nowhere"]).exit_code == 2


def test_another_realm_is_left_alone(
    intake: Intake, database: Database, other_realm: Realm, session: Session, passes: Keep
) -> None:
    theirs = Intake(database, other_realm)
    theirs.take(*(load(number, 900 - number) for number in range(25)))

    assert passes().total == 0
    assert count(session, Run) == 25


def test_the_check_of_a_rebuild_stays_clean(
    intake: Intake, store: Store, session: Session, database: Database, realm: Realm, passes: Keep
) -> None:
    set_to(session, realm, LINEAGE_RUN_COUNT=2)
    sql = {"sql": facet(query="select 1")}
    intake.take(*(load(number, 700 - number * 60) for number in range(10)))
    intake.take(run("span", "stream", "START", outputs=[table("lake.t")], eventTime=ago(100)))
    received(session, 95)
    before = utcnow() - timedelta(days=95)
    for row in (*session.scalars(select(Job)), *session.scalars(select(Dataset))):
        row.created_at = before
    for found in session.scalars(select(Run)):
        found.id = UUID(int=int(before.timestamp() * 1000) << 80 | found.number)
    session.commit()
    intake.take(run("span", "stream", "COMPLETE", outputs=[table("lake.t")], eventTime=ago(1)))
    intake.take(*(load(number, 30 - number, job_facets=sql) for number in range(20, 25)), load(50, 3, "fresh"))
    passes()

    command = database.app.test_cli_runner()
    check = ["lineage", "rebuild", "--realm", "acme", "--check"]

    told = command.invoke(args=check)
    assert told.exit_code == 0, (told.output, told.exception)

    of_load = select(Edge).where(Edge.job_id == store.jobs()["load"].id)
    newest = session.scalars(of_load.order_by(Edge.day.desc()).limit(1)).one()
    session.delete(newest)
    session.commit()
    assert "lineage_edge: missing" in command.invoke(args=check).output
    assert command.invoke(args=check[:-1]).exit_code == 0
    assert command.invoke(args=check).exit_code == 0
