"""The pages of hooks and deliveries."""

import re

from app.accounts.models import User
from app.delivery.models import Hook, State
from tests.browser import Browser
from tests.delivery.house import House
from tests.delivery.receiver import Receiver
from tests.factories import make_user

SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{40}")


def test_a_hook_is_made_by_form_and_its_secret_is_shown_once(house: House, receiver: Receiver, client: Browser) -> None:
    given = {
        "name": "to-ci", "on": "run.failed, run.late", "label": "^night", "type": "webhook", "url": receiver.url,
        "method": "POST", "headers": "X-Team: data", "credential": "s3cret", "body": "basic", "match": "all",
        "timeout": "900", "max_attempts": "10", "concurrency": "4", "request_timeout_s": "15",
    }  # fmt: skip
    made = client.post("/r/acme/delivery/hooks", given)

    hook = house.session.query(Hook).one()
    page = client.get(f"/r/acme/delivery/hooks/{hook.id}").text
    assert made.status_code == 201
    assert SECRET.search(made.text)
    assert not SECRET.search(page)
    assert "s3cret" not in page
    assert hook.trigger == {"on": ["run.failed", "run.late"], "match": "all", "filters": [{"name": "^night"}]}
    form = client.get(f"/r/acme/delivery/hooks/{hook.id}/edit").text
    assert "X-Team: data" in form
    assert "s3cret" not in form
    assert client.post(f"/r/acme/delivery/hooks/{hook.id}", {**given, "name": "to-cd"}).status_code == 303
    assert "to-cd" in client.get("/r/acme/delivery/hooks").text


def test_a_form_names_all_that_is_wrong_at_its_fields(house: House, client: Browser) -> None:
    answer = client.post(
        "/r/acme/delivery/hooks",
        {"name": "x", "on": "run.faild", "label": "(?=a)", "type": "webhook", "url": "ftp://x", "headers": "Host: x",
         "body": "basic", "match": "all", "timeout": "900", "max_attempts": "10", "concurrency": "4",
         "request_timeout_s": "15", "method": "POST"},
    )  # fmt: skip

    assert answer.status_code == 422
    for words in ("Did you mean “run.failed”?", "no look-around", "begins with http", "Host is set by Headwater"):
        assert words in answer.text
    assert house.session.query(Hook).all() == []


def test_a_test_shows_what_was_sent_and_answered(
    house: House, receiver: Receiver, owner: User, client: Browser
) -> None:
    hook, _secret = house.hook(owner, receiver.url, enabled=False)

    answer = client.post(f"/r/acme/delivery/hooks/{hook.id}/test", {})

    page = client.get(answer.headers["Location"]).text
    assert "test.ping" in page
    assert "204" in page
    assert receiver.got[0].json["type"] == "test.ping"
    house.session.refresh(hook)
    assert (hook.last_success_at, hook.failures_in_row, hook.enabled) == (None, 0, False)


def test_a_delivery_is_sent_again_from_its_page(
    house: House, receiver: Receiver, owner: User, client: Browser, session: object
) -> None:
    hook, secret = house.hook(owner, receiver.url)
    house.change()
    house.work()
    (delivery,) = house.deliveries()
    url = f"/r/acme/delivery/deliveries/{delivery.id}"

    assert client.post(f"{url}/replay", {}).status_code == 303
    assert client.post(f"{url}/replay", {}).status_code == 409
    house.work()

    first, again = receiver.got
    assert first.headers["webhook-id"] == again.headers["webhook-id"]
    assert again.signed_by(secret)
    (delivery,) = house.deliveries()
    assert (delivery.attempts, delivery.replays, delivery.state) == (2, 1, State.SUCCEEDED)
    assert "run.failed" in client.get(f"/r/acme/delivery/deliveries?hook={hook.id}&state=succeeded").text
    assert "would be sent" in client.get(f"/r/acme/delivery/hooks/{hook.id}/replay?state=succeeded").text
    assert client.post(f"/r/acme/delivery/hooks/{hook.id}/replay", {"state": "succeeded"}).status_code == 303


def test_who_only_reads_sees_no_bodies_and_no_buttons(
    house: House, receiver: Receiver, owner: User, client: Browser, visitor: Browser
) -> None:
    reader = make_user(house.session, "reader", house.realm, "report")
    hook, _secret = house.hook(owner, receiver.url)
    house.change(label="nightly-load")
    house.work()
    (delivery,) = house.deliveries()
    url = f"/r/acme/delivery/deliveries/{delivery.id}"

    seen, whole = visitor.as_(reader).get(url).text, client.get(url).text

    assert "webhook-signature" in whole
    assert "webhook-signature" not in seen
    assert "Send again" not in seen
    assert visitor.as_(reader).post(f"/r/acme/delivery/hooks/{hook.id}/test", {}).status_code == 403


def test_the_workers_page_shows_tasks_and_no_worker(house: House, client: Browser) -> None:
    house.work()

    page = client.get("/r/acme/delivery/worker").text

    assert "delivery.retention" in page
    assert "No worker was seen for a minute" in page
    assert client.post("/r/acme/delivery/worker/tasks/delivery.retention/resumption", {}).status_code == 303
