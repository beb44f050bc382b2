"""Pages of events as they came, of what comes in, and lines that are to be refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.lineage.models import RawEvent
from app.lineage.openlineage.deviations import deviations
from app.lineage.openlineage.place import mark
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser
from tests.lineage.openlineage_events import columns, run, schema, table
from tests.lineage.sending import Sender

SHARED = Path(__file__).resolve().parents[3] / "shared" / "openlineage"
OWN = [
    {"_case": "no eventTime", "expect": "4xx", "event": {**run("r", "j"), "eventTime": None}},
    {"_case": "inputs is text", "expect": "4xx", "event": {**run("r", "j"), "inputs": "orders"}},
    {"_case": "facet is text", "expect": "not5xx", "event": run("r", "j", inputs=[table("a", schema="none")])},
]


def invalid_lines() -> list[dict[str, Any]]:
    """Return the lines of the development material, our own where it is absent."""
    files = sorted(SHARED.glob("invalid__*.ndjson"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines() if line] or OWN


@pytest.fixture
def sender(visitor: Browser, session: Session, owner: User, realm: Realm) -> Sender:
    return Sender(visitor, factories.make_key(session, owner, realm, "lineage.write")[1])


@pytest.mark.parametrize("line", [*OWN, *invalid_lines()], ids=lambda line: str(line["_case"]))
def test_a_defective_event_is_never_our_fault(sender: Sender, line: dict[str, Any]) -> None:
    answer = sender.post(line["raw"].encode() if "raw" in line else line["event"])

    if line["expect"] == "4xx":
        assert 400 <= answer.status_code < 500
    else:
        assert answer.status_code < 500


def test_an_event_shows_what_it_set(sender: Sender, client: Browser, session: Session) -> None:
    outputs = [table("daily", schema=schema("day"), columnLineage=columns(day=[("orders", "at")]))]
    sender.post(run("r-1", "daily-job", inputs=[table("orders")], outputs=outputs))
    event = session.scalars(select(RawEvent)).one()

    page = client.get(f"/r/acme/lineage/events/{event.id}").text

    assert "its end" in page
    assert "facet schema" in page
    assert "daily-job" in client.get("/r/acme/lineage/events?kind=run&type=COMPLETE&q=daily").text
    assert "Nothing matches" in client.get("/r/acme/lineage/events?kind=job").text


def test_events_are_exported_as_they_came(sender: Sender, client: Browser) -> None:
    events = [run(f"r-{number}", "daily") for number in range(3)]
    sender.batch(events)

    text = client.get("/r/acme/lineage/events/ndjson").text
    facts = client.get("/r/acme/lineage/events?format=json").get_json()["items"]

    assert [json.loads(line) for line in text.splitlines()] == events[::-1]
    assert [each["run_reported"] for each in facts] == ["r-2", "r-1", "r-0"]


def test_the_api_finds_events_by_run_time_and_job(sender: Sender) -> None:
    sender.batch([run("r-1", "daily"), run("r-2", "hourly")])

    def found(query: str) -> list[str]:
        return [each["run_reported"] for each in sender.get(f"events?{query}")["items"]]

    assert found("run=r-1") == ["r-1"]
    assert found("job=hourly") == ["r-2"]
    assert found("since=2100-01-01") == []
    assert found("kind=run&until=2100-01-01T00:00:00Z") == ["r-2", "r-1"]


def test_the_ingestion_page_counts_by_sender(sender: Sender, client: Browser) -> None:
    sender.batch([run("r-1", "daily"), run("r-1", "daily"), {}])

    page = client.get("/r/acme/lineage/ingestion").text

    assert "tree/1.54.0/client/python" in page
    assert "http://localhost/api/v1/lineage" in page


def test_pages_of_intake_are_kind_to_newcomers(client: Browser) -> None:
    for path in ("events", "rejections", "imports", "ingestion", "inspect", "rejections/replay"):
        assert client.get(f"/r/acme/lineage/{path}").status_code == 200


def test_deviations_are_told_in_words() -> None:
    event = {**run("no-uuid", "daily", None, inputs=[table("a", schema={"fields": []})]), "schemaURL": None, "odd": 1}

    assert deviations(json.dumps(event)) == [
        "missing schemaURL",
        "unknown member odd",
        "missing eventType",
        "runId is no UUID",
        "$.inputs[0].facets.schema has no _producer",
        "$.inputs[0].facets.schema has no _schemaURL",
    ]


@pytest.mark.parametrize(
    ("text", "path", "marked"),
    [
        ('{"a": [1, {"b": "x"}]}', "$.a[1].b", '"x"'),
        ('{"job": {"n": 1}}', "$.job.name", "{"),
        ('{"a": {"b": {"c": 1}}}', "$.a.b", '{"c": 1}'),
        ("[1, 2]", "$", "[1, 2]"),
        ("{", "$.a", ""),
    ],
)
def test_the_place_of_a_path_is_found(text: str, path: str, marked: str) -> None:
    found = mark(text, path)

    assert (found.marked, "".join(found)) == (marked, text)


def test_the_place_a_parser_names_is_found() -> None:
    assert mark('{"a":\n  ?}', "$", "line 2 column 3: Expecting value").marked == "?"
