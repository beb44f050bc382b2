"""Every page of the demo in a real browser: light, dark and on a telephone."""

from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, StorageState, ViewportSize

from tests.e2e.conftest import Windows
from tests.e2e.serving import Served
from tests.e2e.walk import Walked, shape, walk

Scheme = Literal["light", "dark"]
pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("demo")]
DESK, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=360, height=780)
# Media, window and what axe looks for: the others are the same page in other colours, or narrow.
LOOKS: dict[str, tuple[Scheme, ViewportSize, list[str]]] = {
    "telephone": ("light", PHONE, ["scrollable-region-focusable"]),
    "light": ("light", DESK, []),
    "dark": ("dark", DESK, ["color-contrast", "link-in-text-block"]),
}
WIDE = "() => document.scrollingElement.scrollWidth - document.documentElement.clientWidth"
# Rows of a table are alike after the first few, and axe looks at every one of them.
ALIKE = "tbody > tr:nth-child(n + 8)"
# Only what is wrong is described: axe takes longer to name what is well than to look at it.
VIOLATIONS = f"""rules => axe.run({{exclude: [['{ALIKE}']]}}, {{
  resultTypes: ['violations'], ...(rules.length ? {{runOnly: rules}} : {{}})}}).then(found => found.violations)"""


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
        self._show(*LOOKS["telephone"][:2])
        self.page.goto(address)
        self.page.wait_for_function("() => !document.querySelector('.htmx-request')")
        if (over := self.page.evaluate(WIDE)) > 0:
            yield f"{address}: scrolls sideways by {over} px on a telephone"
        self.page.evaluate(AXE_SCRIPT)
        for name, (scheme, size, rules) in LOOKS.items():
            self._show(scheme, size)
            for violation in self.page.evaluate(VIOLATIONS, rules):
                shown = [node["html"][:200] for node in violation["nodes"][:3]]
                yield f"{name} {address}: {violation['id']}: {shown}"
        if (over := self.page.evaluate(WIDE)) > 0:
            yield f"{address}: scrolls sideways by {over} px on a desk"
        yield from (f"{address}: {said}" for said in self.heard)

    def _show(self, scheme: Scheme, size: ViewportSize) -> None:
        self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        self.page.set_viewport_size(size)


def _own(url: str, home: str) -> bool:
    return url.startswith((home, "data:", "blob:"))


def test_every_link_leads_to_a_page(walked: Walked) -> None:
    paths = {address.partition("/r/demo")[2] for address in walked.pages}

    assert not walked.broken
    assert {"/", "/lineage/datasets", "/jobs/jobs", "/jobs/runs", "/locations", "/changes"} <= paths
    assert len(paths) > 40


def test_every_page_is_accessible_quiet_and_fits(windows: Windows, walked: Walked) -> None:
    complaints, seen = Complaints(windows.open(), windows.url), set[str]()
    heard: list[str] = []
    for address in walked.pages:
        # Another row or filter of a page answers, which the walk has seen, and looks like the first.
        path = shape(address).partition("?")[0]
        if path not in seen:
            heard += complaints.about(address)
        seen.add(path)

    assert not heard


def test_signing_in_is_accessible(windows: Windows) -> None:
    assert not list(Complaints(windows.open(storage_state=None), windows.url).about("/sign-in"))
