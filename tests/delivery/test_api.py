"""Hooks for programs and by command."""

import json

from app.accounts.models import User
from app.delivery.models import Hook
from tests.browser import Browser
from tests.delivery.house import House
from tests.delivery.receiver import Receiver
from tests.factories import make_key

URL = "/api/v1/delivery"


def body(receiver: Receiver, **more: object) -> dict[str, object]:
    """Return a hook as a program describes it."""
    return {
        "name": "to-ci",
        "trigger": {"on": ["run.failed"]},
        "hook": {"type": "webhook", "url": receiver.url},
        **more,
    }


def test_a_program_makes_tries_changes_and_removes_a_hook(
    house: House, receiver: Receiver, owner: User, visitor: Browser
) -> None:
    _key, key = make_key(house.session, owner, house.realm, "delivery.write")
    made = visitor.api("POST", f"{URL}/hooks", key, json=body(receiver))
    hook = f"{URL}/hooks/{made.json['id']}"  # type: ignore[index]
    assert made.status_code == 201
    assert made.json["secret"].startswith("whsec_")  # type: ignore[index]
    assert "secret" not in (visitor.api("GET", hook, key).json or {})

    tried = visitor.api("POST", f"{hook}/test", key, json={}).json or {}
    assert (tried["state"], tried["status"]) == ("succeeded", 204)
    changed = visitor.api("PUT", hook, key, json=body(receiver, timeout=120))
    assert changed.json["version"] == 2  # type: ignore[index]
    assert visitor.api("POST", f"{hook}/deactivation", key, json={}).json == {"enabled": False, "deliveries": 0}
    assert visitor.api("POST", f"{hook}/activation", key, json={"backlog": False}).status_code == 200
    assert visitor.api("POST", f"{hook}/rotation", key, json={"grace_hours": 999}).status_code == 422
    asked = {"state": ["failed", "succeeded"], "dry_run": True}
    assert visitor.api("POST", f"{hook}/replay", key, json=asked).json == {"count": 0, "dry_run": True}
    listed = visitor.api("GET", f"{URL}/deliveries?state=succeeded", key).json or {}
    assert [each["type"] for each in listed["items"]] == ["test.ping"]
    assert visitor.api("POST", f"{URL}/deliveries/{listed['items'][0]['id']}/replay", key).status_code == 409
    assert visitor.api("DELETE", hook, key).status_code == 204
    assert house.deliveries() == []


def test_what_is_wrong_is_told_with_pointers(house: House, receiver: Receiver, owner: User, visitor: Browser) -> None:
    _key, key = make_key(house.session, owner, house.realm, "delivery.write")
    bad = body(receiver, hook={"type": "webhook", "url": "https://10.0.0.5/in"}, owner="member")

    answer = visitor.api("POST", f"{URL}/hooks", key, json=bad)

    assert answer.status_code == 422
    (error,) = (answer.json or {})["errors"]
    assert (error["pointer"], error["code"]) == ("/hook/url", "blocked_address")
    assert "10.0.0.5" in error["detail"]


def test_commands_make_try_list_and_switch_hooks(house: House, receiver: Receiver, owner: User) -> None:
    run = house.app.test_cli_runner().invoke
    made = run(args=["hooks", "create", "-", "--realm", "acme", "--owner", "owner"], input=json.dumps(body(receiver)))
    assert made.output.startswith("whsec_")
    assert run(args=["hooks", "test", "to-ci", "--realm", "acme"]).output.startswith("succeeded: 204 after")
    assert "to-ci  true" in run(args=["hooks", "list", "--realm", "acme"]).output
    assert "3 deliveries" not in run(args=["hooks", "disable", "to-ci", "--realm", "acme"]).output
    assert house.session.query(Hook).one().enabled is False
    assert run(args=["hooks", "enable", "to-ci", "--realm", "acme"]).exit_code == 0
    assert run(args=["hooks", "rotate", "to-ci", "--realm", "acme"]).output.startswith("whsec_")
    assert "would be sent" in run(args=["hooks", "replay", "to-ci", "--realm", "acme", "--dry-run"]).output
    assert "test.ping" in run(args=["deliveries", "list", "--realm", "acme"]).output
    assert json.loads(run(args=["hooks", "show", "to-ci", "--realm", "acme", "--json"]).output)["owner"] == "owner"
    none = run(args=["hooks", "show", "nothing", "--realm", "acme"])
    assert (none.exit_code, none.stderr) == (1, "There is no hook nothing.\n")


def test_signatures_are_made_and_checked_without_a_database(house: House) -> None:
    given = ["--secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "--id", "msg_p5jXN8AQM9LWM0D4loKWxJek"]
    given += ["--timestamp", "1614265330", "-"]
    run, text = house.app.test_cli_runner().invoke, '{"test": 2432232314}'

    signed = run(args=["hooks", "sign", *given], input=text).output.strip()
    wrong = run(args=["hooks", "verify", *given, "--signature", "v1,x"], input=text)

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert run(args=["hooks", "verify", *given, "--signature", signed], input=text).exit_code == 0
    assert wrong.exit_code == 1
