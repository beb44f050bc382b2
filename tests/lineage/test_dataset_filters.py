"""Filters of the list of datasets: several values, what is computed, and what is found often."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.db import utcnow
from app.lineage.queries import listing as queries
from app.lineage.reads import listing as reads
from app.realms.models import Realm
from tests.browser import Browser
from tests.factories import make_key, make_user
from tests.lineage.intake import Intake
from tests.lineage.openlineage_events import facet, run, schema, table

URL = "/r/acme/lineage/datasets"
NAMES = re.compile(r'class="row-link" href="/r/acme/lineage/datasets/\d+" title="\S+ ([^"]+)"')
ALIAS = facet(identifiers=[{"namespace": "hive://meta:9083", "name": "core.orders", "type": "TABLE"}])


def names(client: Browser, query: str) -> list[str]:
    return sorted(NAMES.findall(client.get(f"{URL}?{query}").get_data(as_text=True)))


def owned(name: str) -> dict[str, object]:
    return facet(owners=[{"name": name}])


def tagged(*keys: str) -> dict[str, object]:
    return facet(tags=[{"key": key} for key in keys])


def writes(name: str, days: list[float], **facets: Any) -> list[dict[str, Any]]:
    """Return a completed write of a table so many days ago, each."""
    now = utcnow()
    return [
        run(
            f"{name}{n}",
            f"load_{name}",
            outputs=[table(name, **facets)],
            eventTime=(now - timedelta(days=d)).isoformat(),
        )
        for n, d in enumerate(days)
    ]


@pytest.fixture
def shop(intake: Intake) -> None:
    """Three tables of two owners, of which one has another name, and a topic."""
    lake = table("lake/orders", "s3://lake", symlinks=ALIAS, ownership=owned("team:lake"), tags=tagged("raw"))
    intake.take(
        run("a", "one", outputs=[table("shop.orders", ownership=owned("team:shop"), tags=tagged("pii", "gold"),
                                       schema=schema("id", "customerEmail"))]),
        run("b", "two", minute=1, outputs=[table("shop.items", ownership=owned("team:shop"), schema=schema("weight"))]),
        run("c", "three", minute=2, inputs=[table("clicks", "kafka://broker:9092")], outputs=[lake]),
    )  # fmt: skip


CASES = [
    ("owner=team:shop", ["shop.items", "shop.orders"]),
    ("owner=team:shop&owner=team:lake", ["core.orders", "shop.items", "shop.orders"]),
    ("owner=team:shop&tag=pii", ["shop.orders"]),
    ("tag=raw&tag=gold", ["core.orders", "shop.orders"]),
    ("platform=kafka&platform=hive", ["clicks", "core.orders"]),
    ("column=email", ["shop.orders"]),
    ("column=customerEmail&column=weight", ["shop.items", "shop.orders"]),
    ("column=nothing", []),
    ("q=lake", ["core.orders"]),
    ("q=owner:shop+column:weight", ["shop.items"]),
    ("q=orders&owner=team:shop", ["shop.orders"]),
    ("state=never_written&state=dropped", ["clicks"]),
    ("unused=1&state=never_read", ["core.orders", "shop.items", "shop.orders"]),
    ("unused=0&owner=team:lake", ["core.orders"]),
    ("quality=unknown&quality=ok&tag=pii", ["shop.orders"]),
    ("freshness=unknown", ["clicks", "core.orders", "shop.items", "shop.orders"]),
    ("freshness=late&freshness=fresh", []),
]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(("query", "expected"), CASES)
def test_values_are_alternatives_and_filters_hold_together(client: Browser, query: str, expected: list[str]) -> None:
    assert names(client, query) == expected


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(("query", "expected"), CASES)
def test_what_is_found_often_is_found_the_same(
    client: Browser, monkeypatch: pytest.MonkeyPatch, query: str, expected: list[str]
) -> None:
    monkeypatch.setattr(queries, "MOST_HITS", 0)

    assert names(client, query) == expected


@pytest.mark.usefixtures("shop")
def test_a_chip_takes_one_of_several_values_away(client: Browser) -> None:
    page = client.get(f"{URL}?owner=team:shop&owner=team:lake").get_data(as_text=True)

    chips = re.findall(r'class="chip" href="([^"]+)"[^>]*>([^<]+)', page)
    assert [(url.rpartition("?")[2], text) for url, text in chips] == [
        ("owner=team%3Alake", "owner: team:shop"),
        ("owner=team%3Ashop", "owner: team:lake"),
    ]
    assert page.count("checked>") == 2


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    "query", ["freshness=old", "unused=soon", "unused=99999", "location=x", "state=late&state=dropped"]
)
def test_a_value_the_filter_has_not_is_refused(client: Browser, query: str) -> None:
    assert client.get(f"{URL}?{query}").status_code == 422


def test_freshness_is_that_of_the_moment(client: Browser, intake: Intake) -> None:
    daily = [float(day) for day in range(20)]
    intake.take(*writes("punctual", daily), *writes("late", [day + 4 for day in daily]), *writes("rare", [1, 2]))

    assert names(client, "freshness=late") == ["late"]
    assert names(client, "freshness=fresh") == ["punctual"]
    assert names(client, "freshness=unknown") == ["rare"]
    assert names(client, "freshness=late&freshness=unknown") == ["late", "rare"]


@pytest.mark.parametrize("sort", ["name", "-name", "written", "-written"])
def test_pages_by_freshness_have_no_gap_and_no_double(
    client: Browser, intake: Intake, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    monkeypatch.setattr(reads, "CHUNK", 2)
    intake.take(*[run(f"r{n}", f"j{n}", minute=n, outputs=[table(f"t{n}")]) for n in range(7)])
    url, seen, last = f"{URL}?freshness=unknown&sort={sort}", [], ""
    url = f"{url}&limit=3"
    while url:
        page = client.get(url).get_data(as_text=True)
        seen += NAMES.findall(page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        last, url = page, found[1].replace("&amp;", "&") + "&limit=3" if found else ""
    before = re.search(r'rel="prev" href="([^"]+)"', last)

    assert seen == sorted((f"t{n}" for n in range(7)), reverse=sort.startswith("-"))
    assert before
    assert NAMES.findall(client.get(before[1].replace("&amp;", "&") + "&limit=3").get_data(as_text=True)) == seen[3:6]


@pytest.mark.usefixtures("shop")
def test_files_and_programs_get_what_the_filters_show(client: Browser, session: Session, realm: Realm) -> None:
    _, key = make_key(session, make_user(session, "robot", realm, "lineage.read"), realm, "lineage.read")
    query = "freshness=unknown&owner=team:shop&sort=name"

    listed = client.api("GET", f"/api/v1/lineage/datasets?{query}", key).get_json()["items"]

    assert [row["name"] for row in listed] == ["shop.items", "shop.orders"]
    assert client.get(f"{URL}?{query}&format=json").get_json()["items"] == listed
    assert client.get(f"{URL}?{query}&format=csv").get_data(as_text=True).count("\r\n") == 3


@pytest.mark.usefixtures("shop")
def test_a_place_is_named_where_the_list_is_narrowed_to_it(client: Browser) -> None:
    page = client.get(f"{URL}?q=clicks").get_data(as_text=True)
    storage = re.search(r"/lineage/storages/(\d+)", page)

    assert storage
    assert "storage: broker:9092" in client.get(f"{URL}?storage={storage[1]}").get_data(as_text=True)
    assert names(client, f"storage={storage[1]}") == ["clicks"]
