"""Take the pictures of the README's tour from the demo: ``python -m scripts.screenshots [NAME ...]``.

Starts ``headwater up --demo`` in a folder of its own, walks to each page by links a reader would follow, and writes
docs/screenshots/<name>-<light|dark>.png. Needs the tests' packages and Chromium.
"""

import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.e2e.conftest import ARGS, CHROMIUM, sign_in
from tests.e2e.serving import ROOT, Served, headwater

TARGET = ROOT / "docs" / "screenshots"
SIZE: ViewportSize = {"width": 1360, "height": 850}


def at(path: str) -> Callable[[Page], None]:
    """Return the way to a page that has an address of its own."""

    def go(page: Page) -> None:
        page.goto(f"/r/demo{path}")

    return go


def drawn(find: str, more: str) -> Callable[[Page], None]:
    """Return the way to the graph of what is found first under that very name, with ``more`` asked for."""

    def go(page: Page) -> None:
        through(f"/lineage/graph?find={find}", find)(page)
        page.goto(f"{page.url}&{more}")

    return go


def through(path: str, name: str, tab: str = "") -> Callable[[Page], None]:
    """Return the way to what the page ``path`` links to as ``name``, and on to a tab."""

    def go(page: Page) -> None:
        page.goto(f"/r/demo{path}")
        page.locator("main").get_by_role("link", name=name, exact=True).first.click()
        page.wait_for_url(lambda url: path not in url)
        if tab:
            page.locator(".tabs").get_by_role("link", name=tab, exact=True).click()
            page.wait_for_url(lambda url: tab.lower() in url)

    return go


def then(way: Callable[[Page], None], link: str) -> Callable[[Page], None]:
    """Return the way on from a page to what its first link of that name leads to."""

    def go(page: Page) -> None:
        way(page)
        here = page.url
        page.locator("main").get_by_role("link", name=link, exact=True).first.click()
        page.wait_for_url(lambda url: url != here)

    return go


THREE_DAYS_AGO = f"{datetime.now(UTC) - timedelta(days=3):%Y-%m-%d}"
PAGES: dict[str, Callable[[Page], None]] = {
    "overview": at("/overview"),
    "datasets": at("/lineage/datasets"),
    "dataset": through("/search?q=core.orders", "core.orders"),
    "schema": through("/search?q=core.orders", "core.orders", "Schema"),
    "graph": drawn("core.orders", "jobs=hidden&depth=2"),
    "columns": drawn("core.orders", "jobs=hidden&data=column&depth=2"),
    "cause": then(through("/search?q=ANALYTICS.STAGING.STG_ORDERS", "ANALYTICS.STAGING.STG_ORDERS"), "Find the cause"),
    "impact": then(through("/search?q=core.orders", "core.orders"), "Impact"),
    "days": drawn("core.orders", f"depth=2&against={THREE_DAYS_AGO}"),
    "board": at("/jobs"),
    "job": through("/jobs/jobs?q=build_core", "build_core_tables"),
    "run": through("/jobs/runs?q=build_demand&status=failed", "build_demand_features"),
    "search": at("/search?q=orders"),
    "ingestion": at("/lineage/ingestion"),
    "runs": at("/jobs/runs"),
    "progress": through("/jobs/runs?q=tours-today-berlin", "delivery-routes"),
    "configuration": through("/jobs/configurations?sort=tag", "shelf-scan"),
    "analytics": at("/jobs/analytics?by=configuration"),
    "deliveries": at("/delivery/deliveries"),
    "grants": at("/realms/grants"),
    "access": at("/realms/access?user=t.novak&cap=jobs.read"),
}


def main(names: list[str]) -> None:
    """Take the named pictures, or all."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        raise SystemExit("no Chromium on the PATH")
    TARGET.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory(prefix="headwater-") as folder,
        headwater(Path(folder), "--demo", "--still") as served,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=path, args=ARGS)
        take(browser, served, "light", names or list(PAGES))
        take(browser, served, "dark", names or list(PAGES))
        browser.close()


def take(browser: Browser, served: Served, theme: Literal["light", "dark"], names: list[str]) -> None:
    """Take the named pictures in one theme."""
    context = browser.new_context(base_url=served.url, viewport=SIZE, color_scheme=theme, reduced_motion="reduce")
    page = context.new_page()
    sign_in(page, served)
    for name in names:
        PAGES[name](page)
        page.wait_for_function("() => !document.querySelector('.htmx-request')")
        page.evaluate("document.activeElement?.blur()")
        file = TARGET / f"{name}-{theme}.png"
        shrink(page.screenshot(animations="disabled", caret="hide"), file)
        sys.stdout.write(f"{file.relative_to(ROOT)}  {file.stat().st_size // 1024} KB\n")
    context.close()


def shrink(picture: bytes, file: Path) -> None:
    """Write a picture with 256 colours, a third of the size; rare colours stay, for they mean something."""
    with Image.open(BytesIO(picture)) as image:
        few = image.convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        few.save(file, optimize=True)


if __name__ == "__main__":
    main(sys.argv[1:])
