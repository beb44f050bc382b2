"""What every list of the house can do, whichever slice it is of; lists are found by their filters."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.realms.models import Realm
from tests import house
from tests.browser import Browser
from tests.databases import Database
from tests.lineage.populated import populate

MOST_PAGES = 60
ORDER = re.compile(r'href="([^"]*[?&;]sort=[^"]*)"')
NEXT = re.compile(r'rel="next" href="([^"]+)"')
ROWS = re.compile(r"<tbody[^>]*>(.*?)</tbody>", re.DOTALL)


def lists(app: Flask, client: Browser, realm: Realm) -> Iterator[tuple[str, str]]:
    """Return address and page of every list of a realm."""
    found = 0
    for rule, _mark in house.routes(app):
        if rule.rule.startswith("/r/") and not rule.arguments - {"realm"} and house.method_of(rule) == "GET":
            url = house.url_for(app, rule, {"realm": realm.shortname})
            page = client.client.get(url, buffered=True)
            if page.mimetype == "text/html" and "data-filters" in page.text:
                found += 1
                yield url, page.text
    assert found > 20


# What a list offers beside its rows does not depend on the database.
@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
def test_every_list_has_files_views_and_two_empty_states(app: Flask, client: Browser, realm: Realm) -> None:
    for url, page in lists(app, client, realm):
        assert client.get(f"{url}?format=csv").mimetype == "text/csv", url
        assert "items" in (client.get(f"{url}?format=json").get_json() or {}), url
        assert 'id="saved"' in page, url
        nothing = client.client.get(f"{url}?q=zzzzz").text
        assert "Nothing matches these filters" in nothing, url
        assert not ROWS.search(page) or "Nothing matches" not in page, url


def test_every_list_is_sorted_both_ways_and_its_pages_show_each_row_once(
    app: Flask, client: Browser, database: Database, session: Session, realm: Realm
) -> None:
    populate(database, session, realm)
    for url, page in lists(app, client, realm):
        for order in {"", *(unescape(way).partition("sort=")[2].partition("&")[0] for way in ORDER.findall(page))}:
            asked = f"{url}?limit=1{'&sort=' + order if order else ''}"
            items = client.client.get(f"{asked}&format=json", buffered=True).get_json()["items"]
            assert sum(map(rows_of, pages(client, asked))) == len(items), asked
            assert items or url.endswith("/keys"), url


def pages(client: Browser, url: str) -> Iterator[str]:
    """Return a list's pages, from the first on."""
    for _page in range(MOST_PAGES):
        page = client.client.get(url).text
        yield page
        if not (way := NEXT.search(page)):
            break
        url = unescape(way[1])


def rows_of(page: str) -> int:
    """Return how many rows a page shows."""
    return sum(body.count("<tr") for body in ROWS.findall(page.partition('id="results"')[2]))
