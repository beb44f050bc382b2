"""Whose runs somebody sees: the role gives the rows, a foreign row is as one that is not there."""

import re
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.jobs.models import Job
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser
from tests.jobs.tracking import STEPS, Program, make_provider, member, program
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import run as reported


@pytest.fixture
def story(visitor: Browser, session: Session, realm: Realm, provider: Program, intake: Intake) -> dict[str, Any]:
    """Runs of two providers for two customers, and a reported one; by name."""
    intake.take(reported("r1", "loads"))
    other = make_provider(visitor, session, realm, "other")
    for name in ("ann", "bob"):
        member(session, realm, name, Role.CUSTOMER, "jobs.read", "jobs.write")
    secret = {"name": "Host", "private": True}
    provider.register(steps=[{**STEPS[0], "metadata": [{"name": "Score"}, secret]}])
    runs = {
        "for ann": provider.open("1", customer="ann"),
        "for bob": provider.open("2", customer="bob"),
        "of other": other.open("3", job="other", customer="ann"),
    }
    provider.send(runs["for ann"], "step", "fetch", metadata={"Score": 9, "Host": "h1"})
    return runs


def speaking(story: dict[str, Any], provider: Program, session: Session, realm: Realm, name: str) -> Program:
    """Return the program of a member of the story."""
    assert story
    user = session.scalars(select(User).where(User.name == name)).one()
    return program(provider.browser, session, realm, user, "jobs.write", "jobs.read", "lineage.read", "report")


def listed(who: Program) -> set[str]:
    """Return the external ids of the runs somebody sees in the list."""
    return {each["external_id"] or each["reported_id"] for each in who.get("/runs").get_json()["items"]}


def test_each_role_has_its_rows(
    story: dict[str, Any], provider: Program, session: Session, realm: Realm, store: Store
) -> None:
    member(session, realm, "op", Role.OPERATOR, "jobs.read")
    member(session, realm, "auditor", Role.CUSTOMER, "report")
    reader = member(session, realm, "reader", Role.CUSTOMER, "jobs.read", "lineage.read")
    seen = {
        "ann": {"1", "3"}, "bob": {"2"}, "clinic": {"1", "2"}, "other": {"3"}, "reader": {"r1"},
        "op": {"1", "2", "3", "r1"}, "auditor": {"1", "2", "3", "r1"},
    }  # fmt: skip
    ids = {"1": story["for ann"]["id"], "2": story["for bob"]["id"], "3": story["of other"]["id"]}
    ids["r1"] = str(store.run("r1").id)
    assert reader

    for name, mine in seen.items():
        who = speaking(story, provider, session, realm, name)
        assert listed(who) == mine, name
        found = {key for key, id_ in ids.items() if who.get(f"/runs/{id_}").status_code == 200}
        assert found == mine, name
        assert {key for key, id_ in ids.items() if who.get(f"/runs/{id_}/events").status_code == 200} == mine, name


def test_a_customer_reads_without_private_values_and_writes_nothing(
    story: dict[str, Any], provider: Program, session: Session, realm: Realm
) -> None:
    ann, mine = speaking(story, provider, session, realm, "ann"), f"/runs/{story['for ann']['id']}"

    [event] = ann.get(f"{mine}/events").get_json()["items"]
    assert event["metadata"] == {"Score": 9}
    assert ann.get("/report").status_code == 403
    for path in (f"{mine}/events", f"{mine}/cancellation", f"{mine}/log", f"{mine}/badges", "/runs", "/configurations"):
        body = {"kind": "step", "external_id": "1", "job": "x", "tag": "x", "name": "x", "version": "1.0.0"}
        body = {"kind": "step"} if path.endswith("events") else {} if path.startswith(mine) else body
        assert ann.post(path, body).status_code in (403, 422), path
    assert ann.get("/configurations").status_code == 403
    assert ann.post(f"{mine}/shares", {"hours": 1}).status_code == 201


def test_a_provider_writes_to_his_runs_alone(
    story: dict[str, Any], provider: Program, session: Session, realm: Realm
) -> None:
    other = speaking(story, provider, session, realm, "other")

    for action in ("events", "completion", "heartbeat", "cancellation", "attempts", "log", "shares", "badges"):
        foreign = other.post(f"/runs/{story['for ann']['id']}/{action}", {"kind": "step"} if action == "events" else {})
        missing = other.post("/runs/4000000/" + action, {"kind": "step"} if action == "events" else {})
        assert (foreign.status_code, missing.status_code) == (404, 404), action
    assert other.get("/configurations").get_json()["items"] == []
    assert other.open("1", job="other")["attempt"] == 1


