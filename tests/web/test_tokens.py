"""Search tokens: how text divides, and what a real index answers."""

import re
import sqlite3
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.web.tokens import MAX_TOKENS, Term, index_document, lite, post, query_terms, tokens


def asked(q: str) -> str:
    return " AND ".join(lite(term) for term in query_terms(q))


def matches(text: str, q: str) -> bool:
    database = sqlite3.connect(":memory:")
    try:
        database.execute("CREATE VIRTUAL TABLE names USING fts5(tokens, content='', detail='none', tokenize='ascii')")
        database.execute("INSERT INTO names (rowid, tokens) VALUES (1, ?)", (index_document(text),))
        found = database.execute("SELECT rowid FROM names WHERE names MATCH ?", (asked(q),))
        return found.fetchone() is not None
    finally:
        database.close()


def test_words_divide_at_separators_and_humps() -> None:
    assert tokens("shop.public/OrderLine_v2-x:HTTPServer a") == [
        "shop.public/orderline_v2-x:httpserver",
        *("shop", "public", "order", "line", "v2", "x", "http", "server", "orderline", "httpserver"),
        "a",
    ]


@pytest.mark.parametrize(
    "q",
    [
        "customer_orders",
        "CUSTOMER",
        "or",
        "stom",
        "omer_ord",
        "shop.cust",
        "daily shop",
        "rders dail",
        "line",
        "li",
        "orderline",
        "OrderLine",
        '"customer orders"',
        '"daily order line"',
        '"shop"',
        "über",
        "ÜB",
        "berg",
        "100%",
        "%",
        "_",
        "x",
        "zaz",
        "customer_orders.daily",
        '"customer shop',
    ],
)
def test_a_name_is_found(q: str) -> None:
    assert matches("shop.customer_orders.daily OrderLine Überberg 100% x zazz", q)


@pytest.mark.parametrize(
    "q",
    [
        "customer-orders",
        "customerorders",
        "us",
        "s",
        "custom%",
        "cust_mer",
        "orders nothing",
        '"orders customer"',
        '"custom"',
        '"customer daily"',
        "100%5",
        "uber",
        "zz zaq",
        "customer_orders.daily_",
        "*",
        "customer*",
        "OR NOT",
    ],
)
def test_another_name_is_not_found(q: str) -> None:
    assert not matches("shop.customer_orders.daily OrderLine Überberg 100% x zazz", q)


def test_an_underscore_stands_for_itself() -> None:
    assert not matches("userXevents user.events", "user_events")


@pytest.mark.parametrize("q", ["", "  ", '""', '"', '" . "'])
def test_a_query_for_nothing_is_empty(q: str) -> None:
    assert query_terms(q) == []


def test_the_two_engines_are_asked_for_the_same() -> None:
    terms = [*query_terms('orders fo "a b"'), Term("p", prefix=True)]

    assert [lite(term) for term in terms] == ['"gorders"', '"qfo"', '"bazyb"', '"p"*']
    assert [post(term) for term in terms] == ["gorders", "qfo", "bazyb", "p:*"]


def test_long_names_stay_small_and_are_found_at_both_ends() -> None:
    name = "start" + "x9_" * 1362 + "ending"

    assert len(index_document(name)) < 20_000
    assert matches(name, "start")
    assert matches(name, "ending")


def test_a_long_document_is_cut_behind_its_names() -> None:
    document = index_document("orders", " ".join(f"word{n}" for n in range(10_000)))

    assert len(document.split()) == MAX_TOKENS
    assert "porders" in document.split()


@given(st.text(max_size=60))
def test_every_token_is_plain_and_short(text: str) -> None:
    for token in index_document(text).split():
        assert re.fullmatch(r"[pqbgc][a-z0-9]+", token)
        assert len(token) < 2_000


WORD = st.text(st.characters(exclude_categories=["Z", "C"], exclude_characters='"'), min_size=3, max_size=40)


@given(WORD, st.data())
def test_any_three_or_more_characters_inside_a_word_find_it(word: str, data: st.DataObject) -> None:
    word = word.casefold()
    assume(unicodedata.is_normalized("NFKC", word))
    start = data.draw(st.integers(0, max(0, len(word) - 3)))
    end = data.draw(st.integers(start + 3, max(start + 3, len(word))))
    document = index_document(word).split()

    for term in query_terms(word[start:end]):
        assert any(token.startswith(term.token) if term.prefix else token == term.token for token in document)


@given(st.text(max_size=80))
def test_no_query_is_refused_by_the_engine(q: str) -> None:
    if asked(q):
        matches("a name", q)
