"""Changes that are sent as mail."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.accounts.models import User
from app.changes.actor import SYSTEM
from app.delivery.actions import switching
from app.delivery.models import State
from app.refusal import Refused
from tests.delivery.house import House
from tests.delivery.mailbox import Mailbox
from tests.delivery.receiver import Receiver
from tests.factories import make_user


@pytest.fixture
def mailbox(house: House, settings: Callable[..., None]) -> Iterator[Mailbox]:
    """A mail server that takes everything."""
    found = Mailbox()
    settings(smtp_url=found.url, mail_from="Headwater <hw@example.org>", mail_domains="example.org")
    yield found
    found.stop()


def mail(house: House, owner: User, *to: str, **more: Any) -> Any:
    """Make a hook that sends mail."""
    target = {"type": "email", "to": list(to), **more}
    return house.hook(owner, "", target=target)[0]


def test_a_change_goes_to_people_holders_and_addresses_once(house: House, owner: User, mailbox: Mailbox) -> None:
    for name, caps in (("ada", ["jobs.read"]), ("bob", []), ("eve", ["jobs.read"])):
        make_user(house.session, name, house.realm, *caps).email = f"{name}@work.example"
    house.session.query(User).filter_by(name="eve").update({"active": False})
    house.session.commit()
    mail(house, owner, "bob", "@jobs.read", "team@example.org", subject="{{type}}: {{entity_label}}")
    house.change(label="night\r\nBcc: all@example.org")

    house.work()

    (got,) = mailbox.got
    assert got["To"] == "team@example.org, bob@work.example, ada@work.example"
    assert got["Bcc"] is None
    assert got["Subject"] == "run.failed: night Bcc: all@example.org"
    plain, html = got.iter_parts()
    assert "by SYSTEM" in plain.get_content()
    assert "<script" not in html.get_content()
    assert "src=" not in html.get_content()
    assert [each.state for each in house.deliveries()] == [State.SUCCEEDED]


def test_a_mail_server_that_refuses_or_is_away_is_tried_again(
    house: House, owner: User, mailbox: Mailbox, settings: Callable[..., None]
) -> None:
    mail(house, owner, "team@example.org")
    mailbox.refuse.append(b"451 try later")
    house.change()
    house.work()
    settings(smtp_url="smtp://127.0.0.1:1")
    house.change()
    house.work()

    assert [each.state for each in house.deliveries()] == [State.PENDING] * 2
    assert [(each.status, (each.error or "")[:22]) for each in house.attempts()] == [
        (451, "no recipient was taken"),
        (None, "ConnectionRefusedError"),
    ]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"to": ["x@elsewhere.example"]}, "/hook/to/0"),
        ({"to": []}, "/hook/to"),
        ({"subject": "a\nBcc: x@example.org"}, "/hook/subject"),
        ({"text": "{{nothing}}"}, "/hook/text"),
    ],
)
def test_what_no_mail_should_hold_is_refused(
    house: House, owner: User, mailbox: Mailbox, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        house.hook(owner, "", target={"type": "email", "to": ["owner"], **wrong})

    assert [problem.field for problem in refused.value.problems] == [field]
    assert mailbox.got == []


def test_without_a_mail_server_mail_cannot_be_chosen_and_it_says_why(house: House, owner: User) -> None:
    with pytest.raises(Refused, match="HEADWATER_SMTP_URL"):
        house.hook(owner, "", target={"type": "email", "to": ["owner"]})


def test_people_are_told_when_a_hook_is_disabled_for_them(
    house: House, receiver: Receiver, owner: User, mailbox: Mailbox
) -> None:
    owner.email = "owner@work.example"
    house.session.commit()
    hook, _secret = house.hook(owner, receiver.url)

    house.act(hook, lambda session, own: switching.disable(session, own, "failing", SYSTEM))
    house.work()

    (got,) = mailbox.got
    assert got["To"] == "owner@work.example"
    assert got["Subject"] == "Hook disabled: to-ci"
    assert f"/r/acme/delivery/hooks/{hook.id}" in next(got.iter_parts()).get_content()
