"""Whole numbers as URLs write them."""

import pytest

from app.web.listing import MOST_ROWS
from app.web.whole import whole
from tests.browser import Browser


@pytest.mark.parametrize(
    ("text", "number"), [("0", 0), ("7", 7), ("007", 7), ("200", 200), ("0" * 5_000 + "9", 9), ("0" * 5_000, 0)]
)
def test_digits_are_a_number(text: str, number: int) -> None:
    assert whole(text, 200) == number


@pytest.mark.parametrize("text", ["", "-1", "+1", " 1", "1.0", "1_0", "1e2", "٣", "²", "201", "9" * 5_000])
def test_other_text_and_too_much_are_none(text: str) -> None:
    assert whole(text, 200) is None


@pytest.mark.parametrize("limit", ["0", "201", "00000000100000", "0" * 9 + "9" * 30, "0" * 20 + "9" * 4_400])
def test_no_way_of_writing_it_asks_for_a_longer_page(client: Browser, limit: str) -> None:
    answer = client.get(f"/r/acme/changes?limit={limit}")

    assert answer.status_code == 422
    assert f"from 1 to {MOST_ROWS}" in answer.get_data(as_text=True)
