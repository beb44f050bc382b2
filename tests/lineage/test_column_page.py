"""The page of one column."""

import re
from html import unescape
from urllib.parse import quote

import pytest

from tests.browser import Browser
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import WAREHOUSE, Json, facet, run, schema, table

BASE = "/r/acme/lineage/datasets"


def edge(table_: str, field: str, **how: str) -> Json:
    """Return an input field of a columnLineage facet."""
    return {"namespace": WAREHOUSE, "name": table_, "field": field, "transformations": [{"type": "DIRECT", **how}]}


def lineage(**columns: list[Json]) -> Json:
    """Return a columnLineage facet."""
    return facet(fields={name: {"inputFields": inputs} for name, inputs in columns.items()})


def text(page: str) -> str:
    """Return the words of a page, blanks evened out."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


@pytest.fixture
def told(intake: Intake) -> None:
    """Raw feeds orders, orders feeds report; the type of a column changed once and a check of it fails."""
    masked = {"subtype": "IDENTITY", "masking": True}
    by_mail = [edge("shop.raw", "mail", **masked), edge("shop.raw", "id")]  # type: ignore[arg-type]
    checks = facet(assertions=[{"assertion": "not_null", "success": False, "column": "email"}])
    old, new = schema("id"), facet(fields=[{"name": "id", "type": "int"}, {"name": "email", "type": "text"}])
    late = facet(fields=[{"name": "id", "type": "int"}, {"name": "email", "type": "varchar", "description": "Where"}])
    first = table("shop.orders", schema=old)
    intake.take(run("r0", "build", outputs=[first]))
    intake.take(run("r1", "build", minute=10, outputs=[table("shop.orders", schema=new)]))
    out = table("shop.orders", schema=late, columnLineage=lineage(email=by_mail))
    intake.take(run("r2", "build", minute=20, inputs=[table("shop.raw")], outputs=[out]))
    up = table("shop.report", columnLineage=lineage(who=[edge("shop.orders", "email", subtype="AGGREGATION")]))
    tested = table("shop.orders") | {"inputFacets": {"dataQualityAssertions": checks}}
    intake.take(run("r3", "report", minute=30, inputs=[tested], outputs=[up]))


@pytest.mark.usefixtures("told")
def test_a_column_tells_its_past_its_sources_and_its_targets(client: Browser, store: Store) -> None:
    page = client.get(f"{BASE}/{store.dataset('shop.orders').id}/column?name=email").get_data(as_text=True)
    words = text(page)

    assert re.search(r"Comes from 2 .*shop\.raw id direct .*shop\.raw mail direct .* build", words)
    assert 'aria-label="masked"' in page
    assert re.search(r"Goes to 1 .*shop\.report who direct aggregation .*report", words)
    assert re.search(r"Over time varchar .* text ", words)
    assert re.search(r"not_null email error", words)
    assert f"graph?start=dataset:{store.dataset('shop.orders').id}&amp;data=column&amp;column=email" in page
    assert f"impact?start=dataset:{store.dataset('shop.orders').id}&amp;column=email" in page


@pytest.mark.usefixtures("told")
def test_the_schema_tab_leads_to_each_column_and_shows_apart_what_is_not_in_the_schema(
    client: Browser, store: Store
) -> None:
    orders = client.get(f"{BASE}/{store.dataset('shop.orders').id}/schema").get_data(as_text=True)
    raw = text(client.get(f"{BASE}/{store.dataset('shop.raw').id}/schema").get_data(as_text=True))

    assert "comes from 2" in text(orders)
    assert "goes to 1" in text(orders)
    assert re.search(r"Not in the schema 2 .* id goes to 1 mail goes to 1", raw)


@pytest.mark.usefixtures("told")
def test_what_people_say_of_a_column_stands_on_its_page(client: Browser, store: Store) -> None:
    page = f"{BASE}/{store.dataset('shop.orders').id}"
    back = {"column": "email", "from": "column"}

    answer = client.post(f"{page}/description", {"text": "The *buyer*", **back})
    client.post(f"{page}/tags", {"key": "pii", **back})

    assert answer.location == f"{page}/column?name=email"
    found = client.get(answer.location).get_data(as_text=True)
    assert "The <em>buyer</em>" in found
    assert "Remove pii" in found


@pytest.mark.usefixtures("told")
def test_a_column_nobody_told_of_is_not_found(client: Browser, store: Store) -> None:
    page = f"{BASE}/{store.dataset('shop.orders').id}/column"

    assert client.get(f"{page}?name=nothing").status_code == 404
    assert client.get(page).status_code == 422
    assert client.get(f"{page}?name={'n' * 5000}").status_code == 422


def test_odd_names_of_columns_survive(client: Browser, intake: Intake, store: Store) -> None:
    name = "a/b?c=1&d \"e\" <f> 'ü'#%"
    fields = facet(fields=[{"name": name, "type": "text"}, {"name": "s", "fields": [{"name": "x", "type": "int"}]}])
    intake.take(run("r", "build", outputs=[table("t", schema=fields)]))
    page = f"{BASE}/{store.dataset('t').id}"

    links = re.findall(r'href="([^"]+/column\?[^"]+)"', client.get(f"{page}/schema").get_data(as_text=True))

    assert client.get(f"{page}/column?name={quote(name)}").status_code == 200
    assert client.get(f"{page}/column?name=s.x").status_code == 200
    assert len(set(links)) == 3
    assert all(client.get(unescape(link)).status_code == 200 for link in links)
