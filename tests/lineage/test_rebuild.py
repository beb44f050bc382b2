"""A rebuild finds and puts right what differs from the events, and nothing else."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.db import db
from app.jobs.models import DurationStat, Run
from app.jobs.progress.history import read
from app.lineage.models import Dataset, Edge, Symlink
from app.lineage.rebuild import Report, rebuild
from app.realms.models import Realm
from tests.browser import Browser
from tests.databases import Database
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import (
    columns,
    dataset,
    facet,
    job,
    job_type,
    parent,
    run,
    schema,
    symlinks,
    table,
)

LISTS = ("/r/acme/lineage/datasets", "/r/acme/jobs/jobs", "/r/acme/jobs/runs", "/r/acme/lineage/operations")
Again = Callable[..., Report]


def story() -> list[dict[str, Any]]:
    """Return events of every kind: a tree of runs, schemas that change, columns, claims, checks, other names."""
    checks = facet(assertions=[{"assertion": "unique", "success": False, "column": "id"}])
    merge = {"sql": facet(query="MERGE INTO sums USING orders ON 1 = 1")}
    told = [
        run("a1", "app", "START", 1, job_facets=job_type("SPARK", "APPLICATION", "NONE")),
        job("load", 0, inputs=[table("shop.raw")], outputs=[table("shop.orders")]),
        dataset(table("shop.raw", tags=facet(tags=[{"key": "pii", "value": "yes"}])), 3),
        run("x", "alias", minute=5, outputs=[table("lake.orders", "s3://lake", symlinks=symlinks("shop.orders"))]),
        run("t", "test", minute=6, inputs=[table("shop.orders", dataQualityAssertions=checks)]),
        run("a1", "app", "COMPLETE", 1500, job_facets=job_type("SPARK", "APPLICATION", "NONE")),
    ]
    for number in range(6):
        out = table(
            "shop.orders",
            schema=schema("id", *(["age"] if number % 3 else [])),
            columnLineage=columns(id=[("shop.raw", f"id{number % 2}")]),
            counts={"rowCount": 10 + number},
        )
        options: dict[str, Any] = {
            "facets": {"parent": parent("a1", "app")},
            "job_facets": merge | job_type("SPARK", "SQL_JOB"),
        }
        told.append(run(f"c{number}", "app.merge", "START", 10 + number * 300, inputs=[table("shop.raw")], **options))
        told.append(run(f"c{number}", "app.merge", "COMPLETE", 12 + number * 300, outputs=[out], **options))
    random.Random(7).shuffle(told)
    return told


@pytest.fixture
def again(database: Database, realm: Realm) -> Again:
    """Rebuilds ``acme``."""

    def work(*, check: bool = False, since: datetime | None = None) -> Report:
        with database.app.app_context():
            engine = db.engine
            return rebuild(lambda: Session(engine), realm.id, database.settings.data_dir, check=check, since=since)

    return work


def exports(client: Browser) -> list[bytes]:
    """Return every list as CSV."""
    return [client.get(f"{url}?format=csv").data for url in LISTS]


def command(database: Database, *options: str) -> tuple[int, str]:
    """Run the command and return its exit status and output."""
    found = database.app.test_cli_runner().invoke(args=["lineage", "rebuild", "--realm", "acme", *options])
    return found.exit_code, found.output


def break_edge(session: Session) -> None:
    """Take one edge away by hand."""
    edge = session.scalars(select(Edge).limit(1)).one()
    session.delete(edge)
    session.commit()


def test_facts_and_exports_are_the_same_bytes_before_and_after(client: Browser, intake: Intake, again: Again) -> None:
    intake.in_batches(story(), [3, 1, 4, 1, 5])
    before, listed = json.dumps(intake.facts()), exports(client)

    report = again()

    assert (dict(report.differences), report.examples) == ({}, [])
    assert report.events == len(story())
    assert json.dumps(intake.facts()) == before
    assert exports(client) == listed


def test_an_event_twice_in_one_batch_leaves_nothing_to_find(intake: Intake, again: Again) -> None:
    checks = facet(assertions=[{"assertion": "unique", "success": False, "column": "id"}])
    measured = facet(rowCount=5, columnMetrics={})
    event = run("t", "test", inputs=[table("t", dataQualityAssertions=checks, dataQualityMetrics=measured)])
    intake.take(event, event, run("u", "test"))

    assert again(check=True).examples == []


def test_ids_that_a_url_names_are_kept(intake: Intake, store: Store, session: Session, again: Again) -> None:
    intake.take(*story())

    def ids() -> list[Any]:
        jobs = {name: row.id for name, row in store.jobs().items()}
        runs = {name: (row.number, row.id) for name, row in store.runs().items()}
        return [jobs, runs, {name: row.id for name, row in store.datasets().items()}]

    before = ids()
    session.execute(text("UPDATE jobs_run SET status = 'failed'"))
    again()

    assert ids() == before


def test_the_check_finds_a_removed_edge_and_a_changed_run_and_changes_nothing(
    intake: Intake, session: Session, database: Database
) -> None:
    intake.take(*story())
    assert command(database, "--check")[0] == 0
    break_edge(session)
    session.execute(text("UPDATE jobs_run SET status = 'failed' WHERE reported_id = 'c1'"))

    for _ in range(2):
        status, told = command(database, "--check")
        assert status == 1
        assert "lineage_edge: missing" in told
        assert "jobs_run" in told


def test_a_rebuild_puts_right_what_the_check_found(
    client: Browser, intake: Intake, session: Session, database: Database
) -> None:
    intake.take(*story())
    before, listed = intake.facts(), exports(client)
    break_edge(session)
    session.execute(text("UPDATE jobs_run SET status = 'failed' WHERE reported_id = 'c1'"))
    session.execute(text("DELETE FROM lineage_column_edge"))
    session.execute(text("UPDATE lineage_interaction SET num_rows = 77"))
    session.execute(text("UPDATE lineage_dataset SET description = 'by hand', schema_id = NULL"))
    session.execute(text("DELETE FROM lineage_claim"))
    session.execute(text("DELETE FROM jobs_tag"))

    assert command(database)[0] == 0
    assert command(database, "--check")[0] == 0

    assert intake.facts() == before
    assert exports(client) == listed


def test_an_unknown_realm_is_an_error_of_use(database: Database, realm: Realm) -> None:
    assert realm
    found = database.app.test_cli_runner().invoke(args=["lineage", "rebuild", "--realm", "nowhere"])
    assert found.exit_code == 2


def test_a_suppressed_symlink_stays_suppressed(
    client: Browser, intake: Intake, session: Session, store: Store, again: Again
) -> None:
    intake.take(*story())
    link, home = session.scalars(select(Symlink)).one(), store.dataset("shop.orders").id
    url = f"/r/acme/lineage/datasets/{home}/symlinks/{link.id}/suppression"
    assert client.post(url, {"why": "another system"}).status_code == 303

    report = again()

    assert report.differences.total() == 0
    assert session.scalars(select(Symlink.suppressed_why)).all() == ["another system"]
    assert (
        session.scalars(select(Dataset.alias_for_dataset_id).where(Dataset.alias_for_dataset_id.is_not(None))).all()
        == []
    )


def test_events_stored_while_it_runs_are_folded(
    intake: Intake, store: Store, database: Database, realm: Realm, session: Session, again: Again
) -> None:
    events = story()
    intake.take(*events[:9])
    session.execute(text("UPDATE jobs_run SET status = 'failed'"))
    rest = iter(events[9:])

    def open_session() -> Session:
        if (event := next(rest, None)) is not None:
            intake.take(event)
        return Session(engine)

    with database.app.app_context():
        engine = db.engine
    rebuild(open_session, realm.id, database.settings.data_dir)
    intake.take(*rest)

    assert again(check=True).examples == []
    assert {run_.status for run_ in store.runs().values()} == {"completed"}


def test_another_realm_is_left_alone(
    intake: Intake, session: Session, database: Database, other_realm: Realm, again: Again
) -> None:
    Intake(database, other_realm).take(*story())
    intake.take(run("r1", "load"))
    session.execute(text("UPDATE jobs_run SET status = 'failed'"))

    again()

    assert session.scalars(select(Run.status).where(Run.reported_id == "r1")).all() == ["completed"]
    assert set(session.scalars(select(Run.status).where(Run.realm_id == other_realm.id))) == {"failed"}


def test_since_a_moment_only_what_was_told_since_is_put_right(
    intake: Intake, session: Session, store: Store, again: Again
) -> None:
    old, new = run("old", "yearly", outputs=[table("archive")]), run("new", "daily", outputs=[table("fresh")])
    moment = datetime.now(UTC) - timedelta(days=1)
    intake.take(old, {**new, "eventTime": (moment + timedelta(hours=1)).isoformat()})
    session.execute(text("DELETE FROM lineage_edge"))

    assert again(since=moment).differences["lineage_edge"] == 1
    assert [edge.dataset_id for edge in session.scalars(select(Edge))] == [store.dataset("fresh").id]
    assert again().differences["lineage_edge"] == 1


def test_histories_are_put_right(intake: Intake, session: Session, again: Again) -> None:
    told = [("a", "wait", "COMPLETE", 5), ("a", "load", "START", 6), ("a", "load", "COMPLETE", 8)]
    intake.each([run(*said) for said in (*told, ("b", "load", "COMPLETE", 9), ("b", "load", "START", 1))])
    assert again().differences == {}
    query = select(DurationStat).where(DurationStat.runs != "")
    stat = session.scalars(query).one()
    before = read(stat.runs)
    assert [one.seconds for one in before] == [480.0, 120.0]
    stat.runs = "[]"
    session.commit()
    assert again().differences == {"jobs_duration_stat": 1}
    session.expire_all()
    assert read(session.scalars(query).one().runs) == before
