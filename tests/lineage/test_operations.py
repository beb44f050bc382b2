"""Operations: their list and their page."""

import pytest

from app.realms.models import Realm
from tests.browser import Browser
from tests.databases import Database
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import facet, job_type, parent, run, table

URL = "/r/acme/lineage/operations"


def fill(intake: Intake) -> None:
    """Send an application with a command, and a job of its own."""
    sql = {"sql": facet(query="MERGE INTO sums USING orders ON 1 = 1")}
    intake.take(
        run("a1", "app", minute=1, job_facets=job_type("SPARK", "APPLICATION", "NONE")),
        run(
            "c1",
            "app.merge_sums",
            minute=2,
            job_facets={**job_type("SPARK", "SQL_JOB"), **sql},
            facets={"parent": parent("a1", "app")},
            inputs=[table("db.shop.orders")],
            outputs=[table("db.shop.sums", counts={"rowCount": 1234})],
        ),
        run("r1", "other", "FAIL", minute=3),
    )


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"merge_sums", "other"}),
        ("status=failed", {"other"}),
        ("q=merge+orders", {"merge_sums"}),
        ("since=2026-03-02T09:03Z", {"other"}),
        ("until=2026-03-02T09:03Z", {"merge_sums"}),
    ],
)
def test_filters_narrow_the_list(client: Browser, intake: Intake, query: str, shown: set[str]) -> None:
    fill(intake)

    items = client.get(f"{URL}?{query}&format=json").get_json()["items"]

    assert {item["name"] for item in items} == shown


def test_the_list_counts_rows(client: Browser, intake: Intake) -> None:
    fill(intake)

    assert "1,234" in client.get(URL).text


def test_operations_of_a_run_a_job_and_a_dataset_are_found(client: Browser, intake: Intake, store: Store) -> None:
    fill(intake)
    for query in (
        f"run={store.run('a1').number}",
        f"job={store.jobs()['app'].id}",
        f"dataset={store.dataset('db.shop.sums').id}",
    ):
        items = client.get(f"{URL}?{query}&format=json").get_json()["items"]
        assert [item["name"] for item in items] == ["merge_sums"], query


def test_an_operation_has_a_page(client: Browser, intake: Intake, store: Store) -> None:
    fill(intake)
    found = store.run("c1")

    answer = client.get(f"{URL}/{found.number}")
    text = client.get(answer.location).text

    assert answer.status_code == 303
    assert "1,234" in text
    assert '<span class="sql-word">MERGE</span>' in text
    assert f"/jobs/runs/{store.run('a1').id}" in text


@pytest.mark.parametrize("which", ["466dab2a-8603-4551-b8de-ee2445454495", "0", "9" * 25, "x"])
def test_an_unknown_operation_is_not_found(client: Browser, realm: Realm, which: str) -> None:
    assert realm
    assert client.get(f"{URL}/{which}").status_code == 404


def test_both_empty_states_say_what_to_do(client: Browser, intake: Intake) -> None:
    assert "No operations yet" in client.get(URL).text

    fill(intake)

    assert "Nothing matches these filters" in client.get(f"{URL}?q=zzz").text


def test_an_operation_of_another_realm_is_not_found(
    client: Browser, database: Database, other_realm: Realm, store: Store
) -> None:
    fill(Intake(database, other_realm))

    assert client.get(f"{URL}/{store.run('c1').id}").status_code == 404
