"""What happens to a run reaches hooks and mail once, however often its program says it (acceptance 29 of jobs)."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.db import utcnow
from app.jobs.actions.watching import watch
from app.jobs.models import Run
from tests.browser import Browser
from tests.delivery.house import House
from tests.delivery.mailbox import Mailbox
from tests.delivery.receiver import Receiver
from tests.jobs.tracking import make_provider

VERBS = ("run.completed", "run.failed", "run.stalled", "run.late", "run.revived")


@pytest.fixture
def mailbox(settings: Callable[..., None]) -> Iterator[Mailbox]:
    """A mail server that takes everything."""
    found = Mailbox()
    settings(smtp_url=found.url, mail_from="hw@example.org", mail_domains="example.org")
    yield found
    found.stop()


def test_each_notice_of_a_run_goes_out_once(
    house: House, receiver: Receiver, owner: User, visitor: Browser, mailbox: Mailbox
) -> None:
    program, session = make_provider(visitor, house.session, house.realm), house.session
    house.hook(owner, receiver.url, *VERBS)
    letter = {"type": "email", "to": ["team@example.org"], "subject": "{{type}}"}
    house.hook(owner, "", name="mail", target=letter, trigger={"on": list(VERBS)})
    bad, good = program.open("bad", job="x"), program.open("good", job="x")
    program.send(bad, "start")
    row = session.scalars(select(Run).where(Run.external_id == "bad")).one()
    row.silent_until = row.deadline_at = utcnow() - timedelta(minutes=1)
    session.commit()

    for _ in range(2):
        watch(session, house.realm.id, utcnow())
        session.commit()
    for kind in ("info", "error", "info", "start", "error"):
        program.send(bad, kind)
    for _ in range(2):
        program.send(good, "complete")
        house.work()

    once = {("run.completed", good["id"]): 1} | {(verb, bad["id"]): 1 for verb in VERBS[1:]}
    assert Counter((got.json["type"], got.json["data"]["entity"]["id"]) for got in receiver.got) == once
    assert Counter(got["Subject"] for got in mailbox.got) == dict.fromkeys(VERBS, 1)
