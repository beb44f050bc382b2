"""What is tried again, when, and what is not."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from time_machine import travel

from app.accounts.models import User
from app.changes.actor import CLI
from app.changes.models import Change
from app.delivery.actions import switching
from app.delivery.models import State
from app.delivery.retrying import next_attempt, retry_after, schedule
from app.delivery.worker.loop import Loop
from tests.delivery.house import House
from tests.delivery.receiver import Receiver, raw_server

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_the_schedule_is_kept_within_a_tenth() -> None:
    usual = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)

    assert schedule("") == usual
    assert schedule("0, 1,60") == (0, 1, 60)
    assert [next_attempt(NOW, n, usual, 0.5) - NOW for n in (1, 2, 9, 99)] == [
        timedelta(seconds=seconds) for seconds in (5, 300, 86_400, 86_400)
    ]
    assert next_attempt(NOW, 2, usual, 0.0) == NOW + timedelta(seconds=270)
    assert next_attempt(NOW, 2, usual, 1.0) == NOW + timedelta(seconds=330)


def test_a_receiver_may_ask_for_time() -> None:
    assert retry_after(503, "120", NOW) == timedelta(minutes=2)
    assert retry_after(429, "Mon, 02 Mar 2026 10:00:00 GMT", NOW) == timedelta(hours=1)
    assert retry_after(500, "120", NOW) is None
    assert retry_after(503, "soon", NOW) is None
    assert next_attempt(NOW, 1, schedule(""), 0.5, timedelta(days=9)) == NOW + timedelta(hours=24)


def test_two_failures_then_success_are_three_attempts_of_one_message(
    house: House, receiver: Receiver, owner: User, settings: Callable[..., None]
) -> None:
    settings(retry_seconds="")
    _hook, secret = house.hook(owner, receiver.url)
    receiver.will(500, 500)
    house.change()

    with travel(NOW, tick=False) as clock:
        waits = []
        for _ in range(3):
            house.work()
            (delivery,) = house.deliveries()
            waits.append((delivery.next_attempt_at - datetime.now(UTC)).total_seconds())
            clock.move_to(delivery.next_attempt_at)

    assert 4.5 <= waits[0] <= 5.5
    assert 270 <= waits[1] <= 330
    assert delivery.state is State.SUCCEEDED
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
    assert len({got.headers["webhook-timestamp"] for got in receiver.got}) == 3
    assert all(got.signed_by(secret) for got in receiver.got)
    assert [each.status for each in house.attempts()] == [500, 500, 204]


@pytest.mark.parametrize("status", [301, 404, 503])
def test_what_is_no_success_is_a_failure_and_nothing_is_followed(
    house: House, receiver: Receiver, owner: User, status: int
) -> None:
    receiver.will(status, Location=f"{receiver.url}/elsewhere", Retry_After="1200")
    house.hook(owner, receiver.url)
    house.change()

    house.work()

    (delivery,) = house.deliveries()
    assert delivery.state is State.PENDING
    assert [got.path for got in receiver.got] == ["/in"]
    wait = (delivery.next_attempt_at - house.attempts()[0].at).total_seconds()
    assert (wait > 1_199) is (status == 503)


@pytest.mark.parametrize(
    ("answer", "drip", "words"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", True, "does not end within 64 KiB"),
        (b"HTTP/1.1 200 OK\r\nX: ", True, "LineTooLong"),
        (b"no http at all\r\n\r\n", False, "BadStatusLine"),
        (b"", False, "RemoteDisconnected"),
    ],
)
def test_answers_that_are_none_are_failures(house: House, owner: User, answer: bytes, drip: bool, words: str) -> None:
    listener, port = raw_server(answer, drip=drip)
    house.hook(owner, f"http://127.0.0.1:{port}", request_timeout_s=5)
    house.change()

    house.work()
    listener.close()

    (attempt,) = house.attempts()
    assert words in (attempt.error or "")
    assert attempt.duration_ms < 5_000


def test_a_server_without_tls_a_closed_port_and_silence_are_failures(
    house: House, receiver: Receiver, owner: User
) -> None:
    receiver.hold.clear()
    house.hook(owner, receiver.url, name="silent", request_timeout_s=1)
    house.hook(owner, receiver.url.replace("http:", "https:"), name="no-tls", request_timeout_s=5)
    house.hook(owner, "http://127.0.0.1:1/", name="closed", request_timeout_s=5)
    house.change()

    house.work()

    errors = sorted((each.error or "").partition(":")[0] for each in house.attempts())
    assert errors == ["ConnectionRefusedError", "TLS", "time-out after 1 s"]


def test_a_receiver_that_does_not_answer_and_a_dead_mail_server_hold_up_nobody(
    house: House, receiver: Receiver, owner: User, settings: Callable[..., None]
) -> None:
    settings(smtp_url="smtp://127.0.0.1:1", mail_from="hw@example.org", mail_domains="example.org")
    other, loop = Receiver(), Loop(house.app)
    other.start()
    receiver.hold.clear()
    house.hook(owner, "", name="mail", target={"type": "email", "to": ["team@example.org"]})
    house.hook(owner, receiver.url, name="silent", concurrency=1)
    house.hook(owner, other.url, name="quick")
    for number in range(3):
        house.change(entity_id=number)
    until = monotonic() + 20
    while len(other.got) < 3 and monotonic() < until:
        loop.round()

    try:
        assert (len(receiver.got), len(other.got)) == (1, 3)
    finally:
        receiver.hold.set()
        loop.stop.set()
        loop.leave()
        other.stop()


def test_gone_disables_at_once(house: House, receiver: Receiver, owner: User) -> None:
    receiver.will(410)
    hook, _secret = house.hook(owner, receiver.url, max_attempts=5)
    house.change()

    house.work()

    house.session.refresh(hook)
    assert (hook.enabled, hook.disabled_why) == (False, "gone")
    assert [(each.state, each.reason) for each in house.deliveries()] == [(State.FAILED, "gone")]


def test_ten_failed_deliveries_disable_the_hook_and_its_backlog_waits(
    house: House, receiver: Receiver, owner: User
) -> None:
    hook, _secret = house.hook(owner, receiver.url, max_attempts=1, concurrency=1)
    receiver.will(*[500] * 10)
    for number in range(12):
        house.change(entity_id=number)

    house.work()

    house.session.refresh(hook)
    assert (hook.enabled, hook.disabled_why, hook.failures_in_row) == (False, "failing", 10)
    states = [each.state for each in house.deliveries()]
    assert (states.count(State.FAILED), states.count(State.PAUSED)) == (10, 2)
    told = house.session.query(Change).filter(Change.verb == "hook.deactivated").all()
    assert len(told) == 1
    assert told[0].who == "SYSTEM"


@pytest.mark.parametrize(("backlog", "wanted"), [(True, State.SUCCEEDED), (False, State.CANCELLED)])
def test_enabling_sends_what_waits_or_gives_it_up(
    house: House, receiver: Receiver, owner: User, backlog: bool, wanted: State
) -> None:
    hook, _secret = house.hook(owner, receiver.url)
    house.change()
    house.match()
    paused = house.act(hook, lambda session, own: switching.disable(session, own, "by_hand", CLI))
    house.work()
    assert (paused, [each.state for each in house.deliveries()]) == (1, [State.PAUSED])

    house.act(hook, lambda session, own: switching.enable(session, own, CLI, backlog=backlog))
    house.work()

    assert [each.state for each in house.deliveries()] == [wanted]
    assert len(receiver.got) == (1 if backlog else 0)
