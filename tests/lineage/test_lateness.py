"""A dataset is late when it is read, and the change log hears of it once each way."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.changes.models import Change
from app.db import db, scope, utcnow
from app.lineage import worker_lateness
from app.lineage.lateness import Turn, settle, turns
from app.lineage.models import Lateness
from app.lineage.reads.freshness import Expected, Stream, freshness
from app.realms.models import Realm
from tests.browser import Browser
from tests.databases import Database
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import FIRST, run, table

DAY = timedelta(days=1)
NOW = datetime(2026, 5, 3, 12, tzinfo=UTC)
LAST = FIRST + 19 * DAY


def nightly(count: int = 20, start: int = 0, name: str = "shop.orders") -> list[dict[str, Any]]:
    """Return daily runs that write a table."""
    return [
        run(f"{name}-{day}", "load", minute=day * 1440, outputs=[table(name)]) for day in range(start, start + count)
    ]


def look(database: Database, realm: Realm, now: datetime) -> list[Turn]:
    """Return what a look at this moment told."""
    with database.app.app_context():
        session = db.session()
        scope(session, realm.id)
        told = settle(session, turns(session, now)[0])
        session.commit()
    return told


def log(session: Session) -> list[str]:
    """Return what the change log heard."""
    wanted = ("dataset.late", "dataset.recovered")
    return list(session.scalars(select(Change.verb).where(Change.verb.in_(wanted)).order_by(Change.id)))


def test_twenty_daily_writes_then_silence_are_late_a_second_after_two_intervals(
    intake: Intake, database: Database, realm: Realm, session: Session
) -> None:
    intake.take(*nightly())

    assert look(database, realm, LAST + 2 * DAY) == []
    assert [turn.late for turn in look(database, realm, LAST + 2 * DAY + timedelta(seconds=1))] == [True]
    assert look(database, realm, LAST + 5 * DAY) == []
    assert log(session) == ["dataset.late"]
    assert session.scalars(select(Lateness.since)).one() == LAST + 2 * DAY


def test_a_write_recovers_it_once(intake: Intake, database: Database, realm: Realm, session: Session) -> None:
    intake.take(*nightly())
    look(database, realm, LAST + 3 * DAY)
    intake.take(*nightly(1, 23))

    assert [turn.late for turn in look(database, realm, LAST + 4 * DAY)] == [False]
    assert look(database, realm, LAST + 4 * DAY) == []
    assert log(session) == ["dataset.late", "dataset.recovered"]
    assert session.scalars(select(Lateness)).all() == []


def test_three_writes_are_never_late_and_parts_of_one_run_are_one_write(
    intake: Intake, database: Database, realm: Realm
) -> None:
    parts = [
        run(f"part-{day}-{part}", f"app.part_{part}", minute=day * 1440 + part, outputs=[table("shop.parts")],
            facets={"parent": {"run": {"runId": f"app-{day}"}, "job": {"namespace": "etl", "name": "app"}}},
            job_facets={"jobType": {"integration": "SPARK", "jobType": "SQL_JOB", "processingType": "BATCH"}})
        for day in range(3) for part in range(5)
    ]  # fmt: skip
    intake.take(*nightly(3), *parts)

    assert look(database, realm, LAST + 99 * DAY) == []


def test_two_who_look_at_once_tell_it_once(intake: Intake, database: Database, realm: Realm, session: Session) -> None:
    intake.take(*nightly())
    with database.app.app_context():
        mine = db.session()
        scope(mine, realm.id)
        seen = turns(mine, LAST + 3 * DAY)[0]
        mine.rollback()
    look(database, realm, LAST + 3 * DAY)
    with database.app.app_context():
        scope(db.session(), realm.id)
        assert settle(db.session(), seen) == []
        db.session.commit()

    assert log(session) == ["dataset.late"]


def test_the_worker_looks_at_every_realm(
    intake: Intake, database: Database, session: Session, other_realm: Realm
) -> None:
    intake.take(*nightly(), *nightly(name="shop.other"))
    Intake(database, other_realm).take(*nightly())

    assert worker_lateness.work(database.app) == 3
    assert worker_lateness.work(database.app) == 0
    assert len(log(session)) == 3


def test_datasets_beyond_one_look_are_looked_at_too(intake: Intake, database: Database, realm: Realm) -> None:
    intake.take(*nightly(4, name="a"), *nightly(4, name="b"), *nightly(4, name="c"))
    with database.app.app_context():
        session, found = db.session(), []
        place: int | None = 0
        scope(session, realm.id)
        while place is not None:
            some, place = turns(session, LAST + 99 * DAY, place, 2)
            found += some

    assert sorted(turn.label for turn in found) == ["a", "b", "c"]


def test_pages_judge_by_themselves_and_an_expectation_wins(client: Browser, intake: Intake, store: Store) -> None:
    intake.take(*nightly())
    page = f"/r/acme/lineage/datasets/{store.dataset('shop.orders').id}"
    far = (utcnow() - LAST).days

    assert ">late<" in client.get(page).get_data(as_text=True).replace("</svg>late", ">late")
    client.post(f"{page}/expectation", {"every_s": str(min(far + 9, 400)), "unit": "86400"})
    assert ">late<" not in client.get(page).get_data(as_text=True).replace("</svg>late", ">late")
    assert ">late<" not in client.get("/r/acme/lineage/datasets").get_data(as_text=True).replace("</svg>late", ">late")


@pytest.mark.parametrize(
    ("expected", "last", "due"),
    [
        (Expected(NOW, every=timedelta(hours=6)), NOW, NOW + timedelta(hours=6)),
        # 05:50 in Berlin, due by 06:30 there: on the next day, which is 04:30 in UTC.
        (Expected(NOW, by="06:30", zone="Europe/Berlin"), datetime(2026, 5, 3, 3, 50, tzinfo=UTC),
         datetime(2026, 5, 4, 4, 30, tzinfo=UTC)),
        # Over the night in which clocks go forward a day has 23 hours.
        (Expected(NOW, by="06:30", zone="Europe/Berlin"), datetime(2026, 3, 28, 4, 50, tzinfo=UTC),
         datetime(2026, 3, 29, 4, 30, tzinfo=UTC)),
        (Expected(NOW, every=7 * DAY, by="23:00", zone="UTC"), datetime(2026, 5, 1, 22, tzinfo=UTC),
         datetime(2026, 5, 8, 23, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_an_expectation_says_when_the_next_write_is_due(expected: Expected, last: datetime, due: datetime) -> None:
    assert expected.due_after(last) == due
    assert freshness([last], due, expected=expected).word == "fresh"
    assert freshness([last], due + timedelta(seconds=1), expected=expected).word == "late"


def test_an_expectation_of_rows_alone_leaves_the_rhythm_to_decide() -> None:
    writes = [NOW - number * DAY for number in range(2, 8)]

    assert freshness(writes, NOW + timedelta(seconds=1), expected=Expected(NOW, min_rows=5)).word == "late"


def test_what_was_never_written_is_late_once_a_set_interval_has_passed() -> None:
    expected = Expected(NOW, every=DAY)

    assert freshness([], NOW + DAY, expected=expected).word == "never"
    assert freshness([], NOW + DAY + timedelta(seconds=1), expected=expected).word == "late"


def test_an_expectation_wins_over_a_stream_and_never_over_a_drop() -> None:
    stream, expected = Stream(NOW, timedelta(seconds=1)), Expected(NOW, every=DAY)

    assert freshness([], NOW + timedelta(hours=1), stream=stream, expected=expected).word == "streaming"
    assert freshness([], NOW + 9 * DAY, expected=expected, dropped=True).word == "dropped"
