"""All of it without a mouse: skip link, shortcuts, rows, themes."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Windows

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("demo")]
LIST = "/r/demo/lineage/datasets"


@pytest.fixture
def page(windows: Windows) -> Page:
    """A list, with the keyboard ready."""
    page = windows.open(LIST)
    expect(page.locator("[data-keys]")).to_be_visible()
    return page


def test_the_first_tab_offers_to_skip_to_the_content(page: Page) -> None:
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")

    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_a_slash_goes_to_the_search(page: Page) -> None:
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("orders")
    page.keyboard.press("Enter")

    page.wait_for_url("**/r/demo/search?q=orders*")
    expect(page.locator("main")).to_contain_text("orders")


def test_letters_typed_in_a_field_are_text(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("?gjk")

    expect(page.locator("#search")).to_have_value("?gjk")
    expect(page.locator("#keys")).to_be_hidden()


def test_a_question_mark_shows_the_shortcuts_and_escape_closes_them(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()

    page.keyboard.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()


@pytest.mark.parametrize(
    ("letter", "address"), [("o", "**/r/demo/overview"), ("l", "**/r/demo/lineage*"), ("j", "**/r/demo/jobs*")]
)
def test_g_and_a_letter_go_to_a_section(page: Page, letter: str, address: str) -> None:
    page.goto("/r/demo/changes")
    expect(page.locator("[data-keys]")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press(letter)

    page.wait_for_url(address)


def test_j_and_k_walk_the_rows_and_enter_opens_one(page: Page) -> None:
    rows = page.locator("main tbody tr")
    first, second = (rows.nth(place).get_by_role("link").first for place in (0, 1))

    page.keyboard.press("j")
    expect(first).to_be_focused()
    page.keyboard.press("j")
    expect(second).to_be_focused()
    page.keyboard.press("k")
    expect(first).to_be_focused()
    name = first.get_attribute("href")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{name}")


def test_e_edits_what_is_shown(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/lineage/datasets/*")
    expect(page.locator("[data-keys]")).to_be_visible()
    page.keyboard.press("e")

    expect(page.get_by_role("button", name="Save description")).to_be_visible()


def test_typing_in_the_filter_changes_the_rows_and_keeps_the_cursor(page: Page) -> None:
    field = page.locator("#filter-q")
    field.press_sequentially("orders")

    page.wait_for_url("**?q=orders*")
    expect(field).to_be_focused()
    expect(field).to_have_value("orders")
    expect(page.locator("main tbody tr").first).to_contain_text("orders", ignore_case=True)
    page.go_back()
    page.wait_for_url(f"**{LIST}")


def test_a_theme_is_chosen_at_once_and_stays(page: Page) -> None:
    with page.expect_response("**/theme"):
        page.get_by_role("button", name="Dark theme").press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"


def test_the_menu_of_a_telephone_opens_and_closes(windows: Windows) -> None:
    page = windows.open(LIST, viewport={"width": 390, "height": 844})
    storages = page.locator("#nav").get_by_role("link", name="Storages")
    expect(storages).not_to_be_in_viewport()

    page.get_by_role("link", name="Menu", exact=True).press("Enter")
    expect(storages).to_be_in_viewport()
    storages.press("Enter")
    page.wait_for_url("**/lineage/storages")
