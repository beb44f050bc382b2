"""Two runs beside each other: every difference, and nothing else."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.db import db
from app.jobs.difference import diff
from app.lineage.ingest import Arrival, ingest, read
from app.lineage.store.batch import Origin
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser
from tests.databases import Database
from tests.lineage.intake import ACTOR, Intake, Store, raw
from tests.lineage.openlineage_events import facet, job_type, parent, run, schema, table

URL = "/r/acme/jobs/runs/compare"
API = "/api/v1/jobs/runs"
SQL = "INSERT INTO sums\nSELECT customer, sum(total)\nFROM orders\nGROUP BY customer"


def pairs(member: str, **values: str) -> dict[str, Any]:
    """Return a facet that lists names and values."""
    key = "key" if member == "parameters" else "name"
    return facet(**{member: [{key: name, "value": value} for name, value in values.items()]})


def prepared(run_id: str, minute: float, **given: Any) -> list[dict[str, Any]]:
    """Return START and end of a run that is equal but for what is ``given``."""
    facets = {
        "executionParameters": pairs("parameters", **given.get("parameters", {"day": "monday"})),
        "environmentVariables": pairs("environmentVariables", **given.get("environment", {"REGION": "eu"})),
        "processing_engine": facet(name="spark", version=given.get("engine", "3.4.1"), openlineageAdapterVersion="1.0"),
    }
    code = facet(type="git", url="https://git.example/a", version=given.get("code", "abc"))
    job_facets = {"sql": facet(query=given.get("sql", SQL)), "sourceCodeLocation": code}
    written = table(
        "shop.sums", counts={"rowCount": given.get("rows", 100), "size": 1000}, schema=given.get("schema", schema("a"))
    )
    reads = [table(name) for name in given.get("reads", ["shop.orders"])]
    options: dict[str, Any] = {"facets": facets, "job_facets": job_facets}
    return [
        run(run_id, "load", "START", minute, **options),
        run(run_id, "load", "COMPLETE", minute + given.get("took", 5), inputs=reads, outputs=[written], **options),
    ]


def compared(client: Browser, store: Store, key: str, after: str, before: str = "") -> Any:
    """Return the comparison as JSON."""
    asked = f"?with={store.run(before).number}" if before else ""
    answer = client.api("GET", f"{API}/{store.run(after).id}/comparison{asked}", key)
    assert answer.status_code == 200, answer.text
    return answer.get_json()


def differences(found: Any) -> set[tuple[str, str, str, str]]:
    """Return (part, name, aspect, change) of all rows that differ."""
    return {
        (part["key"], row["name"], row["aspect"], row["change"])
        for part in found["parts"]
        for row in part["rows"]
        if row["change"] != "equal"
    }


@pytest.fixture
def key(session: Session, owner: User, realm: Realm) -> str:
    """A key that reads lineage."""
    return factories.make_key(session, owner, realm, "lineage.read")[1]


CASES: list[tuple[dict[str, Any], set[tuple[str, str, str, str]]]] = [
    ({}, set()),
    ({"took": 10}, {("outcome", "Duration", "", "changed")}),
    ({"rows": 150}, {("io", "shop.sums", "rows written", "changed")}),
    ({"reads": ["shop.orders", "shop.new"]}, {("io", "shop.new", "read", "added")}),
    ({"reads": []}, {("io", "shop.orders", "read", "removed")}),
    ({"schema": schema("a", "b")}, {("schemas", "b", "in shop.sums", "added")}),
    ({"schema": schema("a", type_="text")}, {("schemas", "a", "in shop.sums, type", "changed")}),
    ({"sql": SQL + "\nLIMIT 5"}, {("sql", "load", "SQL", "changed")}),
    ({"parameters": {"day": "tuesday"}}, {("parameters", "day", "", "changed")}),
    ({"parameters": {}}, {("parameters", "day", "", "removed")}),
    ({"environment": {"REGION": "eu", "ZONE": "b"}}, {("environment", "ZONE", "", "added")}),
    ({"environment": {"REGION": "us"}}, {("environment", "REGION", "", "changed")}),
    ({"code": "def"}, {("code", "Version", "", "changed")}),
    ({"engine": "3.5.0"}, {("engine", "Version", "", "changed")}),
]


@pytest.mark.parametrize(("given", "expected"), CASES)
def test_every_difference_is_named_and_nothing_else(
    client: Browser, intake: Intake, store: Store, key: str, given: dict[str, Any], expected: set[Any]
) -> None:
    intake.take(*prepared("r1", 0), *prepared("r2", 60, **given))

    assert differences(compared(client, store, key, "r2")) == expected


def test_all_differences_at_once_are_on_the_page(client: Browser, intake: Intake, store: Store) -> None:
    given: dict[str, Any] = {}
    for one, _ in CASES[1:]:
        given |= one
    intake.take(*prepared("r1", 0), *prepared("r2", 60, **given))

    text = client.get(f"{URL}?a={store.run('r2').id}").text

    for part in ("outcome", "io", "schemas", "sql", "environment", "code", "engine"):
        assert f'id="part-{part}"' in text
    assert "<ins>+ LIMIT 5</ins>" in text
    assert "+50 %" in text
    assert "3.5.0" in text


def test_equal_runs_fold_everything(client: Browser, intake: Intake, store: Store) -> None:
    intake.take(*prepared("r1", 0), *prepared("r2", 60))

    text = client.get(f"{URL}?a={store.run('r2').number}&b={store.run('r1').number}").text

    assert "Nothing differs" in text
    assert 'id="part-' not in text
    assert text.count("<details>") >= 6


def test_the_run_before_is_the_completed_one(client: Browser, intake: Intake, store: Store, key: str) -> None:
    intake.take(*prepared("r1", 0), run("bad", "load", "FAIL", 30), *prepared("r3", 60))

    assert compared(client, store, key, "r3")["before"]["number"] == store.run("r1").number


def test_any_two_runs_may_be_compared(client: Browser, intake: Intake, store: Store, key: str) -> None:
    intake.take(*prepared("r1", 0), run("other", "else", "FAIL", 30))

    found = differences(compared(client, store, key, "other", "r1"))

    assert ("outcome", "Job", "", "changed") in found
    assert ("outcome", "Status", "", "changed") in found
    assert ("sql", "load", "SQL", "removed") in found


def test_the_first_run_says_that_nothing_came_before(client: Browser, intake: Intake, store: Store, key: str) -> None:
    intake.take(*prepared("r1", 0))

    assert "This is the first" in client.get(f"{URL}?a={store.run('r1').id}").text
    assert compared(client, store, key, "r1") | {"after": None} == {"before": None, "after": None, "parts": []}


def test_steps_are_matched_by_name(client: Browser, intake: Intake, store: Store, key: str) -> None:
    dag, task = job_type("AIRFLOW", "DAG"), job_type("AIRFLOW", "TASK")
    for name, minute, steps in (("d1", 0, {"fetch": 1, "gone": 2}), ("d2", 100, {"fetch": 3, "fresh": 1})):
        intake.take(run(name, "dag", "START", minute, job_facets=dag))
        for step, took in steps.items():
            up: dict[str, Any] = {"facets": {"parent": parent(name, "dag")}, "job_facets": task}
            intake.take(run(f"{name}.{step}", f"dag.{step}", "START", minute, **up))
            intake.take(run(f"{name}.{step}", f"dag.{step}", "COMPLETE", minute + took, **up))
        intake.take(run(name, "dag", "COMPLETE", minute + 5, job_facets=dag))

    found = {each for each in differences(compared(client, store, key, "d2")) if each[0] == "steps"}

    assert found == {
        ("steps", "fetch", "duration", "changed"),
        ("steps", "gone", "step", "removed"),
        ("steps", "fresh", "step", "added"),
    }


def test_secrets_stay_masked(client: Browser, intake: Intake, store: Store, key: str) -> None:
    for number, secret in (("1", "planted-one"), ("2", "planted-two")):
        variables = {"DB_PASSWORD": secret, "PLAIN": number}
        intake.take(*prepared(f"r{number}", float(number) * 60, environment=variables))

    text = client.get(f"{URL}?a={store.run('r2').id}").text

    assert "planted" not in text + str(compared(client, store, key, "r2"))
    assert ("environment", "PLAIN", "", "changed") in differences(compared(client, store, key, "r2"))


@pytest.mark.parametrize("mode", ["show", "off"])
def test_secrets_that_are_stored_are_masked_when_shown(
    client: Browser, database: Database, realm: Realm, store: Store, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setitem(database.app.config, "SETTINGS", replace(database.settings, mask=mode))
    with database.app.app_context():
        for number in (1, 2):
            events = prepared(f"r{number}", number * 60, environment={"DB_PASSWORD": f"planted-{number}"})
            arrivals = [Arrival(raw(event), Origin("http")) for event in events]
            ingest(db.session(), realm.id, arrivals, ACTOR, parsed=[read(each, mask=False) for each in arrivals])
        db.session.commit()
    found = store.run("r2").id

    pages = [client.get(f"{URL}?a={found}").text, client.get(f"/r/acme/jobs/runs/{found}?tab=facets").text]

    assert ["planted" in text for text in pages] == [mode == "off"] * 2


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 422), ("a=x", 422), ("a=-1", 422), ("a=1e9", 422), ("a=99999", 404), ("a={run}&b=no", 422),
     ("a={run}&b=466dab2a-8603-4551-b8de-ee2445454495", 404), ("a={run}&b=" + "9" * 30, 422)],
)  # fmt: skip
def test_bad_ids_are_refused(client: Browser, intake: Intake, store: Store, query: str, status: int) -> None:
    intake.take(*prepared("r1", 0))

    assert client.get(f"{URL}?{query.format(run=store.run('r1').id)}").status_code == status


def test_a_run_of_another_realm_is_not_found(
    client: Browser, intake: Intake, store: Store, database: Database, other_realm: Realm
) -> None:
    intake.take(*prepared("r1", 0))
    Intake(database, other_realm).take(run("theirs", "load"))

    assert client.get(f"{URL}?a={store.run('theirs').id}").status_code == 404
    assert client.get(f"{URL}?a={store.run('r1').id}&b={store.run('theirs').id}").status_code == 404


def test_lines_that_came_and_went_stand_side_by_side() -> None:
    found = diff("a\nb\nc", "a\nB\nx\nc")

    assert (found.added, found.removed) == (2, 1)
    pairs = [(old and (old.kind, old.text), new and (new.kind, new.text)) for old, new in found.pairs]
    assert pairs == [
        (("same", "a"), ("same", "a")),
        (("removed", "b"), ("added", "B")),
        (None, ("added", "x")),
        (("same", "c"), ("same", "c")),
    ]


def test_long_equal_stretches_are_left_out() -> None:
    lines = [str(number) for number in range(100)]
    found = diff("\n".join(lines), "\n".join([*lines[:50], "new", *lines[50:]]))

    assert [line.text for line in found.lines if line.kind == "gap"] == ["47", "47"]
    assert len(found.lines) == 9


def test_equal_texts_have_no_difference() -> None:
    assert diff("a\nb", "a\nb").lines == []
    assert diff("a", "a\n").added == 1