def test_ids_of_another_realm_are_unknown(
    story: dict[str, Any], visitor: Browser, session: Session, other_realm: Realm, provider: Program
) -> None:
    theirs = make_provider(visitor, session, other_realm, "theirs")
    theirs.register()
    run, plan = theirs.open(), theirs.get("/configurations").get_json()["items"][0]

    for path in (f"/runs/{run['id']}", f"/runs/{run['number']}", f"/runs/{run['id']}/events"):
        assert provider.get(path).status_code == 404
    assert provider.get(f"/configurations/{plan['id']}").status_code == 404
    assert provider.post("/runs", {"job": "x", "external_id": "x", "parent": run["id"]}).status_code == 422
    assert provider.post("/runs", {"job": "x", "external_id": "x", "customer": "theirs"}).status_code == 422
    assert story


def test_an_account_that_left_speaks_for_nobody(
    story: dict[str, Any], visitor: Browser, session: Session, realm: Realm, provider: Program
) -> None:
    former = factories.make_user(session, "former")
    factories.make_grant(session, former, realm, "jobs.write")
    who = program(visitor, session, realm, former)

    assert listed(who) == set()
    assert who.get(f"/runs/{story['for ann']['id']}").status_code == 404
    assert who.post("/runs", {"job": "x", "external_id": "1"}).status_code == 403


def test_pages_search_and_export_show_no_foreign_row(
    story: dict[str, Any], provider: Program, session: Session, realm: Realm
) -> None:
    pages = (
        "jobs",
        "jobs/runs",
        "jobs/jobs",
        "jobs/runs?format=csv",
        "jobs/runs?q=3",
        "jobs/jobs?q=other",
        "search?q=other",
    )
    for name in ("bob", "clinic"):
        who = session.scalars(select(User).where(User.name == name)).one()
        browser = provider.browser.as_(who)
        for path in pages:
            text = browser.client.get(f"/r/acme/{path}", buffered=True).get_data(as_text=True)
            assert story["of other"]["id"] not in text, (name, path)
            assert ">other<" not in text, (name, path)
        assert browser.client.get(f"/r/acme/jobs/runs/{story['of other']['id']}", buffered=True).status_code == 404


def test_a_job_is_seen_by_those_who_see_its_runs(
    story: dict[str, Any], provider: Program, session: Session, realm: Realm
) -> None:
    jobs = {
        each["name"]: each["id"]
        for each in speaking(story, provider, session, realm, "clinic").get("/jobs").get_json()["items"]
    }
    assert set(jobs) == {"lung"}
    bob, ann = (speaking(story, provider, session, realm, name) for name in ("bob", "ann"))

    assert {each["name"] for each in bob.get("/jobs").get_json()["items"]} == {"lung"}
    assert {each["name"] for each in ann.get("/jobs").get_json()["items"]} == {"lung", "other"}
    other = next(each["id"] for each in ann.get("/jobs").get_json()["items"] if each["name"] == "other")
    assert (bob.get(f"/jobs/{other}").status_code, ann.get(f"/jobs/{other}").status_code) == (404, 200)
    page = (
        provider.browser.as_(bob.user)
        .client.get(f"/r/acme/jobs/jobs/{jobs['lung']}", buffered=True)
        .get_data(as_text=True)
    )
    assert story["for bob"]["id"] in page
    assert story["for ann"]["id"] not in page
    row = bob.get("/jobs").get_json()["items"][0]
    listed_ = provider.browser.as_(bob.user).client.get("/r/acme/jobs/jobs", buffered=True).text
    assert (row["runs"], row["last_run_at"], "Runs in all" in page) == (None, None, False)
    assert "Last 1 runs" in listed_
    assert "configurations" not in page + listed_


def test_a_customer_is_not_told_when_a_job_ran_for_others(
    story: dict[str, Any], provider: Program, session: Session, realm: Realm
) -> None:
    member(session, realm, "op", Role.OPERATOR, "jobs.read", "lineage.read")
    member(session, realm, "reader", Role.CUSTOMER, "jobs.read", "lineage.read")
    place = session.scalars(select(Job.location_id).where(Job.name == "lung")).one()
    job = session.scalars(select(Job.id).where(Job.name == "lung")).one()
    assert story

    def told(name: str, path: str) -> bool:
        user = session.scalars(select(User).where(User.name == name)).one()
        text = provider.browser.as_(user).client.get(f"/r/acme/{path}", buffered=True).text
        [row] = [part for part in re.split(r"<li>|<tr>", text) if f'/jobs/jobs/{job}"' in part]
        return "<time" in row

    assert (told("op", "search?q=lung"), told("bob", "search?q=lung")) == (True, False)
    assert (told("op", f"locations/{place}"), told("reader", f"locations/{place}")) == (True, False)
