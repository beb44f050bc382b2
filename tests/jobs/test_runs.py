"""The list of runs."""

import csv
import io

import pytest
from flask import Flask

from app.realms.models import Realm
from tests.browser import Browser
from tests.databases import Database
from tests.jobs.counting import statements
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import at, facet, job_type, parent, run

URL = "/r/acme/jobs/runs"
HOSTILE = "<script>alert(1)</script>'\"&" + "é\u202e" * 10


def spark(intake: Intake) -> None:
    """Send an application with one command below it."""
    app_type, command = job_type("SPARK", "APPLICATION", "NONE"), job_type("SPARK", "SQL_JOB")
    intake.take(
        run("app-1", "nightly", minute=1, job_facets=app_type),
        run("cmd-1", "nightly.insert", minute=2, job_facets=command, facets={"parent": parent("app-1", "nightly")}),
    )


def test_runs_are_listed_newest_first(client: Browser, intake: Intake) -> None:
    intake.take(run("r1", "early", minute=1), run("r2", "late", minute=9))

    answer = client.get(URL)

    assert answer.status_code == 200
    assert answer.text.index("late") < answer.text.index("early")


def test_parts_are_folded_until_they_are_asked_for(client: Browser, intake: Intake) -> None:
    spark(intake)

    assert "nightly.insert" not in client.get(URL).text
    assert "nightly.insert" in client.get(f"{URL}?parts=shown").text
    assert client.get(f"{URL}?parts=shown&sort=-started_at").status_code == 200


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("status=failed", {"bad"}),
        ("status=failed,running", {"bad", "going"}),
        ("status=completed&sort=number", {"good"}),
        ("error=1", {"bad"}),
        ("q=goo", {"good"}),
        ("q=going", {"going"}),
        (f"since={at(4).replace('+', '%2B')}", {"going"}),
        (f"until={at(4).replace('+', '%2B')}&sort=-number", {"good", "bad"}),
        ("since=24h", set()),
        ("since=9999d", {"good", "bad", "going"}),
        ("integration=AIRFLOW", {"good"}),
        ("referenced=1", set()),
        ("q=nothing-like-this", set()),
    ],
)
def test_filters_narrow_the_list(client: Browser, intake: Intake, query: str, shown: set[str]) -> None:
    failure = {"errorMessage": facet(message="disk full", programmingLanguage="SQL")}
    intake.take(
        run("r1", "good", minute=1, job_facets=job_type("AIRFLOW", "TASK")),
        run("r2", "bad", "FAIL", minute=2, facets=failure),
        run("r3", "going", "START", minute=5),
    )

    items = client.get(f"{URL}?{query}&format=json").get_json()["items"]

    assert {item["job"] for item in items} == shown


def test_a_number_or_an_external_id_finds_the_run(client: Browser, intake: Intake, store: Store) -> None:
    intake.take(run("r1", "one"), run("r2", "two"))
    number = store.run("r1").number

    items = client.get(f"{URL}?q={number}&format=json").get_json()["items"]

    assert [item["number"] for item in items] == [number]


def test_runs_of_one_job_include_its_parts(client: Browser, intake: Intake, store: Store) -> None:
    spark(intake)

    items = client.get(f"{URL}?job={store.jobs()['nightly.insert'].id}&format=json").get_json()["items"]

    assert [item["role"] for item in items] == ["part"]


@pytest.mark.parametrize("query", ["status=lost", "job=x", "job=99999999999999999999", "since=yesterday", "sort=job"])
def test_a_bad_filter_is_refused(client: Browser, realm: Realm, query: str) -> None:
    assert realm
    assert client.get(f"{URL}?{query}").status_code == 422


def test_both_empty_states_say_what_to_do(client: Browser, intake: Intake) -> None:
    assert "No runs yet" in client.get(URL).text

    intake.take(run("r1", "one"))

    assert "Nothing matches these filters" in client.get(f"{URL}?status=failed").text


def test_names_are_text_everywhere(client: Browser, intake: Intake) -> None:
    intake.take(run("r1", HOSTILE), run("r2", "x" * 4096))

    page, sheet = client.get(URL).text, client.get(f"{URL}?format=csv").text

    assert "<script>alert" not in page
    assert "x" * 100 + "…" not in page
    assert [row["job"] for row in csv.DictReader(io.StringIO(sheet)) if "script" in row["job"]] == [HOSTILE]


def test_pages_follow_each_other_without_gap_or_repeat(client: Browser, intake: Intake) -> None:
    intake.take(*(run(f"r{index}", f"job-{index:03}", minute=index // 3) for index in range(120)))
    seen, url = [], f"{URL}?limit=50"
    while url:
        page = client.api("GET", url.replace("?", "?format=&")).text
        seen += [name for name in (f"job-{index:03}" for index in range(120)) if f">{name}<" in page]
        url = (
            page.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
            if 'rel="next"' in page
            else ""
        )

    assert len(seen) == 120
    assert len(set(seen)) == 120


def test_a_longer_list_costs_no_more_statements(app: Flask, client: Browser, intake: Intake) -> None:
    intake.take(run("r0", "job-0"))
    client.get(URL)
    with statements(app) as few:
        client.get(f"{URL}?error=")
    intake.take(*(run(f"r{index}", f"job-{index}") for index in range(60)))
    with statements(app) as many:
        client.get(f"{URL}?error=")

    assert len(few) == len(many) <= 7


def test_runs_of_another_realm_stay_there(
    client: Browser, database: Database, other_realm: Realm, store: Store
) -> None:
    Intake(database, other_realm).take(run("r1", "theirs"))
    theirs = store.run("r1")

    assert "theirs" not in client.get(URL).text
    assert client.get(f"{URL}/{theirs.id}").status_code == 404
    assert client.get(f"{URL}/{theirs.number}").status_code == 404
