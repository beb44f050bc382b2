"""Live pages: what a watcher gets, when, and what never."""

import time
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.changes.actor import SYSTEM
from app.changes.log import record
from app.db import db, scope
from app.delivery.live import limit
from app.delivery.live.follow import Follower, newest
from app.delivery.live.watcher import Watcher
from app.realms.capabilities import RealmFacts
from app.realms.models import CapGrant, Realm
from app.web.identity import Identity
from app.web.live import Key, keys_of, message, whole
from tests import factories
from tests.browser import Browser
from tests.databases import Database, changed
from tests.delivery.live import hub, stream_url, watch, watch_url
from tests.lineage.intake import Intake
from tests.lineage.openlineage_events import run, table

RUNS, DATASETS = "/r/acme/jobs/runs", "/r/acme/lineage/datasets"
LOGGED = """INSERT INTO changes_change (realm_id, at, who, via, verb, kind, entity_id, label, fields, depth)
    VALUES (:realm, now(), 'ada', 'session', 'run.created', 'run', :id, '', '[]', 0)"""
ONCE = {"HX-Target": "section#results", "HX-Live": "poll"}


@pytest.fixture(autouse=True)
def closed(app: Flask) -> Iterator[None]:
    """Nobody watches after a test."""
    yield
    hub(app).send_away()


@pytest.fixture
def intake(database: Database, realm: Realm) -> Intake:
    """The way of events into ``acme``."""
    return Intake(database, realm)


def test_a_committed_change_is_sent_as_a_reload_would_show_it(client: Browser, intake: Intake) -> None:
    watching = watch(client, RUNS)
    intake.take(run("r1", "nightly", "START"))

    target, html = watching.wait()[0].partial

    assert target == "results"
    assert html == client.get(RUNS, headers=ONCE).get_data(as_text=True)
    assert "nightly" in html
    assert "csrf" not in html


def test_nothing_is_sent_for_what_was_rolled_back_or_looks_the_same(
    app: Flask, client: Browser, session: Session, realm: Realm, intake: Intake
) -> None:
    watching = watch(client, RUNS)
    with app.app_context():
        scope(db.session(), realm.id)
        record(db.session(), "run.created", "run", 1, "nightly", SYSTEM)
        db.session().rollback()
    factories.make_changes(session, realm, 1, kind="run", verb="run.advanced", entity_id="1")
    time.sleep(0.6)

    assert watching.messages == []
    intake.take(run("r1", "nightly", "START"))
    assert len(watching.wait()) == 1


def test_two_hundred_watchers_of_different_rights_get_one_rendering(
    app: Flask, client: Browser, session: Session, realm: Realm, intake: Intake
) -> None:
    url = stream_url(client.get(RUNS).get_data(as_text=True))
    facts = RealmFacts(realm.id, "acme", "Acme")
    watchers = [Watcher(Identity(n, f"u{n}", ""), facts, _keys(url)) for n in range(1, 201)]
    with app.app_context():
        for watcher in watchers:
            hub(app).join(watcher, 0, "http://localhost/", db.session())
    before = hub(app).renderings
    intake.take(run("r1", "nightly", "START"))
    frames = [_frames(watcher) for watcher in watchers]

    assert hub(app).renderings == before + 1
    assert len(set(frames)) == 1
    assert b"nightly" in frames[0]
    operator = factories.make_user(session, "op", None)
    factories.make_membership(session, operator, realm, Role.OPERATOR)
    factories.make_grant(session, operator, realm, "jobs.read")
    seen = client.as_(operator).get(RUNS, headers=ONCE).get_data()
    assert message(0, whole("results", seen.decode())).split(b"\n", 1)[1] in frames[0]


def test_who_comes_back_gets_each_region_that_changed_once(
    client: Browser, session: Session, realm: Realm, intake: Intake
) -> None:
    url = stream_url(client.get(RUNS).get_data(as_text=True))
    intake.take(run("r1", "nightly", "START"))
    intake.take(run("r2", "hourly", "START"))
    late, current = watch_url(client, url), watch(client, RUNS)
    far = watch_url(client, url, last=10**9)
    unknown = watch_url(client, f"{url.replace('after=', 'after=x')}")

    assert "hourly" in late.wait()[0].partial[1]
    assert far.wait()[0].event == unknown.wait()[0].event == "resync"
    time.sleep(0.4)
    assert (len(late.messages), current.messages) == (1, [])
    assert late.raw.startswith(b"retry: 3000\nid: ")


def test_a_region_of_another_realm_or_scope_or_of_nothing_is_unknown(
    client: Browser, session: Session, other_realm: Realm, database: Database, intake: Intake
) -> None:
    Intake(database, other_realm).take(run("r1", "secret", "START", outputs=[table("theirs")]))
    page = stream_url(client.get(RUNS).get_data(as_text=True))
    dataset = session.scalar(text("SELECT id FROM lineage_dataset"))

    theirs, too_many = f"dataset_show:all:{dataset}", ",".join(["runs:all"] * 33)
    for regions in ("", "nonsense", "runs:7", "runs:all%3Fstatus=nonsense", theirs, too_many):
        assert client.get(f"{page.partition('&')[0]}&regions={regions}").status_code == 404, regions
    assert not hub(client.app).watchers


