"""The page on our API in a real browser: links open what they name, every part is accessible."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.e2e.conftest import Windows

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("demo")]
OPEN_ALL = "document.querySelectorAll('details.endpoint').forEach(one => one.open = true)"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everything_on_it_is_accessible(windows: Windows, theme: str) -> None:
    page = windows.open("/api/docs", color_scheme=theme)
    page.evaluate(OPEN_ALL)

    assert Axe().run(page).violations_count == 0


def test_a_link_opens_the_endpoint_it_names(windows: Windows) -> None:
    page = windows.open("/api/docs#get-lineage-graph")

    assert page.locator("details.endpoint[open]").count() == 1
    assert page.locator("#get-lineage-graph").is_visible()


def test_a_narrow_screen_shows_it_whole(windows: Windows) -> None:
    page = windows.open("/api/docs", viewport={"width": 390, "height": 800})
    page.evaluate(OPEN_ALL)

    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_words_narrow_it_without_script(windows: Windows) -> None:
    page = windows.open("/api/docs", java_script_enabled=False)
    page.get_by_label("Find an endpoint").fill("impact")
    page.get_by_label("Find an endpoint").press("Enter")

    assert "q=impact" in page.url
    assert page.locator("details.endpoint").count() < 5
