"""The list of datasets."""

import csv
import io
import re

import pytest
from sqlalchemy.orm import Session

from app.realms.models import Realm
from tests.browser import Browser
from tests.factories import make_key, make_user
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import facet, run, table

URL = "/r/acme/lineage/datasets"
NAMES = re.compile(r'class="row-link" href="/r/acme/lineage/datasets/\d+" title="\S+ ([^"]+)"')
OWNERS = facet(owners=[{"name": "team:shop", "type": "DATAOWNER"}])
TAGS = facet(tags=[{"key": "pii", "value": "true", "source": "CATALOG"}])


def names(page: str) -> list[str]:
    return NAMES.findall(page)


def written(number: int) -> list[dict[str, object]]:
    """Return one write of each of so many tables, a minute apart."""
    return [run(f"r{n}", f"load_{n}", minute=n, outputs=[table(f"shop.public.t{n:03}")]) for n in range(number)]


def test_those_written_last_come_first(client: Browser, intake: Intake) -> None:
    intake.take(*written(3), run("x", "read", inputs=[table("shop.public.only_read")]))

    assert names(client.get(URL).get_data(as_text=True)) == [
        "shop.public.t002",
        "shop.public.t001",
        "shop.public.t000",
        "shop.public.only_read",
    ]


def test_every_page_is_reached_once_by_name_and_by_write(client: Browser, intake: Intake) -> None:
    intake.take(*written(7))
    for sort in ("name", "-name", "written", "-written"):
        url, seen = f"{URL}?sort={sort}&limit=2", []
        while url:
            page = client.get(url).get_data(as_text=True)
            seen += names(page)
            found = re.search(r'rel="next" href="([^"]+)"', page)
            url = found[1].replace("&amp;", "&") + "&limit=2" if found else ""
        assert sorted(seen) == [f"shop.public.t{n:03}" for n in range(7)]
        assert seen == sorted(seen, reverse=sort.startswith("-"))


def test_an_alias_is_folded_into_its_canonical_dataset(client: Browser, intake: Intake) -> None:
    link = facet(identifiers=[{"namespace": "hive://meta:9083", "name": "core.orders", "type": "TABLE"}])
    intake.take(run("a", "load", outputs=[table("core/orders", "s3://lake", symlinks=link)]))

    page = client.get(URL).get_data(as_text=True)

    assert names(page) == ["core.orders"]
    assert "known by 2 names" in page
    assert "never" not in page.split("<tbody>")[1].split("</tbody>")[0]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=orders", ["shop.public.orders"]),
        ("q=rder", ["shop.public.orders"]),
        ("platform=kafka", ["events"]),
        ("owner=team:shop", ["shop.public.orders"]),
        ("tag=pii", ["shop.public.orders"]),
        ("state=never_written", ["events"]),
        ("state=never_read", ["shop.public.orders"]),
        ("quality=error", []),
        ("quality=unknown&sort=name", ["events", "shop.public.orders"]),
        ("type=none", []),
    ],
)
def test_filters_leave_what_they_name(client: Browser, intake: Intake, query: str, expected: list[str]) -> None:
    orders = table("shop.public.orders", ownership=OWNERS, tags=TAGS)
    intake.take(run("a", "load", inputs=[table("events", "kafka://broker:9092")], outputs=[orders]))

    page = client.get(f"{URL}?{query}").get_data(as_text=True)

    assert names(page) == expected
    assert ("Nothing matches these filters" in page) is not bool(expected)


def test_a_filter_the_list_has_not_is_refused(client: Browser) -> None:
    assert client.get(f"{URL}?quality=superb").status_code == 422
    assert client.get(f"{URL}?storage=first").status_code == 422


def test_an_empty_realm_is_told_how_datasets_come(client: Browser) -> None:
    assert "No datasets yet" in client.get(URL).get_data(as_text=True)


def test_files_hold_what_the_page_shows(client: Browser, intake: Intake) -> None:
    intake.take(run("a", "load", outputs=[table("shop.public.orders", ownership=OWNERS, counts={"rowCount": 12})]))

    rows = list(csv.DictReader(io.StringIO(client.get(f"{URL}?format=csv").get_data(as_text=True))))
    items = client.get(f"{URL}?format=json").get_json()["items"]

    assert (rows[0]["name"], rows[0]["rows"], rows[0]["writers"]) == ("shop.public.orders", "12", "1")
    assert (items[0]["name"], items[0]["owners"], items[0]["platform"]) == (
        "shop.public.orders",
        ["team:shop"],
        "postgres",
    )


@pytest.mark.parametrize("name", ["<b onclick=x>bold</b>", "a" * 4_000, "naïve/ünï 🎉 %_?#&+:'\"", "=cmd|x"])
def test_any_name_is_text(client: Browser, intake: Intake, store: Store, name: str) -> None:
    intake.take(run("a", "load", outputs=[table(name, "any & <ns>")]))

    for url in (URL, f"{URL}/{store.dataset(name).id}", f"{URL}/{store.dataset(name).id}/lineage"):
        page = client.get(url).get_data(as_text=True)
        assert "<b " not in page
    assert client.get(f"{URL}?format=json").get_json()["items"][0]["name"] == name


def test_statements_do_not_grow_with_rows(client: Browser, intake: Intake) -> None:
    intake.take(*written(2))
    few = client.statements(URL)
    intake.take(*[run(f"m{n}", f"more_{n}", outputs=[table(f"shop.more.t{n}")]) for n in range(40)])

    assert client.statements(URL) == few <= 11


def test_another_realm_sees_nothing_of_it(visitor: Browser, stranger: object, intake: Intake, store: Store) -> None:
    intake.take(*written(1))
    other = visitor.as_(stranger)  # type: ignore[arg-type]

    assert names(other.get("/r/globex/lineage/datasets").get_data(as_text=True)) == []
    assert other.get(f"/r/globex/lineage/datasets/{store.dataset('shop.public.t000').id}").status_code == 404


def test_a_program_gets_the_same_list(client: Browser, intake: Intake, session: Session, realm: Realm) -> None:
    intake.take(*written(3))
    _, key = make_key(session, make_user(session, "robot", realm, "lineage.read"), realm, "lineage.read")

    first = client.api("GET", "/api/v1/lineage/datasets?limit=2", key).get_json()
    second = client.api("GET", f"/api/v1/lineage/datasets?limit=2&after={first['next']}", key).get_json()

    assert [item["name"] for item in first["items"] + second["items"]] == [f"shop.public.t{n:03}" for n in (2, 1, 0)]
    assert second["next"] is None
