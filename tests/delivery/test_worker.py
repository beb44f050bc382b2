"""Workers share the work, lose nothing, and go on when something breaks."""

import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from time_machine import travel

from app.accounts.models import User
from app.changes.actor import SYSTEM
from app.changes.log import Entry, record, record_many
from app.db import db, scope, utcnow
from app.delivery import tasks
from app.delivery.models import Delivery, State, Turn, Worker
from app.delivery.worker import claims
from app.delivery.worker.leases import hold, release
from app.delivery.worker.loop import Loop
from app.delivery.worker.sending import Taken, carry_out
from tests.browser import Browser
from tests.databases import SECRET
from tests.delivery.house import House
from tests.delivery.receiver import Receiver
from tests.e2e.serving import command, environ


@pytest.fixture(autouse=True)
def only_our_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the tasks of slices: these tests are about the worker."""
    monkeypatch.setattr(tasks, "_TASKS", {})


def test_what_a_killed_worker_was_sending_is_sent_after_its_lease(
    house: House, receiver: Receiver, owner: User
) -> None:
    hook, _secret = house.hook(owner, receiver.url)
    house.change()
    house.match()
    with house.app.app_context():
        (taken,) = claims.claim(db.session(), claims.Due(house.realm.id, hook.id, 4), "the killed one", utcnow())
        db.session.commit()

    house.work()
    assert receiver.got == []
    with travel(utcnow() + timedelta(seconds=61)):
        house.work()

    (delivery,) = house.deliveries()
    assert (delivery.id, delivery.state, len(receiver.got)) == (taken, State.SUCCEEDED, 1)
    assert [each.error is None for each in house.attempts()] == [False, True]


def test_a_worker_that_lost_its_lease_does_not_end_the_delivery_of_another(
    house: House, receiver: Receiver, owner: User
) -> None:
    hook, _secret = house.hook(owner, receiver.url)
    house.change()
    house.match()
    with house.app.app_context():
        (taken,) = claims.claim(db.session(), claims.Due(house.realm.id, hook.id, 4), "another", utcnow())
        db.session.commit()

    carry_out(house.app, Taken(house.realm.id, taken, "the late one"))

    assert receiver.got == []
    assert [each.state for each in house.deliveries()] == [State.SENDING]


def test_changes_of_many_writers_are_each_sent_once_by_two_workers(
    house: House, receiver: Receiver, owner: User
) -> None:
    house.hook(owner, receiver.url, concurrency=16)

    def write(writer: int) -> None:
        for number in range(5):
            house.change(entity_id=f"{writer}-{number}")

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(8)]
    threads += [threading.Thread(target=house.work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    house.work()

    sent = Counter(got.json["data"]["entity"]["id"] for got in receiver.got)
    assert len(sent) == 40
    assert set(sent.values()) == {1}


def test_none_of_ten_thousand_changes_of_eight_writers_is_missing(
    house: House, receiver: Receiver, owner: User, session: Session
) -> None:
    house.hook(owner, receiver.url)

    def write(writer: int) -> None:
        for part in range(25):
            with house.app.app_context():
                scope(db.session(), house.realm.id)
                names = (f"{writer}-{part}-{number}" for number in range(50))
                record_many(db.session(), [Entry("run.failed", "run", name, name) for name in names], SYSTEM)
                db.session.commit()

    writers = [threading.Thread(target=write, args=(writer,)) for writer in range(8)]
    for thread in writers:
        thread.start()
    while any(thread.is_alive() for thread in writers):
        house.match()
    house.match()

    made = session.scalars(select(Delivery.entity_id)).all()
    assert (len(made), len(set(made))) == (10_000, 10_000)


def test_a_transaction_that_commits_late_is_not_passed_over(house: House, receiver: Receiver, owner: User) -> None:
    """Only PostgreSQL lets a later number be committed first; SQLite has one writer."""
    house.hook(owner, receiver.url)
    if house.session.get_bind().dialect.name == "sqlite":
        pytest.skip("SQLite has one writer")
    with house.app.app_context():
        scope(db.session(), house.realm.id)
        record(db.session(), "run.failed", "run", "early", "early", SYSTEM)
        house.change(entity_id="late")
        house.work()
        assert receiver.got == []
        db.session.commit()
    house.work()

    assert sorted(got.json["data"]["entity"]["id"] for got in receiver.got) == ["early", "late"]


def test_a_task_takes_its_turns_and_a_poisoned_one_is_parked(house: House, client: Browser) -> None:
    done: list[datetime] = []

    @tasks.task("test.good", every=15)
    def good(_session: Session, _realm_id: int, now: datetime) -> None:
        done.append(now)

    @tasks.task("test.bad", every=15)
    def bad(_session: Session, _realm_id: int, _now: datetime) -> None:
        raise RuntimeError("poison")

    with travel(datetime(2026, 3, 2, 9).astimezone(), tick=False) as clock:
        for _ in range(5):
            Loop(house.app).once()
            clock.shift(16)
        found = {turn.name: turn for turn in house.session.scalars(select(Turn))}

    assert len(done) == 5
    assert found["test.good"].parked_at is None
    assert found["test.bad"].parked_at is not None
    assert "poison" in (found["test.bad"].error or "")
    page = client.get("/r/acme/delivery/worker").text
    assert "parked" in page
    assert client.post("/r/acme/delivery/worker/tasks/test.bad/resumption", {}).status_code == 303


def test_a_task_that_looks_reads_before_it_holds_up_those_who_write(house: House) -> None:
    may_write: list[bool] = []

    @tasks.task("test.looking", every=15, looks=True)
    def look(session: Session, _realm_id: int, _now: datetime) -> Callable[[Session], None]:
        may_write.append(not session.info["read_only"])
        return lambda held: may_write.append(not held.info["read_only"])

    Loop(house.app).once()

    assert may_write == [False, True]


def test_a_delivery_that_breaks_us_is_parked_and_the_rest_goes_on(
    house: House, receiver: Receiver, owner: User, client: Browser
) -> None:
    broken, _secret = house.hook(owner, receiver.url, name="broken")
    house.hook(owner, receiver.url, name="sound")
    broken.secret = b"not ours"
    house.session.commit()
    house.change()

    house.work()

    bad = house.session.scalars(select(Delivery).where(Delivery.hook_id == broken.id)).one()
    assert (bad.faults, bad.state, bad.parked_at is None) == (5, State.PENDING, False)
    assert len(receiver.got) == 1
    assert "Parked deliveries" in client.get("/r/acme/delivery/worker").text
    url = f"/r/acme/delivery/worker/deliveries/{bad.id}/resumption"
    assert client.post(url, {"drop": "1"}).status_code == 303
    assert client.post(url, {}).status_code == 404


def test_one_process_of_several_holds_the_lease_until_it_lets_go(house: House) -> None:
    one, other, now = uuid4(), uuid4(), utcnow()
    with house.app.app_context():
        session = db.session()
        assert hold(session, "embedded", one, now)
        assert hold(session, "embedded", one, now)
        assert not hold(session, "embedded", other, now)
        assert hold(session, "embedded", other, now + timedelta(seconds=31))
        release(session, "embedded", other)
        assert hold(session, "embedded", one, now)


def test_nobody_at_work_is_told_to_those_who_can_do_something(house: House, client: Browser, member: User) -> None:
    words = "No worker was seen for a minute"
    house.app.extensions["headwater.serving_since"] = utcnow() - timedelta(minutes=2)
    try:
        assert words in client.get("/r/acme/delivery/hooks").text
        seen = Worker(name="w", host="h", version="1", started_at=utcnow(), last_seen_at=utcnow())
        house.session.add(seen)
        house.session.commit()
        assert words not in client.get("/r/acme/delivery/hooks").text
    finally:
        del house.app.extensions["headwater.serving_since"]


def test_a_stopped_worker_gives_back_what_it_cannot_finish(
    house: House, receiver: Receiver, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.delivery.worker.loop.PATIENCE", 0.0)
    house.hook(owner, receiver.url)
    house.change()
    receiver.hold.clear()
    loop = Loop(house.app)
    while not receiver.got:
        loop.round()
        receiver.arrived.acquire(timeout=5)

    loop.stop.set()
    loop.leave()

    assert [each.state for each in house.deliveries()] == [State.PENDING]
    receiver.hold.set()
    for sender in loop.running[False]:
        sender.join()
    assert [each.state for each in house.deliveries()] == [State.PENDING]
    house.work()
    assert [each.state for each in house.deliveries()] == [State.SUCCEEDED]
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1


def test_the_command_does_all_that_is_due_and_ends(house: House, receiver: Receiver, owner: User) -> None:
    house.hook(owner, receiver.url)
    house.change()
    long_ago = utcnow() - timedelta(hours=25)
    house.session.add(Worker(name="gone", host="h", version="1", started_at=long_ago, last_seen_at=long_ago))
    house.session.commit()

    done = house.app.test_cli_runner().invoke(args=["worker", "--once"])

    assert done.exit_code == 0, done.output
    assert [each.state for each in house.deliveries()] == [State.SUCCEEDED]
    assert house.session.scalars(select(Worker)).all() == []


@pytest.mark.e2e
def test_a_worker_that_is_stopped_or_killed_while_it_sends_loses_nothing(
    house: House, receiver: Receiver, owner: User, tmp_path: Path
) -> None:
    house.hook(owner, receiver.url)
    house.change()
    receiver.hold.clear()
    killed = house.session.get_bind().dialect.name == "postgresql"
    env = environ(
        HEADWATER_DATABASE_URL=house.app.config["SETTINGS"].database_url, HEADWATER_DATA_DIR=str(tmp_path),
        HEADWATER_SECRET_KEY=SECRET, HEADWATER_HOOK_HTTP="1", HEADWATER_HOOK_HOSTS="127.0.0.1",
    )  # fmt: skip
    process = subprocess.Popen(command("worker"), env=env)
    assert receiver.arrived.acquire(timeout=60)

    process.send_signal(signal.SIGKILL if killed else signal.SIGTERM)
    if not killed:
        receiver.hold.set()
    assert process.wait(20) == (-signal.SIGKILL if killed else 0)
    receiver.hold.set()
    with travel(utcnow() + timedelta(seconds=61)):
        house.work()

    assert [each.state for each in house.deliveries()] == [State.SUCCEEDED]
    assert len(receiver.got) == (2 if killed else 1)
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
