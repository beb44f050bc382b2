"""One demo and one browser for all tests of the folder; each test gets windows of its own."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, sync_playwright

from tests.databases import missing
from tests.e2e.serving import Served, headwater

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
Open = Callable[..., Page]


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The demo, served by the start command."""
    with headwater(tmp_path_factory.mktemp("demo"), "--demo", "--still") as served:
        yield served


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's Chromium, without a window."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        missing("no Chromium on the PATH")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=ARGS)
        yield browser
        browser.close()


def sign_in(page: Page, served: Served) -> None:
    """Sign in as the admin and come to the realm's first page."""
    page.goto(f"{served.url}/sign-in")
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill(served.password())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{served.url}/r/demo/**")


@pytest.fixture(scope="session")
def signed_in(chromium: Browser, demo: Served) -> StorageState:
    """The cookies of a signed-in admin."""
    context = chromium.new_context()
    sign_in(context.new_page(), demo)
    state = context.storage_state()
    context.close()
    return state


@dataclass
class Windows:
    """Opens windows of the demo and closes them in the end."""

    browser: Browser
    url: str
    state: StorageState
    opened: list[BrowserContext]

    def open(self, path: str = "", **options: Any) -> Page:
        """Open ``path`` of the demo signed in; ``options`` are those of a browser context."""
        given = {"base_url": self.url, "storage_state": self.state, "viewport": {"width": 1280, "height": 900}}
        context = self.browser.new_context(**given | options)
        context.set_default_timeout(15_000)
        self.opened.append(context)
        page = context.new_page()
        if path:
            page.goto(path)
        return page


@pytest.fixture
def windows(chromium: Browser, demo: Served, signed_in: StorageState) -> Iterator[Windows]:
    """Windows of a signed-in admin."""
    windows = Windows(chromium, demo.url, signed_in, [])
    yield windows
    for context in windows.opened:
        context.close()
