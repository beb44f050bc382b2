"""Changes arrive at receivers, signed, once."""

from app.accounts.models import User
from app.delivery import signing
from app.delivery.models import State
from tests.delivery.house import House
from tests.delivery.receiver import Receiver

CHECK = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_a_change_is_sent_once_and_its_signature_verifies(house: House, receiver: Receiver, owner: User) -> None:
    _hook, secret = house.hook(owner, receiver.url)
    house.change(fields=[("status", "running", "failed")])
    house.change("run.completed")

    house.work()
    house.work()

    (got,) = receiver.got
    assert got.signed_by(secret)
    told = got.json
    assert told["type"] == "run.failed"
    assert told["data"]["entity"]["kind"] == "run"
    assert told["data"]["entity"]["label"] == "nightly"
    assert told["data"]["actor"] == {"kind": "system", "id": "SYSTEM", "label": "SYSTEM"}
    assert told["data"]["changes"] == [{"field": "status", "old": "running", "new": "failed"}]
    assert [each.state for each in house.deliveries()] == [State.SUCCEEDED]


def test_the_check_value_of_the_standard_verifies() -> None:
    body = b'{"test": 2432232314}'
    wanted = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

    assert signing.sign(CHECK, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == wanted
    assert signing.verifies(CHECK, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, f"v1,x {wanted}")
