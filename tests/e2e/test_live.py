"""Open pages keep themselves true: two browsers on one page, eight tabs in one browser."""

import json
import re
import urllib.request
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Windows
from tests.e2e.serving import Served

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("demo")]

RUNS = "/r/demo/jobs/runs"
BOUND_MS, PATIENCE_MS = 2_000, 15_000
HIDE = """hidden => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
}"""
# What goes on between two looks at a page: times by the clock of the reader.
CLOCKS = re.compile(r"(<time[^>]*>)[^<]*")


def send(demo: Served, run_id: str, job: str, kind: str) -> None:
    """Send one event of a run, as an OpenLineage client does."""
    event = {
        "eventType": kind,
        "eventTime": datetime.now(UTC).isoformat(),
        "producer": "https://example.org",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": run_id},
        "job": {"namespace": "live", "name": job},
        "inputs": [],
        "outputs": [],
    }
    headers = {"Authorization": f"Bearer {demo.key()}", "Content-Type": "application/json"}
    url = f"{demo.url}/api/v1/lineage"
    request = urllib.request.Request(url, json.dumps(event).encode(), headers)  # noqa: S310 - our own server
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own server
        assert answer.status == 201


def live(page: Page) -> Page:
    """Return the page once it is watched."""
    expect(page.locator("#live")).to_have_attribute("data-state", "connected", timeout=PATIENCE_MS)
    return page


def shown(page: Page, region: str) -> str:
    """Return a region as it is on the page, clocks apart."""
    return CLOCKS.sub(r"\1", page.locator(region).evaluate("region => region.outerHTML"))


def test_two_browsers_watch_a_run_from_its_start_to_its_end(windows: Windows, demo: Served) -> None:
    run_id, job = str(uuid4()), f"watched_{uuid4().hex[:8]}"
    one, other = live(windows.open(f"{RUNS}?q={job}")), live(windows.open(RUNS))
    other.locator("#search").fill("typed")
    send(demo, run_id, job, "START")

    expect(one.locator("#results tbody tr")).to_have_count(1, timeout=BOUND_MS)
    expect(other.get_by_role("link", name=job)).to_be_visible(timeout=BOUND_MS)
    assert other.locator("#search").input_value() == "typed"
    assert other.evaluate("document.activeElement.id") == "search"
    before = shown(one, "#results")
    live(one).reload()
    assert shown(live(one), "#results") == before
    one.locator("#results a.row-link").click()
    one.wait_for_url(f"**{RUNS}/*-*")
    live(one)
    send(demo, run_id, job, "COMPLETE")
    expect(one.locator("h1")).to_contain_text("completed", timeout=BOUND_MS)
    expect(one.locator("#live")).to_have_attribute("data-state", "closed")
    expect(other.locator("tr", has_text=job)).to_contain_text("completed", timeout=BOUND_MS)


def test_eight_tabs_load_and_a_hidden_one_holds_no_stream_and_catches_up(windows: Windows, demo: Served) -> None:
    first, job = live(windows.open(RUNS)), f"tabs_{uuid4().hex[:8]}"
    tabs = [first, *(first.context.new_page() for _ in range(7))]
    asked: list[int] = []
    last = tabs[-1]
    last.clock.install()
    last.on("response", lambda answer: asked.append(answer.status) if "hx-live" in answer.request.headers else None)
    for tab in tabs[1:]:
        tab.goto(RUNS)
    expect(last.locator("#live")).to_have_attribute("data-state", "polling", timeout=PATIENCE_MS)
    with first.expect_event("requestfailed", lambda request: "/live?" in request.url):
        first.evaluate(HIDE, True)
    send(demo, str(uuid4()), job, "START")
    expect(tabs[1].get_by_role("link", name=job)).to_be_visible(timeout=PATIENCE_MS)
    assert first.get_by_role("link", name=job).count() == 0
    first.evaluate(HIDE, False)
    expect(first.get_by_role("link", name=job)).to_be_visible(timeout=PATIENCE_MS)

    for _ in range(3):
        last.clock.run_for(10_000)
        last.wait_for_timeout(100)
    expect(last.get_by_role("link", name=job)).to_be_visible(timeout=PATIENCE_MS)
    assert set(asked) <= {200, 304}


def test_without_script_a_live_page_offers_to_be_loaded_again(windows: Windows) -> None:
    page = windows.open(RUNS, java_script_enabled=False)

    expect(page.locator("#live").get_by_role("link", name="Reload")).to_be_visible()
    expect(page.locator("#live .word")).to_be_hidden()
    assert "UTC" in page.locator("#results time").first.inner_text()
