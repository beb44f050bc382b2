"""What receivers say about what they were sent."""

from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from time_machine import travel
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.db import utcnow
from app.delivery.models import Delivery, State
from tests.delivery.house import House
from tests.delivery.receiver import Receiver
from tests.factories import make_key


class Callback:
    """A delivery that waits for its callback, and the way to answer it."""

    def __init__(self, house: House, receiver: Receiver, owner: User) -> None:
        self.house, self.client = house, house.app.test_client()
        self.hook, self.secret = house.hook(owner, receiver.url, target={"callback": True}, timeout=900)
        house.change()
        house.work()
        told = receiver.got[-1].json["data"]["callback"]
        self.path, self.token = told["url"].removeprefix("http://127.0.0.1:8000"), told["token"]

    @property
    def delivery(self) -> Delivery:
        """Return the delivery as it is now."""
        return self.house.deliveries()[0]

    def state(self) -> str:
        """Return where the delivery is now."""
        return str(self.delivery.state)

    def say(self, status: str, token: str = "", path: str = "", **more: object) -> TestResponse:
        """Answer as the receiver, or as somebody else."""
        head = {"Authorization": f"Bearer {token or self.token}"}
        return self.client.post(path or self.path, json={"status": status, **more}, headers=head)


@pytest.fixture
def callback(house: House, receiver: Receiver, owner: User) -> Callback:
    """A delivery that waits for its callback."""
    return Callback(house, receiver, owner)


def test_the_right_token_ends_the_delivery_once(callback: Callback) -> None:
    assert callback.state() == "waiting"

    assert callback.say("running", progress=0.5, message="half").status_code == 200
    assert (callback.delivery.state, callback.delivery.progress) == (State.WAITING, 0.5)
    assert callback.say("finished").status_code == 200
    assert callback.say("succeeded").status_code == 200
    assert callback.say("failed").status_code == 409
    assert callback.say("running").status_code == 409
    assert callback.state() == "succeeded"


def test_no_other_token_changes_anything(callback: Callback, owner: User) -> None:
    _key, text = make_key(callback.house.session, owner, callback.house.realm, "delivery.write")
    foreign = f"/api/v1/delivery/callbacks/{uuid4()}"

    assert callback.say("failed", token="x" * 43).status_code == 401
    assert callback.say("failed", token=text).status_code == 401
    assert callback.say("failed", token=callback.secret).status_code == 401
    assert callback.say("failed", path=foreign).status_code == 401
    assert callback.say("failed", path="/api/v1/delivery/callbacks/none").status_code == 401
    assert callback.client.post(callback.path, json={"status": "failed"}).status_code == 401
    assert callback.say("failed", token="é").status_code == 401
    with travel(utcnow() + timedelta(seconds=901)):
        assert callback.say("failed").status_code == 401
    assert callback.say("died").status_code == 422
    assert callback.say("running", progress=2).status_code == 422
    assert callback.say("finished", add_key_values=[{"key": "stage", "value": "prod"}]).status_code == 422
    assert callback.delivery.state is State.WAITING


def test_a_delivery_whose_callback_does_not_come_has_failed(callback: Callback) -> None:
    with travel(utcnow() + timedelta(seconds=901)):
        callback.house.work()

    assert (callback.delivery.state, callback.delivery.reason) == (State.FAILED, "callback_timeout")
    callback.house.session.refresh(callback.hook)
    assert callback.hook.failures_in_row == 1


def test_tokens_are_kept_as_hashes(callback: Callback, app: Flask) -> None:
    delivery = callback.delivery

    assert delivery.callback_token is None
    assert callback.token.encode() not in bytes(delivery.callback_hash or b"")
    assert callback.token not in f"{delivery.request_body}"
