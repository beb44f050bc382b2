"""What is written into a message, and what never is."""

import json
from collections.abc import Callable

from app.accounts.models import User
from app.delivery import payload, places, sealing
from app.delivery.models import Hook
from tests.delivery.house import House
from tests.delivery.receiver import Receiver


def test_a_place_is_filled_wherever_it_stands_and_quotes_break_nothing(
    house: House, receiver: Receiver, owner: User
) -> None:
    text = '{"a": "{{entity_label}}", "b": ["{{entity_label}}", "{{entity_label}} {{type}}"], "c": "{{changes}}"}'
    house.hook(owner, receiver.url, target={"body": "custom", "template": text})
    label = 'say "hi" \\ {{type}}'
    house.change(label=label, fields=[("status", "a", "b")])

    house.work()

    got = receiver.got[0].json
    assert got["a"] == label
    assert got["b"] == [label, f"{label} run.failed"]
    assert json.loads(got["c"]) == [{"field": "status", "old": "a", "new": "b"}]


def test_a_text_that_would_be_no_json_is_told_before_it_is_saved() -> None:
    assert places.breaks_json('{"a": "{{type}}", "n": {{seq}}}') is None
    assert places.breaks_json('{"a": {{type}}}')


def test_a_body_beyond_64_kib_is_cut_and_says_so() -> None:
    changes = [{"field": f"f{number}", "old": None, "new": "x" * 1_000} for number in range(100)]
    message = {"type": "run.failed", "data": {"seq": 1, "changes": changes}}

    body = payload.body(message)

    told = json.loads(body)["data"]
    assert len(body) <= 65_536
    assert told["truncated"] is True
    assert 50 < len(told["changes"]) < 100


def test_logs_hold_no_secret(house: House, receiver: Receiver, owner: User) -> None:
    target = {"credential": 's3cr"et-bearer', "callback": True, "headers": {"X-Team": "data"}}
    _hook, secret = house.hook(owner, receiver.url, target=target)
    house.change()
    house.work()

    (got,) = receiver.got
    token = got.json["data"]["callback"]["token"]
    (delivery,) = house.deliveries()
    kept = f"{delivery.request_head}{delivery.request_body}"
    assert got.headers["authorization"] == 'Bearer s3cr"et-bearer'
    assert got.headers["x-team"] == "data"
    assert "[redacted]" in kept
    assert not [word for word in (token, "s3cr", secret, secret.removeprefix("whsec_")) if word in kept]


def test_secrets_rest_encrypted_and_open_with_the_key_before(
    house: House, receiver: Receiver, owner: User, settings: Callable[..., None]
) -> None:
    hook, secret = house.hook(owner, receiver.url)
    before = house.app.config["SETTINGS"]
    settings(secret_key="another key of the tests, also long", secret_key_old=before.secret_key)

    assert secret.encode() not in bytes(hook.secret)
    assert sealing.unseal(house.app.config["SETTINGS"], hook.secret) == secret
    assert house.session.get(Hook, hook.id) is not None
