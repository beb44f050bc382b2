"""What is in a slice: copied and purged with it, whichever package keeps it there."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.changes.models import Change
from app.realms.models import App, Config, Realm, RealmSlice
from app.realms.signals import slice_purging
from app.refusal import Problem, Refused
from tests.browser import Browser
from tests.databases import Database
from tests.factories import make_app, make_key, save
from tests.realms import sliced

URL, API = "/r/acme/realms/slices", "/api/v1/realms/slices"


@pytest.fixture(autouse=True)
def package(database: Database) -> Iterator[None]:
    with sliced.registered(database.engine()):
        yield


@pytest.fixture
def key(session: Session, owner: User, realm: Realm) -> str:
    return make_key(session, owner, realm, "root")[1]


@pytest.fixture
def source(session: Session, realm: Realm, other_realm: Realm) -> RealmSlice:
    """A slice with two apps and two settings, beside others that must stay as they are."""
    row = save(session, RealmSlice(realm_id=realm.id, active=True, createdby="owner", descr="Old prices"))
    apps: list[App] = [make_app(session, realm, "Amazon"), make_app(session, realm, "Myntra")]
    for slice_id in (row.id, realm.default_slice_id or 0):
        for app in apps:
            sliced.fill(session, realm.id, slice_id, app.id)
        for name in ("A", "B"):
            save(
                session, Config(realm_id=realm.id, slice_id=slice_id, name=name, val=name.lower(), setby="owner", ver=4)
            )
    foreign = make_app(session, other_realm, "Amazon")
    sliced.fill(session, other_realm.id, other_realm.default_slice_id or 0, foreign.id)
    return row


def contents(session: Session) -> dict[str, list[dict[str, Any]]]:
    session.info["unscoped"] = "compares every realm"
    found = {table.name: sliced.rows(session, table) for table in sliced.METADATA.sorted_tables}
    for model in (Config.__table__, RealmSlice.__table__):
        found[model.name] = sliced.rows(session, model)
    session.rollback()
    return found


def new_rows(before: dict[str, Any], after: dict[str, Any], table: str) -> list[dict[str, Any]]:
    return [row for row in after[table] if row not in before[table]]


def test_a_copy_has_its_own_of_everything_and_points_to_its_own(
    client: Browser, session: Session, source: RealmSlice, key: str
) -> None:
    before = contents(session)
    made = client.api("POST", API, key, {"copy_of": source.id, "descr": "New prices"}).get_json()
    after = contents(session)

    assert (made["descr"], made["copied_from"], made["active"]) == ("New prices", source.id, True)
    schemas, rulesets = new_rows(before, after, "test_schema"), new_rows(before, after, "test_ruleset")
    assert {row["slice_id"] for row in schemas + rulesets} == {made["id"]}
    assert [row["schema_id"] for row in rulesets] == [row["id"] for row in schemas]
    assert [(row["is_active"], row["hits"]) for row in rulesets] == [(1, 0)] * 2
    assert [row["ruleset_id"] for row in new_rows(before, after, "test_version")] == [row["id"] for row in rulesets]
    assert [row["step"] for row in new_rows(before, after, "test_binding")] == ["check"] * 2
    assert new_rows(before, after, "test_sample") == []
    assert [(row["name"], row["val"], row["ver"]) for row in new_rows(before, after, "realms_config")] == [
        ("A", "a", 4), ("B", "b", 4),
    ]  # fmt: skip
    told = session.scalars(select(Change).where(Change.verb == "realmslice.cloned")).one()
    assert {"field": "ruleset", "old": None, "new": 2} in told.fields
    assert all(row in after[table] for table, rows in before.items() for row in rows)


def test_apps_choose_what_is_copied_and_the_words_are_those_of_the_source(
    client: Browser, session: Session, source: RealmSlice, key: str
) -> None:
    before = contents(session)
    answer = client.post(URL, {"copy_of": str(source.id), "apps": ["amazon"], "descr": ""})
    after = contents(session)
    number = int(answer.location.rpartition("/")[2])

    sizes = {table: len(new_rows(before, after, table)) for table in before}
    assert sizes == {"test_schema": 1, "test_ruleset": 1, "test_version": 1, "test_binding": 1, "test_sample": 0,
                     "realms_config": 2, "realms_slice": 1}  # fmt: skip
    assert client.api("GET", f"{API}/{number}/apps", key).get_json()["items"] == [
        {"name": "Amazon", "longname": "App Amazon"}
    ]
    assert "Old prices" in client.get(answer.location).text


def test_a_copy_that_fails_half_way_leaves_nothing(
    client: Browser, session: Session, source: RealmSlice, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = contents(session)
    monkeypatch.setitem(client.app.config, "PROPAGATE_EXCEPTIONS", False)
    monkeypatch.setattr("app.realms.actions.cloning.record", lambda *_args, **_kwargs: 1 / 0)

    assert client.api("POST", API, key, {"copy_of": source.id}).status_code == 500
    assert contents(session) == before


def test_purging_a_copy_takes_exactly_what_came_with_it_and_the_log_keeps_it(
    client: Browser, session: Session, realm: Realm, source: RealmSlice, key: str
) -> None:
    before = contents(session)
    number = client.api("POST", API, key, {"copy_of": source.id}).get_json()["id"]
    url, typed = f"{API}/{number}/purge", {"confirm": f"acme/{number}"}
    copied = contents(session)

    assert client.api("POST", url, key, typed).get_json()["code"] == "slice_active"
    client.api("POST", f"{API}/{number}/deactivation", key)
    wrong = client.post(f"{URL}/{number}/purge", {"confirm": f"acme/{source.id}"})
    assert (wrong.status_code, "Type acme/" in wrong.text) == (422, True)

    counts = client.api("POST", url, key, typed).get_json()
    assert counts == {"config": 2, "schema": 2, "ruleset": 2, "version": 2, "binding": 2, "sample": 0}
    assert contents(session) == before
    lost = [row.row for row in session.scalars(select(Change).where(Change.row.is_not(None)))]
    assert len(lost) == sum(counts.values()) + 1
    assert new_rows(before, copied, "test_ruleset")[0] in lost
    default = client.api("POST", f"{API}/{realm.default_slice_id}/purge", key, {})
    assert (default.status_code, default.get_json()["code"]) == (409, "default_slice")


def test_a_package_says_no_while_something_in_a_slice_runs(
    client: Browser, session: Session, source: RealmSlice, key: str
) -> None:
    def running(row: RealmSlice, *, session: Session) -> None:
        del session
        raise Refused(Problem("instances_running", f"3 instances run in slice {row.id}."), status=409)

    client.api("POST", f"{API}/{source.id}/deactivation", key)
    before = contents(session)
    with slice_purging.connected_to(running):
        refused = client.api("POST", f"{API}/{source.id}/purge", key, {"confirm": f"acme/{source.id}"})

    assert (refused.status_code, refused.get_json()["code"]) == (409, "instances_running")
    assert contents(session) == before
