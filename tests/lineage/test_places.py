"""Storages, locations, and where lineage begins."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.lineage.models import Storage
from app.locations.models import Location
from tests.browser import Browser
from tests.lineage.intake import Intake
from tests.lineage.openlineage_events import facet, run, table

LINEAGE = "/r/acme/lineage"


@pytest.fixture
def story(intake: Intake) -> None:
    """Tables in two databases and a topic; one check fails."""
    failed = facet(assertions=[{"assertion": "not_null", "success": False, "column": "id"}])
    outputs = [
        table("shop.public.orders", dataQualityAssertions=failed),
        table("ops.public.stock"),
        table("t", "kafka://b:9092"),
    ]
    intake.take(run("a", "load", outputs=outputs))


@pytest.mark.usefixtures("story")
def test_storages_are_listed_with_their_datasets(client: Browser, session: Session) -> None:
    items = client.get(f"{LINEAGE}/storages?format=json").get_json()["items"]
    shop = session.scalars(select(Storage).where(Storage.name == "shop")).one()

    assert [(item["type"], item["name"], item["datasets"]) for item in items] == [
        ("kafka", None, 1),
        ("postgres", "shop", 1),
        ("postgres", "ops", 1),
    ]
    assert client.get(f"{LINEAGE}/storages").status_code == 200
    page = client.get(f"{LINEAGE}/storages/{shop.id}").get_data(as_text=True)
    assert "public.orders" in page
    assert "public.stock" not in page
    assert client.get(f"{LINEAGE}/storages/4711").status_code == 404


@pytest.mark.usefixtures("story")
def test_a_location_shows_addresses_storages_datasets_and_jobs(client: Browser, session: Session) -> None:
    items = client.get("/r/acme/locations?format=json").get_json()["items"]
    place = session.scalars(select(Location).where(Location.type == "postgres")).one()

    assert [(one["type"], one["storages"], one["datasets"], one["jobs"]) for one in items] == [
        ("kafka", 1, 1, 0),
        ("postgres", 2, 2, 0),
        ("custom", 0, 0, 1),
    ]
    page = client.get(f"/r/acme/locations/{place.id}").get_data(as_text=True)
    assert "postgres://db.example:5432" in page
    assert "shop.public.orders" in page
    assert client.get("/r/acme/locations/4711").status_code == 404


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize(
    ("query", "expected"), [("q=example", 1), ("q=postgres+5432", 1), ("type=kafka", 1), ("q=%25", 0)]
)
def test_locations_are_found_by_name_type_and_address(client: Browser, query: str, expected: int) -> None:
    assert len(client.get(f"/r/acme/locations?format=json&{query}").get_json()["items"]) == expected
    assert ("Nothing matches" in client.get(f"/r/acme/locations?{query}").get_data(as_text=True)) is (expected == 0)


def test_a_location_that_was_merged_leads_to_the_one_it_went_into(
    client: Browser, session: Session, intake: Intake
) -> None:
    intake.take(run("a", "load", outputs=[table("x", "kafka://a:9092"), table("y", "kafka://b:9092")]))
    gone, kept = session.scalars(select(Location).where(Location.type == "kafka").order_by(Location.name)).all()
    gone.merged_into_id = kept.id
    session.commit()

    assert client.get(f"/r/acme/locations/{gone.id}").location == f"/r/acme/locations/{kept.id}"


@pytest.mark.parametrize("url", [f"{LINEAGE}/storages", "/r/acme/locations"])
def test_an_empty_list_says_how_it_fills(client: Browser, url: str) -> None:
    assert "Set up a client" in client.get(url).get_data(as_text=True)


@pytest.mark.usefixtures("story")
def test_lineage_begins_with_what_was_written_and_what_fails(client: Browser) -> None:
    page = client.get(LINEAGE).get_data(as_text=True)

    assert "shop.public.orders" in page.split("Failing checks")[1]
    assert "not_null" in page


def test_lineage_of_an_empty_realm_shows_how_to_send_an_event_here(client: Browser) -> None:
    page = client.get(LINEAGE).get_data(as_text=True)

    assert "curl http://localhost/api/v1/lineage" in page
    assert "OPENLINEAGE_URL=http://localhost" in page


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize("url", [LINEAGE, f"{LINEAGE}/storages", "/r/acme/locations"])
def test_statements_do_not_grow_with_rows(client: Browser, intake: Intake, url: str) -> None:
    few = client.statements(url)
    intake.take(
        *[run(f"m{n}", f"job_{n}", outputs=[table(f"db{n}.public.t{n}", f"mysql://h{n}:3306")]) for n in range(30)]
    )

    assert client.statements(url) == few
