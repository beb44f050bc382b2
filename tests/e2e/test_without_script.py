"""Everything works without script: links are links and actions are forms."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Windows, sign_in
from tests.e2e.serving import Served

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("demo")]


def test_a_reader_signs_in_filters_opens_and_signs_out_without_script(windows: Windows, demo: Served) -> None:
    page = windows.open(java_script_enabled=False, storage_state=None)
    sign_in(page, demo)

    page.locator("#nav").get_by_role("link", name="Datasets").click()
    page.locator("#filter-q").fill("orders")
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**/lineage/datasets?*q=orders*")
    row = page.locator("main tbody tr").first.get_by_role("link").first
    address = row.get_attribute("href")
    row.click()
    page.wait_for_url(f"**{address}")
    expect(page.locator("h1")).to_contain_text("orders", ignore_case=True)

    page.get_by_role("navigation", name="Main").get_by_role("button", name="Dark theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.locator("details.account summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/r/demo/lineage/datasets")
    page.wait_for_url("**/sign-in*")


def test_the_next_page_of_a_list_needs_no_script(windows: Windows) -> None:
    page = windows.open("/r/demo/jobs/runs", java_script_enabled=False)
    first = page.locator("main tbody tr").first.inner_text()

    page.get_by_role("link", name="Older").click()
    page.wait_for_url("**after=*")
    assert page.locator("main tbody tr").first.inner_text() != first
