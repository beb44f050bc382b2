"""Settings: versions, history, what Headwater reads, and slices that do not mix."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.changes.actor import Actor
from app.changes.models import Change
from app.db import db, scope
from app.realms.actions.config import ConfigDraft, set_config
from app.realms.known import KnownKey
from app.realms.models import Config, Realm, RealmSlice
from app.realms.settings import numbers
from tests.browser import Browser
from tests.factories import make_key, make_user, save

URL, API = "/r/acme/realms/config", "/api/v1/realms/config"
ACTOR = Actor("owner", "session", "r1", "127.0.0.1")


@pytest.fixture
def key(session: Session, owner: User, realm: Realm) -> str:
    return make_key(session, owner, realm, "config")[1]


def make_slice(session: Session, realm: Realm, number: int) -> RealmSlice:
    return save(session, RealmSlice(id=number, realm_id=realm.id, active=True, createdby="owner"))


def test_each_set_of_a_key_counts_and_the_log_has_both_values(
    client: Browser, session: Session, realm: Realm, key: str
) -> None:
    make_slice(session, realm, 15)

    told = [client.api("PUT", f"{API}/15/max_rows", key, {"val": val, "descr": "d"}) for val in ("10", "20", "20")]
    other = client.api("PUT", f"{API}/15/OTHER", key, {"val": None})

    assert [answer.status_code for answer in told] == [201, 200, 200]
    assert (told[2].get_json()["val"], told[2].get_json()["ver"], other.get_json()["ver"]) == ("20", 3, 1)
    logged = session.scalars(select(Change).where(Change.label == "MAX_ROWS in slice 15").order_by(Change.id)).all()
    assert [(row.fields[0]["old"], row.fields[0]["new"]) for row in logged] == [
        (None, "10"), ("10", "20"), ("20", "20"),
    ]  # fmt: skip
    assert client.get(f"{URL}/{logged[0].entity_id}").location == f"{URL}/15/MAX_ROWS"


def test_reading_one_slice_shows_nothing_of_another(
    client: Browser, session: Session, realm: Realm, other_realm: Realm, key: str
) -> None:
    for number in (15, 16):
        make_slice(session, realm, number)
        client.api("PUT", f"{API}/{number}/name", key, {"val": f"of {number}"})
    client.api("PUT", f"{API}/realm/name", key, {"val": "of all"})

    for asked, slice_, val in (("?slice=15", 15, "of 15"), ("?slice=16", 16, "of 16"), ("", None, "of all")):
        items = client.api("GET", API + asked, key).get_json()["items"]
        assert [(row["slice"], row["name"], row["val"]) for row in items] == [(slice_, "NAME", val)]
        assert f">{val}<" in client.get(URL + asked).text
    for foreign in (other_realm.default_slice_id, 99, "x", 0, -1, 2**70):
        assert client.api("PUT", f"{API}/{foreign}/name", key, {"val": "x"}).status_code == 404
        assert client.get(f"{URL}?slice={foreign}").status_code == 404


@pytest.mark.parametrize(
    ("name", "body", "status", "code"),
    [
        ("config!@", {"val": "x"}, 422, "bad_name"),
        ("n" * 10_000, {"val": "x"}, 422, "bad_name"),
        ("n", {"val": 20}, 422, "bad_body"),
        ("n", {}, 422, "required"),
        ("n", {"val": "x" * 65_537}, 422, "too_long"),
        ("n", {"val": "a\0b"}, 422, "bad_value"),
        ("n", {"val": "x", "ver": 1}, 409, "stale"),
        ("n", {"val": "x", "ver": 2**70}, 409, "stale"),
        ("lineage_raw_days", {"val": "soon"}, 422, "bad_value"),
    ],
)
def test_what_cannot_be_set_is_told(client: Browser, key: str, name: str, body: object, status: int, code: str) -> None:
    answer = client.api("PUT", f"{API}/realm/{name}", key, body)

    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


def test_a_setting_of_the_realm_is_none_of_a_slice_and_no_value_means_the_default(
    client: Browser, session: Session, realm: Realm, key: str, acting: Session
) -> None:
    in_slice = client.api("PUT", f"{API}/{realm.default_slice_id}/lineage_raw_days", key, {"val": "7"})
    assert (in_slice.status_code, in_slice.get_json()["code"]) == (422, "wrong_place")

    for val, days in (("7", 7), (None, 90)):
        client.api("PUT", f"{API}/realm/lineage_raw_days", key, {"val": val})
        assert numbers(acting, realm.id, "LINEAGE_RAW_DAYS") == {"LINEAGE_RAW_DAYS": days}
        acting.rollback()


def test_values_are_checked_by_their_kind() -> None:
    number, switch, length = (
        KnownKey("A", "", most=9), KnownKey("B", "", choices=("on", "off")), KnownKey("C", "", is_length=True),
    )  # fmt: skip

    assert [number.takes(text) for text in ("1", "9", "0", "10", "x", "")] == [True, True, False, False, False, False]
    assert [switch.takes(text) for text in ("on", "off", "On")] == [True, True, False]
    assert [length.takes(text) for text in ("72h", "3d", "h", "0h")] == [True, True, False, False]


def test_it_is_set_on_the_page_and_set_again_from_its_history(client: Browser, session: Session, realm: Realm) -> None:
    where = f"{URL}/realm/GREETING"
    assert client.post(URL, {"name": "greeting", "slice": "realm", "val": "one\ntwo\n"}).location == where
    assert client.post(where, {"val": "hello", "ver": "1"}).status_code == 303
    stale = client.post(where, {"val": "late", "ver": "1"})
    first = session.scalars(select(Change.id).where(Change.kind == "config").order_by(Change.id)).first()

    assert stale.status_code == 409
    assert "late" in stale.text
    assert client.post(f"{where}/again", {"change": str(first), "ver": "2"}).location == where
    page = client.get(where).text
    assert "Set to this again" in page
    assert "+ two" in page
    row = session.scalars(select(Config)).one()
    assert (row.val, row.ver) == ("one\ntwo", 3)
    foreign = session.scalars(select(Change.id).where(Change.kind != "config")).first() or 10**9
    assert client.post(f"{where}/again", {"change": str(foreign), "ver": "3"}).status_code == 404
    for sent, val in (({"val": "", "none": "y"}, None), ({"val": "typed", "none": "y"}, "typed"), ({"val": ""}, "")):
        client.post(where, sent)
        assert session.scalars(select(Config.val)).one() == val


def test_two_sets_at_once_count_twice(app: Flask, session: Session, realm: Realm, owner: User) -> None:
    def put(number: int) -> None:
        with app.app_context():
            scope(db.session(), realm.id)
            set_config(db.session(), ConfigDraft(None, "N", str(number)), actor=ACTOR)
            db.session.commit()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(put, range(2)))
    assert session.scalars(select(Config.ver)).all() == [2]


def test_who_reads_settings_may_not_set_them(visitor: Browser, session: Session, realm: Realm) -> None:
    browser = visitor.as_(make_user(session, "auditor", realm, "report"))

    page = browser.get(f"{URL}/realm/LINEAGE_RAW_DAYS").text
    assert "a whole number from 1" in page
    assert '<form class="form"' not in page
    assert browser.post(f"{URL}/realm/LINEAGE_RAW_DAYS", {"val": "1"}).status_code == 403
    assert browser.get(f"{URL}/realm/NOSUCH").status_code == 404
