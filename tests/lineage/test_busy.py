"""With the database held by somebody else, clients hear so in time and lose nothing."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.combine import Busy, Combiner, Ticket
from app.lineage.models import RawEvent
from app.lineage.store.batch import LOCK
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser
from tests.databases import Database
from tests.lineage.openlineage_events import run
from tests.lineage.sending import MANY, ONE, Sender


@contextmanager
def held(database: Database, realm: Realm) -> Iterator[None]:
    """Hold what ingestion needs to write."""
    engine = database.engine()
    sqlite = database.template is not None
    begin = "BEGIN IMMEDIATE" if sqlite else "SELECT pg_advisory_lock"
    end = "ROLLBACK" if sqlite else "SELECT pg_advisory_unlock"
    arguments = "" if sqlite else f"({LOCK}, {realm.id})"
    with engine.connect() as connection:
        connection.exec_driver_sql(begin + arguments)
        try:
            yield
        finally:
            connection.exec_driver_sql(end + arguments)


@pytest.mark.parametrize("url", [ONE, MANY])
def test_a_held_database_answers_503_in_time_and_the_retry_is_stored_once(
    database: Database, visitor: Browser, session: Session, owner: User, realm: Realm, url: str
) -> None:
    sender = Sender(visitor, factories.make_key(session, owner, realm, "lineage.write")[1])
    with held(database, realm):
        begun = time.monotonic()
        answer = sender.post(run("r-1", "daily"), url)
        taken = time.monotonic() - begun
    nothing = session.scalars(select(RawEvent.id)).all()

    assert (answer.status_code, nothing) == (503, [])
    assert 1 <= int(answer.headers["Retry-After"]) <= 10
    assert taken < 4
    assert sender.post(run("r-1", "daily"), url).status_code in (200, 201)
    assert len(session.scalars(select(RawEvent.id)).all()) == 1


def test_everybody_who_waits_for_a_held_database_is_answered_in_time(
    app: Flask, database: Database, session: Session, owner: User, realm: Realm
) -> None:
    headers = {"Authorization": f"Bearer {factories.make_key(session, owner, realm, 'lineage.write')[1]}"}
    answers: list[tuple[int, float]] = []

    def send(number: int) -> None:
        begun = time.monotonic()
        status = app.test_client().post(ONE, json=run(f"r-{number}", "daily"), headers=headers).status_code
        answers.append((status, time.monotonic() - begun))

    threads = [threading.Thread(target=send, args=(number,)) for number in range(12)]
    with held(database, realm):
        for thread in threads:
            thread.start()
            time.sleep(0.2)
        for thread in threads:
            thread.join()

    assert {status for status, _ in answers} == {503}
    assert max(seconds for _, seconds in answers) < 4


def test_what_waits_together_is_stored_together() -> None:
    rounds: list[int] = []
    started, go_on = threading.Event(), threading.Event()

    def work(tickets: object) -> None:
        assert isinstance(tickets, list)
        rounds.append(len(tickets))
        started.set()
        go_on.wait(5)
        for ticket in tickets:
            ticket.error = None

    combiner: Combiner[int] = Combiner(work)
    threads = [threading.Thread(target=combiner.submit, args=(Ticket(n, 1, time.monotonic() + 9),)) for n in range(9)]
    threads[0].start()
    started.wait(5)
    for thread in threads[1:]:
        thread.start()
    time.sleep(0.2)
    go_on.set()
    for thread in threads:
        thread.join()

    assert rounds == [1, 8]


def test_nobody_waits_beyond_the_deadline_while_another_works() -> None:
    go_on, started = threading.Event(), threading.Event()

    def work(tickets: object) -> None:
        started.set()
        go_on.wait(5)

    combiner: Combiner[int] = Combiner(work)
    ticket = Ticket(0, 1, time.monotonic() + 9, error=None)
    first = threading.Thread(target=combiner.submit, args=(ticket,))
    first.start()
    started.wait(5)
    begun = time.monotonic()
    with pytest.raises(Busy):
        combiner.submit(Ticket(1, 1, time.monotonic() + 0.2))
    waited = time.monotonic() - begun
    go_on.set()
    first.join()

    assert 0.1 < waited < 1


def test_one_who_spoils_the_round_fails_alone(
    app: Flask, session: Session, owner: User, realm: Realm, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.lineage.api import storing

    together = storing._together  # noqa: SLF001 - the seam where a database would complain
    seen: list[int] = []

    def spoiled(tickets: list[Ticket[storing.Parcel]]) -> None:
        seen.append(len(tickets))
        if any(b"bad" in ticket.job.arrivals[0].raw for ticket in tickets):
            raise ValueError("a column cannot hold it")
        time.sleep(0.3)
        together(tickets)

    monkeypatch.setattr(storing, "_together", spoiled)
    headers = {"Authorization": f"Bearer {factories.make_key(session, owner, realm, 'lineage.write')[1]}"}
    statuses: dict[str, int] = {}

    def send(name: str) -> None:
        try:
            statuses[name] = app.test_client().post(ONE, json=run(name, name), headers=headers).status_code
        except ValueError:
            statuses[name] = 500

    threads = [threading.Thread(target=send, args=(name,)) for name in ("first", "good", "bad", "fine")]
    for thread in threads:
        thread.start()
        time.sleep(0.05)
    for thread in threads:
        thread.join()

    assert statuses == {"first": 201, "good": 201, "bad": 500, "fine": 201}
    assert max(seen) > 1
