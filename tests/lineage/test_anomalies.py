"""Writes that bring more or fewer rows than usual."""

import re
from typing import Any

import pytest

from app.lineage.reads.writes import oddness
from tests.browser import Browser
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import run, table

BASE = "/r/acme/lineage/datasets"
EVEN = [100, 110, 120, 130, 140, 150, 160, 170, 180, 190, 200]  # Q1 125, Q3 175: from -25 to 325


def writes(*rows: int, start: int = 0) -> list[dict[str, Any]]:
    """Return daily runs that write so many rows."""
    return [
        run(f"r{day}", "load", minute=day * 1440, outputs=[table("t", counts={"rowCount": number})])
        for day, number in enumerate(rows, start)
    ]


@pytest.mark.parametrize(
    ("before", "value", "words"),
    [
        (EVEN, 325, ""),
        (EVEN, 326, "far more rows than usual"),
        ([value + 1_000 for value in EVEN], 975, ""),
        ([value + 1_000 for value in EVEN], 974, "far fewer rows than usual"),
        ([41] * 10, 42, ""),
        ([41] * 10, 43, "far more rows than usual"),
        (EVEN[:9], 10_000, ""),
        ([5] * 10, 0, "no rows for the first time"),
        ([5], 0, "no rows for the first time"),
        ([*range(0, 100, 9)], 0, ""),
        ([], 0, ""),
    ],
)
def test_the_rule_holds_to_its_edges(before: list[int], value: int, words: str) -> None:
    assert oddness(before, value) == words


def test_fewer_rows_than_expected_are_flagged_whatever_is_usual() -> None:
    assert oddness([], 99, 100) == "fewer rows than the 100 expected"
    assert oddness([], 100, 100) == ""


def test_a_flag_stands_in_the_chart_the_table_and_on_the_overview(
    client: Browser, intake: Intake, store: Store
) -> None:
    intake.take(*writes(*EVEN, 5_000))
    page = f"{BASE}/{store.dataset('t').id}"

    overview = client.get(page).get_data(as_text=True)
    history = client.get(f"{page}/history").get_data(as_text=True)

    assert "the last write brought 5,000 rows, far more rows than usual" in overview
    assert overview.count('class="warn hollow"') == 1
    assert re.search(r"<tbody>.*?far more rows than usual", history, re.DOTALL)
    assert history.count("far more rows than usual") == 3


def test_an_expectation_of_rows_flags_and_shows_its_line(client: Browser, intake: Intake, store: Store) -> None:
    intake.take(*writes(50, 60, 40))
    page = f"{BASE}/{store.dataset('t').id}"
    client.post(f"{page}/expectation", {"min_rows": "50", "unit": "60"})

    assert "fewer rows than the 50 expected" in client.get(page).get_data(as_text=True)
    assert 'class="least"' in client.get(f"{page}/history").get_data(as_text=True)


def test_a_page_beyond_the_chart_is_flagged_by_the_writes_before_it(
    client: Browser, intake: Intake, store: Store
) -> None:
    intake.take(*writes(*[100] * 20, 900, *[100] * 130))
    url = f"{BASE}/{store.dataset('t').id}/history?sort=at&limit=30"

    page = client.get(url).get_data(as_text=True)

    assert page.count("far more rows than usual") == 1