def test_who_loses_the_right_gets_no_later_fragment(
    client: Browser, session: Session, realm: Realm, intake: Intake
) -> None:
    reader = factories.make_user(session, "reader", realm)
    grant = factories.make_grant(session, reader, realm, "report")
    browser = client.as_(reader)
    url = stream_url(browser.get(RUNS).get_data(as_text=True))
    watching = watch_url(browser, url)
    session.delete(session.get_one(CapGrant, grant.id))
    session.commit()
    factories.make_changes(session, realm, 1, kind="capgrant", verb="capgrant.revoked")
    intake.take(run("r1", "nightly", "START"))

    assert watching.ended()
    assert [each.event for each in watching.messages] == ["bye"]
    assert watch_url(browser, url).answer.status_code == 404


def test_a_right_that_ends_by_itself_is_noticed_within_a_minute(
    client: Browser, session: Session, realm: Realm, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = factories.make_user(session, "reader", realm)
    grant = factories.make_grant(session, reader, realm, "report")
    monkeypatch.setattr("app.delivery.live.hub.CHECK_S", 0)
    monkeypatch.setattr("app.delivery.live.hub.SWEEP_S", 0)
    watching = watch(client.as_(reader), RUNS)
    session.delete(session.get_one(CapGrant, grant.id))
    session.commit()

    assert watching.ended()
    assert [each.event for each in watching.messages] == ["bye"]


def test_regions_hold_nothing_of_the_viewer(app: Flask, client: Browser, session: Session, intake: Intake) -> None:
    intake.take(run("r1", "load", "START", outputs=[table("shop.orders")]), run("r2", "broken", "FAIL"))
    job, one, dataset = (
        session.scalar(text(f"SELECT {what}"))
        for what in (
            "id FROM jobs_job",
            "max(number) FROM jobs_run WHERE status = 'running'",
            "id FROM lineage_dataset",
        )
    )
    run_page = client.get(f"{RUNS}/{one}").headers["Location"]
    for page in (
        "/r/acme/jobs",
        RUNS,
        "/r/acme/jobs/jobs",
        f"/r/acme/jobs/jobs/{job}",
        run_page,
        f"{DATASETS}/{dataset}",
    ):
        watch(client, page)
        (room,) = [room for room in hub(app).rooms.values() if room.rendering]
        assert room.rendering is not None
        for target, html in room.rendering.html.items():
            headers = {**ONCE, "HX-Target": f"section#{target}"}
            assert html == client.get(page, headers=headers).get_data(as_text=True), f"{page} {target}"
            assert "csrf" not in html
        hub(app).send_away()


def test_above_the_cap_the_page_asks_and_is_told_when_nothing_changed(
    app: Flask, client: Browser, intake: Intake
) -> None:
    url = stream_url(client.get(RUNS).get_data(as_text=True))
    hub(app).limit, before = 0, hub(app).limit
    refused = watch_url(client, url).answer
    hub(app).limit = before
    polled = client.get(RUNS, headers=ONCE)
    again = client.get(RUNS, headers={**ONCE, "If-None-Match": polled.headers["ETag"]})

    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "10")
    assert (again.status_code, again.get_data()) == (304, b"")


def test_streams_leave_threads_for_pages(app: Flask) -> None:
    settings = app.config["SETTINGS"]

    assert limit(changed(settings, web_threads=640)) == 500
    assert limit(changed(settings, web_threads=40)) == 8
    assert limit(changed(settings, web_threads=8)) == 0
    assert limit(changed(settings, live_streams=3)) == 3


def test_a_datasets_head_changes_with_the_run_that_writes_it(client: Browser, session: Session, intake: Intake) -> None:
    intake.take(run("r1", "load", "COMPLETE", outputs=[table("shop.orders")]))
    number = session.scalar(text("SELECT id FROM lineage_dataset"))
    watching = watch(client, f"/r/acme/lineage/datasets/{number}/quality")
    intake.take(run("r2", "load", "COMPLETE", 9, outputs=[table("shop.orders")]))

    target, html = watching.wait()[0].partial
    assert (target, "09:09 UTC" in html) == ("head", True)


def test_a_number_committed_late_is_not_missed(database: Database, app: Flask, session: Session, realm: Realm) -> None:
    factories.make_changes(session, realm, 1)
    with app.app_context():
        follower = Follower(newest(db.session()))
        if db.engine.dialect.name == "sqlite":
            pytest.skip("one writer: numbers become visible in order")
        early, late = db.engine.connect(), db.engine.connect()
        early.execute(text(LOGGED), {"realm": realm.id, "id": "first"})
        late.execute(text(LOGGED), {"realm": realm.id, "id": "second"})
        late.commit()
        seen = [row.entity_id for row in follower.read(db.session())]
        base, waiting = follower.base, follower.top
        db.session().rollback()
        early.commit()
        seen += [row.entity_id for row in follower.read(db.session())]
        early.close()
        late.close()

    assert seen == ["second", "first"]
    assert base == waiting - 2
    assert follower.base == follower.top


def _keys(url: str) -> list[Key]:
    keys = keys_of(url.partition("?")[2].encode())
    assert keys is not None
    return keys


def _frames(watcher: Watcher, seconds: float = 5) -> bytes:
    stream, until, got = watcher.stream(), time.monotonic() + seconds, b""
    while b"hx-partial" not in got and time.monotonic() < until:
        got += next(stream)
    return got.partition(b"\n\n")[2]
