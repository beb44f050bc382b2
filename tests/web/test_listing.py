"""Lists: what the URL says, keyset pages in both directions, exports."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.changes.models import Change
from app.realms.models import Realm
from app.refusal import Refused
from app.web import export as export_module
from app.web import keyset as keyset_module
from app.web.cursor import Cursor
from app.web.export import cell
from app.web.keyset import Page, keyset
from app.web.listing import Listing
from tests import factories
from tests.browser import Browser

URL = "/r/acme/changes"
SORTS = {"at": Change.at, "request": Change.request_id}


def walk(session: Session, listing: Listing, **kwargs: Any) -> list[Page[Any]]:
    """Return all pages forwards."""
    pages = [keyset(select(Change), listing, SORTS, session=session, **kwargs)]
    while pages[-1].next:
        pages.append(keyset(select(Change), listing.starting(pages[-1].next), SORTS, session=session, **kwargs))
    return pages


@pytest.mark.parametrize("sort", ["at", "-at", "request", "-request"])
def test_pages_forwards_and_backwards_show_every_row_once(session: Session, realm: Realm, sort: str) -> None:
    now = datetime.now(UTC)
    factories.make_changes(session, realm, 7, at=now)
    factories.make_changes(session, realm, 5, request_id="a")
    factories.make_changes(session, realm, 4, request_id="b")
    listing = Listing("/x", sort=sort, default_sort=sort, limit=3)

    pages = walk(session, listing)
    seen = [row.id for page in pages for row in page]

    assert len(seen) == len(set(seen)) == 16
    place = pages[-1]
    back = [place]
    while back[0].prev:
        earlier = Listing("/x", sort=sort, default_sort=sort, limit=3, cursor=back[0].prev, direction="before")
        back.insert(0, keyset(select(Change), earlier, SORTS, session=session))
    assert [row.id for page in back for row in page] == seen
    assert pages[0].prev is None


def test_nulls_come_last_both_ways(session: Session, realm: Realm) -> None:
    factories.make_changes(session, realm, 3, request_id="a")
    factories.make_changes(session, realm, 3)

    for sort in ("request", "-request"):
        rows = [row for page in walk(session, Listing("/x", sort=sort, limit=2)) for row in page]
        assert [row.request_id for row in rows] == ["a"] * 3 + [None] * 3


def test_a_search_stops_after_its_budget_and_goes_on_there(
    session: Session, realm: Realm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyset_module, "EXAMINED", 10)
    factories.make_changes(session, realm, 25)
    rare = [Change.label == "App 0"]

    pages = walk(session, Listing("/x", sort="-at", limit=5), rest=rare)

    assert [len(page) for page in pages] == [0, 0, 1]
    assert pages[0].note.startswith("Searched back to 20")
    assert pages[2].note == ""


def test_rows_that_arrive_while_paging_make_no_double_and_no_gap(session: Session, realm: Realm) -> None:
    factories.make_changes(session, realm, 10, at=datetime.now(UTC) - timedelta(days=1))
    listing = Listing("/x", sort="-at", limit=6)
    first = keyset(select(Change), listing, SORTS, session=session)
    factories.make_changes(session, realm, 5)

    second = keyset(select(Change), listing.starting(first.next), SORTS, session=session)

    assert len({row.id for row in (*first, *second)}) == 10


@given(st.text(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
def test_a_cursor_that_is_not_ours_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="place in the list"):
        Cursor.decode(text, "at").read((Change.at, Change.id))


@given(st.datetimes(timezones=st.just(UTC)), st.integers(-(2**63), 2**63 - 1))
def test_a_cursor_comes_back_as_it_was(at: datetime, key: int) -> None:
    text = Cursor.of("at", (at, key)).encode()
    assert Cursor.decode(text, "at").read((Change.at, Change.id)) == (at, key)


@pytest.mark.parametrize("query", ["sort=nosuch", "after=x", "format=pdf", "limit=0", "limit=201", f"q={'n' * 1001}"])
def test_a_list_refuses_what_it_does_not_know(client: Browser, query: str) -> None:
    assert client.get(f"{URL}?{query}").status_code == 422


def test_chips_name_what_narrows_and_take_it_away(app: Flask) -> None:
    with app.test_request_context("/r/acme/changes?q=x&who=ann&sort=at&after="):
        from flask import request

        listing = Listing.from_args(request.args, sorts=("-at", "at"), filters=("who",))
    assert listing.chips == [
        ("“x”", "/r/acme/changes?who=ann&sort=at"),
        ("who: ann", "/r/acme/changes?q=x&sort=at"),
    ]
    assert listing.clear_url == "/r/acme/changes?sort=at"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_a_cell_never_becomes_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"
    assert cell(-1) == "-1"


def test_several_names_are_text_in_one_cell() -> None:
    assert cell(["team:core", "ana"]) == "team:core; ana"
    assert cell(["=1+1"]) == "'=1+1"
    assert cell([]) == ""
    assert cell([{"a": 1}]) == '[{"a": 1}]'


def test_csv_holds_every_row_the_filter_shows(client: Browser, session: Session, realm: Realm) -> None:
    factories.make_changes(session, realm, 1_203, who="ann", label='=HYPERLINK("x"), "y"\nz')
    factories.make_changes(session, realm, 3, who="bob")

    answer = client.get(f"{URL}?who=ann&format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))

    assert len(rows) == 1_203
    assert rows[0]["label"] == '\'=HYPERLINK("x"), "y"\nz'
    assert answer.text.startswith("id,at,who,")
    assert "\r\n" in answer.text


def test_an_export_that_stops_says_where_to_go_on(
    client: Browser, session: Session, realm: Realm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_module, "MOST_ROWS", 1_000)
    factories.make_changes(session, realm, 1_001)

    last = client.get(f"{URL}?format=csv").text.splitlines()[-1]
    rest = client.get(re.search(r'/r/acme/changes\?[^"]+', last)[0])  # type: ignore[index]

    assert last.startswith('"# stopped after 1,000 rows')
    assert rest.mimetype == "text/csv"
    assert len(rest.text.splitlines()) == 2


def test_a_json_search_with_empty_stretches_is_whole(
    client: Browser, session: Session, realm: Realm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keyset_module, "EXAMINED", 3)
    factories.make_changes(session, realm, 20)

    answer = client.get(f"{URL}?format=json&q=App+1").get_json()

    assert [item["label"] for item in answer["items"]] == [f"App {n}" for n in (*range(19, 9, -1), 1)]


@pytest.mark.parametrize("number", [0, 1, 1_000, 1_001])
def test_json_holds_every_row_and_says_there_are_no_more(
    client: Browser, session: Session, realm: Realm, number: int
) -> None:
    factories.make_changes(session, realm, number, who="ann") if number else None

    answer = client.get(f"{URL}?who=ann&format=json").get_json()

    assert len(answer["items"]) == number
    assert answer["next"] is None
