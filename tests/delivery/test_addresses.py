"""What hooks may not reach."""

import time
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path

import pytest

from app.accounts.models import User
from app.delivery import addresses
from app.delivery.addresses import Blocked, place_of, resolved
from app.delivery.models import State
from tests.databases import changed, settings_for
from tests.delivery.house import House
from tests.delivery.receiver import Receiver

PLAIN = settings_for("sqlite://", Path("/nowhere"))
BAD = (
    "https://127.0.0.1/", "https://[::1]/", "https://2130706433/", "https://0x7f.1/", "https://[::ffff:10.0.0.1]/",
    "https://[64:ff9b::a9fe:a9fe]/", "https://169.254.169.254/", "https://localhost./", "https://user@host/", "ftp://a/",
    "http://example.org/", "https://10.0.0.5/", "https://100.64.0.1/", "https://224.0.0.1/", "https://0.0.0.0/",
    "https://[fd00::1]/", "https://[fe80::1]/", "https://[2002:a00:1::]/", "https://[2001:0:1::]/", "https://[::]/",
    "https://[::10.0.0.1]/", "https://[bad/", "https://h:99999/", "https:///path",
)  # fmt: skip


@pytest.mark.parametrize("url", BAD)
def test_addresses_of_the_inside_are_refused_however_they_are_written(url: str) -> None:
    with pytest.raises(Blocked):
        resolved(place_of(url, PLAIN), PLAIN)


def test_addresses_of_the_outside_and_those_that_are_opened_are_not() -> None:
    opened = changed(PLAIN, hook_hosts="10.0.0.0/8, inside.example", hook_http=True)

    assert resolved(place_of("https://8.8.8.8/x?y", PLAIN), PLAIN) == [ip_address("8.8.8.8")]
    assert resolved(place_of("http://10.1.2.3:8080/", opened), opened) == [ip_address("10.1.2.3")]
    with pytest.raises(Blocked, match="HEADWATER_HOOK_HOSTS opens it"):
        resolved(place_of("https://192.168.0.1/", opened), opened)
    with pytest.raises(Blocked, match="HEADWATER_HOOK_HTTP lets"):
        place_of("http://10.1.2.3:8080/", PLAIN)


def test_a_name_with_one_bad_address_among_good_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "lookup", lambda *_: [ip_address("8.8.8.8"), ip_address("10.0.0.5")])

    with pytest.raises(Blocked, match=r"resolves to a private address \(10\.0\.0\.5\)"):
        resolved(place_of("https://ci.example.org/", PLAIN), PLAIN)


def test_a_name_that_turns_to_the_inside_never_gets_a_connection(
    house: House, receiver: Receiver, owner: User, settings: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    port = receiver.url.rpartition(":")[2]
    monkeypatch.setattr(addresses, "lookup", lambda *_: [ip_address("8.8.8.8")])
    settings(hook_hosts="")
    hook, _secret = house.hook(owner, f"http://rebinding.example:{port}")
    monkeypatch.setattr(addresses, "lookup", lambda *_: [ip_address("127.0.0.1")])

    house.change()
    house.work()

    (delivery,) = house.deliveries()
    assert (delivery.state, delivery.reason, delivery.attempts) == (State.FAILED, "blocked_address", 1)
    assert receiver.got == []
    assert hook.enabled


def test_a_pattern_that_explodes_elsewhere_takes_linear_time_here(
    house: House, receiver: Receiver, owner: User
) -> None:
    bad = {"on": ["*"], "filters": [{"field": {"name": "name", "new": "(a+)+$"}}]}
    house.hook(owner, receiver.url, name="slow", trigger=bad)
    house.hook(owner, receiver.url, name="quick")
    house.change(fields=[("name", None, "a" * 10_000 + "b")])

    began = time.monotonic()
    house.work()

    assert time.monotonic() - began < 5
    assert len(receiver.got) == 1
