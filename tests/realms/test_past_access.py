"""Who could do what at a past moment: the log answers as was answered then."""

from contextlib import suppress
from datetime import timedelta
from random import Random

import pytest
import time_machine
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.changes.actor import Actor
from app.db import utcnow
from app.realms.access import Question, answer
from app.realms.actions import GrantDraft, RevocationDraft, grant, revoke
from app.realms.actions.blocking import activate, activate_realm, deactivate, deactivate_realm
from app.refusal import Refused
from tests.browser import Browser

ACTOR = Actor("owner", "session", "r1", "127.0.0.1")
CAPS = ("report", "config", "lineage.read")


def _happens(session: Session, chance: Random, member: User) -> None:
    """Do one of the things that change who may do what."""
    caps = tuple(chance.sample(CAPS, 2))
    to = utcnow() + timedelta(hours=chance.randrange(1, 9)) if chance.random() < 0.5 else None
    acts = (
        lambda: grant(
            session, GrantDraft("member", caps, to=to, replace=chance.random() < 0.5), actor=ACTOR, by_root=True
        ),
        lambda: revoke(session, RevocationDraft("member", caps[:1]), actor=ACTOR, by_root=True),
        lambda: deactivate(session, member, actor=ACTOR, by_root=True),
        lambda: activate(session, member, actor=ACTOR, by_root=True),
        lambda: deactivate_realm(session, actor=ACTOR),
        lambda: activate_realm(session, actor=ACTOR),
    )
    with suppress(Refused):
        chance.choices(acts, (5, 3, 1, 2, 2, 2))[0]()
    session.commit()


# What the log holds does not depend on the database.
@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
def test_answers_rebuilt_from_the_log_are_those_given_then(acting: Session, member: User) -> None:
    chance, begun = Random(3), utcnow()
    told = []
    with time_machine.travel(begun, tick=False) as clock:
        for _ in range(50):
            _happens(acting, chance, member)
            clock.shift(timedelta(minutes=30))
            told += [(utcnow(), cap, answer(acting, Question("member", cap)).reason) for cap in CAPS]
            clock.shift(timedelta(minutes=30))
        rebuilt = [(at, cap, answer(acting, Question("member", cap, at=at)).reason) for at, cap, _reason in told]

    assert {"allowed", "capability", "deactivated", "realm_deactivated"} <= {reason for _at, _cap, reason in told}
    assert rebuilt == told


def test_the_page_says_what_was(client: Browser, acting: Session, member: User) -> None:
    with time_machine.travel(utcnow() - timedelta(days=3)):
        grant(acting, GrantDraft("member", ("report",)), actor=ACTOR, by_root=True)
        acting.commit()
    with time_machine.travel(utcnow() - timedelta(days=1)):
        revoke(acting, RevocationDraft("member"), actor=ACTOR, by_root=True)
        acting.commit()
    then = f"{utcnow() - timedelta(days=2):%Y-%m-%d}"

    assert "member may report" in client.get(f"/r/acme/realms/access?user=member&cap=report&at={then}").text
    rows = client.get(f"/r/acme/realms/access?q=member&format=json&at={then}").get_json()["items"]
    assert (rows[0]["report"], rows[0]["config"]) == ("report", "capability")
