"""The page of a dataset, tab by tab."""

import re
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.changes.models import Change
from app.lineage.models import Symlink
from app.realms.models import Realm
from tests.browser import Browser
from tests.factories import make_key, make_user
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import WAREHOUSE, facet, run, schema, table

URL = "/r/acme/lineage/datasets"
TABS = ("", "/schema", "/history", "/quality", "/runs", "/lineage", "/facets", "/events", "/changes")
ALIAS = facet(identifiers=[{"namespace": "hive://meta:9083", "name": "core.orders", "type": "TABLE"}])


def text(page: str) -> str:
    """Return the words of a page, blanks evened out."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def column(name: str, *sources: tuple[str, str], **how: Any) -> dict[str, Any]:
    """Return an entry of a columnLineage facet."""
    inputs = [{"namespace": WAREHOUSE, "name": table_, "field": field, **how} for table_, field in sources]
    return {name: {"inputFields": inputs}}


def nightly(days: int = 5, rows: int = 100) -> list[dict[str, Any]]:
    """Return daily runs that read raw and write orders."""
    lineage = facet(
        fields=column("total", ("shop.raw", "price"), transformations=[{"type": "DIRECT", "subtype": "SUM"}])
    )
    out = table("shop.orders", schema=schema("id", "total"), columnLineage=lineage, counts={"rowCount": rows})
    return [
        run(
            f"night-{day}",
            "build",
            minute=day * 1440,
            inputs=[table("shop.raw", schema=schema("price"))],
            outputs=[out],
        )
        for day in range(days)
    ]


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_opens_for_a_busy_dataset_and_for_one_that_was_only_named(
    client: Browser, intake: Intake, store: Store, tab: str
) -> None:
    intake.take(*nightly(), run("x", "load", outputs=[table("shop.alias", "s3://lake", symlinks=ALIAS)]))

    for name in ("shop.orders", "shop.raw", "core.orders"):
        answer = client.get(f"{URL}/{store.dataset(name).id}{tab}")
        assert answer.status_code == 200
        assert name in answer.get_data(as_text=True)


def test_the_overview_says_how_it_is_and_what_stands_around_it(client: Browser, intake: Intake, store: Store) -> None:
    intake.take(
        *nightly(), run("r", "report", minute=9000, inputs=[table("shop.orders")], outputs=[table("shop.report")])
    )

    page = text(client.get(f"{URL}/{store.dataset('shop.orders').id}").get_data(as_text=True))

    assert "100 rows last" in page
    assert "every 1 d" in page
    assert "late" in page
    assert re.search(r"Comes from 1 shop\.raw build", page)
    assert re.search(r"Feeds 1 shop\.report report", page)


def test_an_alias_leads_to_the_canonical_page_and_says_which_name_was_used(
    client: Browser, intake: Intake, store: Store
) -> None:
    intake.take(run("x", "load", outputs=[table("lake/orders", "s3://lake", symlinks=ALIAS)]))
    alias, home = store.dataset("lake/orders").id, store.dataset("core.orders").id

    answer = client.get(f"{URL}/{alias}/schema")

    assert (answer.status_code, answer.location) == (303, f"/r/acme/lineage/datasets/{home}/schema?as={alias}")
    assert "You came by another name" in client.get(answer.location).get_data(as_text=True)


def test_two_names_are_taken_apart_at_once_and_the_log_says_why(
    client: Browser, intake: Intake, store: Store, session: Session
) -> None:
    intake.take(run("x", "load", outputs=[table("lake/orders", "s3://lake", symlinks=ALIAS)]))
    link, home = session.scalars(select(Symlink)).one(), store.dataset("core.orders").id
    url = f"{URL}/{home}/symlinks/{link.id}/suppression"

    assert client.post(url, {"why": " "}).status_code == 422
    assert client.post(url, {"why": "another system"}).status_code == 303

    assert store.dataset("lake/orders").alias_for_dataset_id is None
    assert session.scalars(select(Symlink.suppressed_why)).all() == ["another system"]
    assert session.scalars(
        select(Change.label).where(Change.verb == "dataset.unlinked").order_by(Change.label)
    ).all() == [
        "core.orders",
        "lake/orders",
    ]
    assert client.post(url, {"why": "again"}).status_code == 409
    assert "Taken apart by owner" in client.get(f"{URL}/{home}").get_data(as_text=True)


def test_reading_lineage_does_not_allow_taking_names_apart(
    visitor: Browser, intake: Intake, store: Store, session: Session, realm: Realm
) -> None:
    intake.take(run("x", "load", outputs=[table("lake/orders", "s3://lake", symlinks=ALIAS)]))
    reader = visitor.as_(make_user(session, "reader", realm, "lineage.read"))
    home = store.dataset("core.orders").id

    assert "This is wrong" not in reader.get(f"{URL}/{home}").get_data(as_text=True)
    assert reader.post(f"{URL}/{home}/symlinks/1/suppression", {"why": "no"}).status_code == 403


def test_the_schema_tab_compares_two_versions(client: Browser, intake: Intake, store: Store) -> None:
    for minute, names in enumerate((("id", "name"), ("id", "name", "age"))):
        intake.take(run(f"r{minute}", "load", minute=minute, outputs=[table("shop.people", schema=schema(*names))]))
    url = f"{URL}/{store.dataset('shop.people').id}/schema"

    found = re.search(r'href="([^"]+against=\d+)"', client.get(url).get_data(as_text=True))

    assert found
    page = text(client.get(found[1].replace("&amp;", "&")).get_data(as_text=True))
    assert re.search(r"age added — int", page)


def test_the_quality_tab_lists_what_fails_first(client: Browser, intake: Intake, store: Store) -> None:
    checks = facet(
        assertions=[
            {"assertion": "unique", "success": True, "column": "id"},
            {"assertion": "not_null", "success": False, "column": "id", "severity": "warn"},
            {"assertion": "in_set", "success": False, "column": "state", "expected": "3", "actual": "9"},
        ]
    )
    intake.take(run("t", "test", inputs=[table("shop.orders") | {"inputFacets": {"dataQualityAssertions": checks}}]))

    page = text(client.get(f"{URL}/{store.dataset('shop.orders').id}/quality").get_data(as_text=True))

    assert re.search(r"in_set state .*error 3 9.* not_null id .*warn .* unique id .*ok", page)


def test_the_lineage_tab_tells_where_each_column_comes_from(client: Browser, intake: Intake, store: Store) -> None:
    intake.take(*nightly())

    orders = text(client.get(f"{URL}/{store.dataset('shop.orders').id}/lineage").get_data(as_text=True))
    raw = text(client.get(f"{URL}/{store.dataset('shop.raw').id}/lineage").get_data(as_text=True))

    assert re.search(r"total shop\.raw price sum", orders)
    assert re.search(r"price — shop\.orders total sum", raw)


def test_the_history_is_listed_charted_and_exported(client: Browser, intake: Intake, store: Store) -> None:
    intake.take(*nightly(12), *nightly(1, rows=1))
    url = f"{URL}/{store.dataset('shop.orders').id}/history"

    page = client.get(url).get_data(as_text=True)
    items = client.get(f"{url}?format=json").get_json()["items"]

    assert page.count('class="row-link"') == len(items) == 12
    assert [items[0]["rows"], items[0]["status"]] == [100, "completed"]
    assert "<desc>Last 12 writes" in page
    assert "row-link" in client.region(url, "results").get_data(as_text=True)


def test_a_facet_of_ones_own_is_kept_and_opened_on_demand(client: Browser, intake: Intake, store: Store) -> None:
    intake.take(run("r", "load", outputs=[table("shop.orders", house_rules=facet(rules=[{"name": "<no> pets"}]))]))
    url = f"{URL}/{store.dataset('shop.orders').id}/facets"

    assert "pets" not in client.get(url).get_data(as_text=True)
    assert "&lt;no&gt; pets" in client.get(f"{url}?name=house_rules").get_data(as_text=True)
    assert "No facet of that name" in client.get(f"{url}?name=none").get_data(as_text=True)


def test_readers_and_writers_are_told_apart(client: Browser, intake: Intake, store: Store) -> None:
    intake.take(*nightly(3), run("r", "report", minute=9000, inputs=[table("shop.orders")]))

    page = text(client.get(f"{URL}/{store.dataset('shop.orders').id}/runs").get_data(as_text=True))

    assert re.search(r"Writers 1 .* build .* 3 300 .*Readers 1 .* report ", page)


def test_statements_do_not_grow_with_writes(client: Browser, intake: Intake, store: Store) -> None:
    intake.take(*nightly(2))
    urls = [f"{URL}/{store.dataset('shop.orders').id}{tab}" for tab in TABS]
    few = [client.statements(url) for url in urls]
    intake.take(*nightly(30))

    assert [client.statements(url) for url in urls] == few


def test_what_is_not_there_is_not_found(client: Browser) -> None:
    assert client.get(f"{URL}/4711").status_code == 404


def test_a_program_reads_a_dataset_by_any_of_its_names(
    client: Browser, intake: Intake, store: Store, session: Session, realm: Realm
) -> None:
    intake.take(*nightly(), run("x", "load", outputs=[table("lake/orders", "s3://lake", symlinks=ALIAS)]))
    _, key = make_key(session, make_user(session, "robot", realm, "lineage.read"), realm, "lineage.read")
    orders, alias = store.dataset("shop.orders").id, store.dataset("lake/orders").id

    told = client.api("GET", f"/api/v1/lineage/datasets/{orders}", key).get_json()
    by_alias = client.api("GET", f"/api/v1/lineage/datasets/{alias}", key).get_json()

    assert (told["name"], told["freshness"], [field["path"] for field in told["fields"]]) == (
        "shop.orders",
        "late",
        ["id", "total"],
    )
    assert [name["name"] for name in by_alias["names"]] == ["core.orders", "lake/orders"]
    for part in ("schemas", "interactions", "quality", "symlinks", "columns"):
        assert "items" in client.api("GET", f"/api/v1/lineage/datasets/{orders}/{part}", key).get_json()
    assert client.api("GET", "/api/v1/lineage/datasets/4711", key).status_code == 404


def test_a_program_reads_columns_interactions_and_checks_whole(
    client: Browser, intake: Intake, store: Store, session: Session, realm: Realm
) -> None:
    checks = facet(assertions=[{"assertion": "unique", "success": False, "column": "id"}])
    tested = table("shop.orders") | {"inputFacets": {"dataQualityAssertions": checks}}
    intake.take(*nightly(2), run("t", "test", minute=9000, inputs=[tested]))
    _, key = make_key(session, make_user(session, "robot", realm, "lineage.read"), realm, "lineage.read")
    base = f"/api/v1/lineage/datasets/{store.dataset('shop.orders').id}"

    def told(part: str) -> list[dict[str, Any]]:
        return list(client.api("GET", f"{base}/{part}", key).get_json()["items"])

    assert [(one["column"], one["type"], len(one["sources"])) for one in told("columns")] == [
        ("id", "int", 0),
        ("total", "int", 1),
    ]
    assert [one["direction"] for one in told("interactions")] == ["input", "output", "output"]
    assert [one["job"] for one in told("interactions?direction=input")] == ["test"]
    assert told("quality")[0]["results"][0]["success"] is False
    assert told("schemas")[0]["job"] == "build"
    assert client.api("GET", f"{base}/interactions?direction=up", key).status_code == 422


def test_jobs_that_read_and_write_say_so_and_times_ahead_of_the_clock_are_marked(
    client: Browser, intake: Intake, store: Store
) -> None:
    both: dict[str, Any] = {"inputs": [table("shop.state")], "outputs": [table("shop.state")]}
    intake.take(run("r", "merge", **both), run("f", "merge", **both, eventTime="2099-01-01T00:00:00Z"))
    page = f"{URL}/{store.dataset('shop.state').id}"

    assert "reads and writes" in client.get(f"{page}/runs").get_data(as_text=True)
    assert "clock ahead" in client.get(page).get_data(as_text=True)
    assert client.get(f"{page}/events").get_data(as_text=True).count("clock ahead") == 2


@pytest.mark.parametrize("tab", [tab for tab in TABS if tab != "/lineage"])
def test_no_tab_takes_more_than_twelve_statements(client: Browser, intake: Intake, store: Store, tab: str) -> None:
    checks = facet(assertions=[{"assertion": "unique", "success": True, "column": "id"}])
    tested = table("shop.orders") | {"inputFacets": {"dataQualityAssertions": checks}}
    intake.take(*nightly(4), run("t", "test", minute=9000, inputs=[tested], outputs=[table("shop.report")]))

    # Three more begin the transaction, find the person, and fill the list of realms.
    assert client.statements(f"{URL}/{store.dataset('shop.orders').id}{tab}") <= 12 + 3
