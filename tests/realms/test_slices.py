"""Slices: switched on and off by hand and by schedule, and which one is the default."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.changes.models import Change
from app.db import utcnow
from app.realms.models import Realm, RealmSlice
from tests.browser import Browser
from tests.factories import make_app, make_key, save

URL, API = "/r/acme/realms/slices", "/api/v1/realms/slices"
HOUR = timedelta(hours=1)


@pytest.fixture
def key(session: Session, owner: User, realm: Realm) -> str:
    return make_key(session, owner, realm, "root")[1]


def make_slice(session: Session, realm: Realm, *, active: bool = True, **values: Any) -> RealmSlice:
    return save(session, RealmSlice(realm_id=realm.id, active=active, createdby="owner", **values))


def states(client: Browser, key: str) -> list[tuple[bool, bool]]:
    items = client.api("GET", API, key).get_json()["items"]
    return [(row["active"], row["default"]) for row in items]


def test_a_plain_new_slice_is_on_and_has_no_schedule(client: Browser, key: str) -> None:
    answer = client.api("POST", API, key, {"descr": "Spring"})
    row = answer.get_json()

    assert answer.status_code == 201
    assert (row["descr"], row["active"], row["activateat"], row["deactivateat"]) == ("Spring", True, None, None)
    assert "Spring" in client.get(f"{URL}/{row['id']}").text


def test_no_slice_has_both_times(session: Session, realm: Realm) -> None:
    with pytest.raises(IntegrityError):
        make_slice(session, realm, activateat=utcnow(), deactivateat=utcnow())
    session.rollback()
    with pytest.raises(IntegrityError):
        session.execute(
            insert(RealmSlice).values(
                realm_id=realm.id, active=True, createdby="x", activateat=utcnow(), deactivateat=utcnow()
            )
        )
    session.rollback()


def test_a_schedule_acts_at_its_second_without_anybody_and_is_written_down_once(
    app: Flask, client: Browser, session: Session, realm: Realm, key: str
) -> None:
    row, at = make_slice(session, realm), utcnow() + HOUR
    told = client.api("POST", f"{API}/{row.id}/activation", key, {"at": at.isoformat()}).get_json()

    assert (told["active"], told["deactivateat"]) == (False, None)
    assert "It goes on" in client.get(f"{URL}/{row.id}").text
    with time_machine.travel(at - timedelta(seconds=1), tick=False):
        assert states(client, key)[1] == (False, False)
    with time_machine.travel(at, tick=False):
        assert states(client, key)[1] == (True, False)
        outputs = [app.test_cli_runner().invoke(args=["realms", "tick"]).stdout for _ in range(2)]
    assert outputs == ["acme: 1 slice brought up to date.\n", ""]
    done = session.scalars(select(Change).where(Change.verb == "realmslice.activated")).one()
    assert (done.who, done.entity_id) == ("SYSTEM", str(row.id))


def test_to_go_off_at_a_time_leaves_it_on_until_then(client: Browser, session: Session, realm: Realm, key: str) -> None:
    row, at = make_slice(session, realm), utcnow() + HOUR

    client.api("POST", f"{API}/{row.id}/deactivation", key, {"at": at.isoformat()})

    assert states(client, key)[1] == (True, False)
    with time_machine.travel(at, tick=False):
        assert states(client, key)[1] == (False, False)
        # The next write brings the row up to date first.
        client.api("POST", f"{API}/{row.id}/activation", key)
        assert states(client, key)[1] == (True, False)
    verbs = [(row.verb, row.who) for row in session.scalars(select(Change).order_by(Change.id))]
    assert verbs == [
        ("realmslice.scheduled", "owner"), ("realmslice.deactivated", "SYSTEM"), ("realmslice.activated", "owner"),
    ]  # fmt: skip


def test_only_a_slice_that_is_on_becomes_the_default(client: Browser, session: Session, realm: Realm, key: str) -> None:
    row = make_slice(session, realm, active=False)

    refused = client.api("POST", f"{API}/{row.id}/default", key)
    client.post(f"{URL}/{row.id}/activation")
    client.post(f"{URL}/{row.id}/default")

    assert (refused.status_code, refused.get_json()["code"]) == (409, "slice_inactive")
    assert states(client, key) == [(True, False), (True, True)]
    assert "Programs that name no slice use this one" in client.get(f"{URL}/{row.id}").text


def test_foreign_and_unknown_slices_are_not_here_and_a_past_time_is_refused(
    client: Browser, session: Session, realm: Realm, other_realm: Realm, key: str
) -> None:
    for number in (other_realm.default_slice_id, 10**6, 0, -1, 2**70, "x"):
        for act in ("activation", "deactivation", "default", "purge"):
            assert client.api("POST", f"{API}/{number}/{act}", key).status_code == 404
        assert client.api("GET", f"{API}/{number}/apps", key).status_code == 404
    own = f"{API}/{realm.default_slice_id}/activation"
    past = (utcnow() - HOUR).isoformat()
    times = (past, "2099-01-01T00:00:00", "0000-01-01T00:00:00Z", "99999-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00")
    bodies: list[object] = [*({"at": text} for text in times), {"at": 7}, [], {"x": 1}]
    codes = [client.api("POST", own, key, body).get_json()["code"] for body in bodies]
    assert codes[:2] == ["too_early", "no_zone"]
    assert client.post(f"{URL}/{realm.default_slice_id}/deactivation", {"at": "2000-01-01T00:00"}).status_code == 422
    assert session.scalars(select(Change.id)).all() == []


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        ({"copy_of": 10**6}, ["unknown"]),
        ({"copy_of": -9}, ["unknown"]),
        ({"apps": ["amazon"]}, ["copy_of_required"]),
        ({"copy_of": 10**6, "apps": ["nosuch"], "descr": "x" * 201}, ["too_long", "unknown", "unknown_app"]),
    ],
)
def test_every_problem_with_a_new_slice_is_told(
    client: Browser, session: Session, realm: Realm, key: str, body: object, codes: list[str]
) -> None:
    make_app(session, realm, "Amazon")

    answer = client.api("POST", API, key, body)

    assert (answer.status_code, [each["code"] for each in answer.get_json()["errors"]]) == (422, codes)
