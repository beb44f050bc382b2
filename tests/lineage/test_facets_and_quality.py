"""Facets that come and go, checks that count once, secrets that stay out, and text that stays text."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.db import Base
from app.lineage.models import Assertion, AssertionResult
from app.realms.models import Realm
from tests.browser import Browser
from tests.databases import Database
from tests.factories import make_key, make_user
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import dataset, facet, job, parent, run, schema, source, table

DATASETS = "/r/acme/lineage/datasets"
PLANTED = ("pl4nted-env", "pl4nted-spark", "pl4nted-pair", "pl4nted-uri", "pl4nted-entry")
SCRIPT = "<script>alert(1)</script>{{ 7*7 }}"
LONG = "n" * 3_990


def words(body: str, minute: float = 0, **more: Any) -> dict[str, Any]:
    """Return an event that documents shop.orders."""
    return dataset(table("shop.orders", documentation=facet(description=body, **more)), minute)


def checks(*items: dict[str, Any]) -> dict[str, Any]:
    """Return a dataQualityAssertions facet."""
    return facet(assertions=list(items))


def check(name: str, success: bool, severity: str = "error") -> dict[str, Any]:
    """Return one assertion with its result."""
    return {"assertion": name, "success": success, "column": "id", "severity": severity}


@pytest.fixture
def key(session: Session, realm: Realm) -> str:
    """A key that may read and write lineage."""
    robot: User = make_user(session, "robot", realm, "lineage.read", "lineage.write")
    return make_key(session, robot, realm, "lineage.read", "lineage.write")[1]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_deleted_description_is_gone_from_page_and_api_and_kept_in_the_history(
    client: Browser, intake: Intake, store: Store, key: str, order: tuple[int, int]
) -> None:
    events = [words("all orders ever", 0), words("all orders ever", 1, _deleted=True)]
    intake.each([events[number] for number in order])
    home = f"{DATASETS}/{store.dataset('shop.orders').id}"

    assert store.dataset("shop.orders").description is None
    assert "all orders ever" not in client.get(home).text
    assert "all orders ever" not in client.api("GET", f"/api/v1{home.removeprefix('/r/acme')}", key).text
    assert "documentation" in client.get(f"{home}/facets?name=documentation").text


def test_a_newer_description_comes_back(client: Browser, intake: Intake, store: Store) -> None:
    intake.each([words("first", 0), words("first", 1, _deleted=True), words("second", 2)])

    assert store.dataset("shop.orders").description == "second"
    assert "second" in client.get(f"{DATASETS}/{store.dataset('shop.orders').id}").text


@pytest.mark.parametrize("word", [None, False, "true", 1])
def test_only_true_deletes(intake: Intake, store: Store, word: object) -> None:
    intake.take(words("all orders", 0, _deleted=word))

    assert store.dataset("shop.orders").description == "all orders"


def test_the_same_check_in_facets_and_input_facets_is_one_result(
    intake: Intake, store: Store, session: Session
) -> None:
    told = checks(check("unique", True), check("not_null", False))
    item = table("shop.orders", dataQualityAssertions=told) | {"inputFacets": {"dataQualityAssertions": told}}
    intake.take(run("t", "test", inputs=[item]))

    assert sorted(session.scalars(select(Assertion.name))) == ["not_null", "unique"]
    assert len(session.scalars(select(AssertionResult)).all()) == 2
    assert store.dataset("shop.orders").quality == "error"


@pytest.mark.parametrize(("severity", "token"), [("warn", "warn"), ("error", "bad")])
def test_a_failed_warning_is_amber_and_a_failed_error_is_red(
    client: Browser, intake: Intake, store: Store, severity: str, token: str
) -> None:
    told = checks(check("not_null", False, severity))
    intake.take(run("t", "test", inputs=[table("shop.orders") | {"inputFacets": {"dataQualityAssertions": told}}]))

    page = client.get(f"{DATASETS}/{store.dataset('shop.orders').id}/quality").text

    assert store.dataset("shop.orders").quality == severity
    assert re.search(rf'class="status {token}[" ]', page)


def test_a_check_that_holds_again_is_green(intake: Intake, store: Store) -> None:
    for minute, success in enumerate((False, True)):
        told = checks(check("not_null", success))
        intake.take(run(f"t{minute}", "test", minute=minute, inputs=[table("shop.orders", dataQualityAssertions=told)]))

    assert store.dataset("shop.orders").quality == "ok"


def secret_event() -> dict[str, Any]:
    """Return a run with a secret in every place that may hold one."""
    env, spark, pair, uri, entry = PLANTED
    return run(
        "r1",
        "load",
        facets={
            "environmentVariables": facet(environmentVariables=[{"name": "DB_PASSWORD", "value": env}]),
            "spark_properties": facet(properties={"fs.s3a.secret.key": spark}),
            "arguments": facet(args=[f"--conf password={pair}", "verbose=1"]),
            "houseRules": facet(entries=[{"key": "api_key", "value": entry}]),
            "parent": parent("p1", "dag"),
        },
        inputs=[table("shop.orders", f"postgres://user:{uri}@db.example:5432", schema=schema("token"))],
        outputs=[table("shop.sums", dataSource=facet(name="x", uri=f"jdbc:postgresql://u:{uri}@db/x"))],
        job_facets={"sql": facet(query="SELECT token FROM orders")},
    )


def pages(store: Store) -> list[str]:
    """Return the URLs of everything that shows what was sent."""
    lineage, numbers = "/r/acme/lineage", [row.id for row in store.datasets().values()]
    tabs = ("", "/schema", "/history", "/quality", "/runs", "/lineage", "/facets", "/events", "/changes")
    found = [f"{DATASETS}/{number}{tab}" for number in numbers for tab in tabs]
    found += [f"{DATASETS}/{number}/facets?name=dataSource" for number in numbers]
    found += [f"/r/acme/jobs/jobs/{row.id}" for row in store.jobs().values()]
    found += [f"/r/acme/jobs/runs/{row.id}" for row in store.runs().values()]
    for part in ("datasets", "storages", "events", "rejections", "operations", "ingestion"):
        found.append(f"{lineage}/{part}")
    lists = [DATASETS, "/r/acme/jobs/jobs", "/r/acme/jobs/runs", f"{lineage}/operations", f"{lineage}/events"]
    found += [f"{url}?format={kind}" for url in lists for kind in ("csv", "json")]
    return [*found, f"{lineage}/events/ndjson", "/r/acme/locations", "/r/acme/changes"]


def rows_of(session: Session) -> str:
    """Return every cell of every table as text."""
    cells: list[str] = []
    for table_ in Base.metadata.sorted_tables:
        for row in session.connection().execute(table_.select()):
            cells.extend(cell.decode("latin-1") if isinstance(cell, bytes) else str(cell) for cell in row)
    return "\n".join(cells)


def shown_secrets(client: Browser, session: Session, store: Store) -> dict[str, list[str]]:
    """Return which planted values which page shows."""
    events = [row[0] for row in session.execute(text("SELECT id FROM lineage_raw_event"))]
    urls = pages(store) + [f"/r/acme/lineage/events/{number}" for number in events]
    found = {}
    for url in urls:
        answer = client.get(url, follow_redirects=True)
        assert answer.status_code == 200, url
        if seen := [secret for secret in PLANTED if secret in answer.text]:
            found[url] = seen
    return found


def test_no_planted_secret_reaches_a_row_a_page_or_an_export(
    client: Browser, session: Session, store: Store, key: str
) -> None:
    assert client.api("POST", "/api/v1/lineage", key, json=secret_event()).status_code == 201
    broken = json.dumps(secret_event() | {"eventTime": "never"})
    assert client.api("POST", "/api/v1/lineage", key, data=broken).status_code == 400

    rows = rows_of(session)

    assert [secret for secret in PLANTED if secret in rows] == []
    assert shown_secrets(client, session, store) == {}
    assert "SELECT token FROM orders" in rows


def test_secrets_kept_whole_are_masked_where_they_are_shown(
    client: Browser, session: Session, store: Store, key: str, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(database.app.config, "SETTINGS", replace(database.settings, mask="show"))
    assert client.api("POST", "/api/v1/lineage", key, json=secret_event()).status_code == 201

    assert PLANTED[1] in rows_of(session)
    assert shown_secrets(client, session, store) == {}


def test_markup_templates_and_long_names_are_shown_as_text(client: Browser, intake: Intake, store: Store) -> None:
    name, long = f"shop.{SCRIPT}", f"shop.{LONG}"
    told = schema(SCRIPT, LONG)
    words_ = facet(description=SCRIPT)
    lineage = facet(fields={SCRIPT: {"inputFields": [source(long, LONG)]}})
    intake.take(
        run(
            f"run {SCRIPT}",
            f"job {SCRIPT}",
            inputs=[table(long, schema=told)],
            outputs=[table(name, schema=told, documentation=words_, columnLineage=lineage)],
            job_facets={"documentation": words_, "sql": facet(query=f"SELECT '{SCRIPT}'")},
        ),
        job(LONG, inputs=[table(name)]),
    )

    for url in pages(store):
        # Not through the browser, which takes two braces for a template that was not rendered.
        answer = client.client.get(url, follow_redirects=True, buffered=True)
        assert answer.status_code == 200, url
        if answer.mimetype == "text/html":
            assert "<script>alert" not in answer.text, url
            assert "49" not in re.findall(r"alert\(1\)\S*?(49)", answer.text), url
    csv = client.get(f"{DATASETS}?format=csv").text
    assert SCRIPT in csv
    assert LONG in csv


@pytest.mark.parametrize("url", ["JaVaScRiPt:alert(1)", "data:text/html,x"])
def test_an_address_that_is_not_of_the_web_is_no_link(client: Browser, intake: Intake, store: Store, url: str) -> None:
    details = facet(taskInstance={"try_number": 1, "log_url": url}, dag={"dag_id": "dag"}, task={"task_id": "t"})
    code = facet(type="git", url=url, repoUrl=url)
    intake.take(
        run(
            "r1",
            "dag.t",
            facets={"airflow": details, "externalQuery": facet(externalQueryId="q", source=url)},
            job_facets={"sourceCodeLocation": code, "documentation": facet(description=f"[go]({url})")},
            outputs=[table("shop.orders", documentation=facet(description=f"[go]({url})"), dataSource=facet(uri=url))],
        )
    )

    for page in pages(store):
        answer = client.get(page, follow_redirects=True)
        assert url.lower() not in " ".join(re.findall(r'(?:href|src|action)="([^"]*)"', answer.text)).lower(), page
