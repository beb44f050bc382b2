"""Every page of the demo in a real browser: light, dark and on a telephone."""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, StorageState

from tests.e2e.conftest import Windows
from tests.e2e.serving import Served
from tests.e2e.walk import Walked, walk

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("demo")]
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "telephone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
}
WIDE = "() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="session")
def walked(chromium: Browser, demo: Served, signed_in: StorageState) -> Walked:
    """Every kind of page there is."""
    context = chromium.new_context(storage_state=signed_in)
    found = walk(context.request, f"{demo.url}/r/demo/")
    context.close()
    return found


class Complaints:
    """What a window says while pages are looked at."""

    def __init__(self, page: Page, home: str) -> None:
        self.page = page
        self.heard: list[str] = []
        page.on("console", lambda said: self.heard.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: self.heard.append(str(error)))
        page.on("request", lambda asked: None if _own(asked.url, home) else self.heard.append(f"asked {asked.url}"))
        page.on("response", lambda told: self.heard.append(f"{told.status} {told.url}") if told.status >= 400 else None)

    def about(self, address: str) -> Iterator[str]:
        """Look at a page; yields what is wrong with it."""
        self.heard.clear()
        self.page.goto(address)
        self.page.wait_for_function("() => !document.querySelector('.htmx-request')")
        for violation in Axe().run(self.page).response["violations"]:
            shown = [node["html"][:200] for node in violation["nodes"][:3]]
            yield f"{address}: {violation['id']}: {shown}"
        if (over := self.page.evaluate(WIDE)) > 0:
            yield f"{address}: scrolls sideways by {over} px"
        yield from (f"{address}: {said}" for said in self.heard)


def _own(url: str, home: str) -> bool:
    return url.startswith((home, "data:", "blob:"))


def test_every_link_leads_to_a_page(walked: Walked) -> None:
    paths = {address.partition("/r/demo")[2] for address in walked.pages}

    assert not walked.broken
    assert {"/", "/lineage/datasets", "/jobs/jobs", "/jobs/runs", "/locations", "/changes"} <= paths
    assert len(paths) > 40


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_is_accessible_quiet_and_fits(look: str, windows: Windows, walked: Walked) -> None:
    page = windows.open(**LOOKS[look])
    complaints = Complaints(page, windows.url)

    assert not [said for address in walked.pages for said in complaints.about(address)]


def test_signing_in_is_accessible(windows: Windows) -> None:
    for look in LOOKS.values():
        page = windows.open(storage_state=None, **look)
        assert not list(Complaints(page, windows.url).about("/sign-in"))
