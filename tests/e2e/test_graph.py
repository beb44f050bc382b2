"""The graph in a real browser: walking with keys, expanding in place, going back, doing without script."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Windows
from tests.e2e.serving import Served
from tests.e2e.test_live import PATIENCE_MS, live, send

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("demo")]
LOOKS = [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 800}}]
Graph = Callable[..., Page]


@pytest.fixture
def graph(windows: Windows) -> Graph:
    """Opens the graph of core.orders, found as a reader would; ``more`` is added to its address."""

    def open_(more: str = "", **options: object) -> Page:
        page = windows.open("/r/demo/lineage/graph?find=core.orders", **options)
        page.locator(".hits").get_by_role("link", name="core.orders", exact=True).click()
        page.wait_for_url("**start=*")
        if more:
            page.goto(f"{page.url}&{more}")
        expect(page.locator(".graph-svg, .graph-twin")).to_be_visible()
        return page

    return open_


def drawn(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all("[data-frame] [data-t]", "all => all.map(one => one.dataset.t)")
    return found


def focused(page: Page) -> str | None:
    found: str | None = page.evaluate("document.activeElement.closest('[data-t]')?.dataset.t")
    return found


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("more", ["depth=3", "as=table", "data=column&jobs=hidden&depth=2"])
def test_the_graph_is_accessible_in_both_themes_and_on_a_phone(
    graph: Graph, look: dict[str, object], more: str
) -> None:
    page = graph(more, **look)
    if "table" not in more:
        page.locator(".node.start .face").first.click(position={"x": 40, "y": 16})
        expect(page.locator("#panel")).to_be_visible()
        page.locator("#ask-more > summary").click()

    found = Axe().run(page).response["violations"]

    assert [(one["id"], [node["html"][:160] for node in one["nodes"][:3]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_arrow_keys_walk_along_lines_and_enter_selects_then_opens(graph: Graph) -> None:
    page = graph()
    page.locator("[data-frame]").focus()

    page.keyboard.press("ArrowRight")
    start = focused(page)
    page.keyboard.press("ArrowRight")
    assert (focused(page) or "").startswith("job:")
    page.keyboard.press("ArrowLeft")
    assert focused(page) == start
    page.keyboard.press("Enter")
    expect(page.locator("#panel")).to_be_visible()
    assert f"select={start}" in page.url
    assert focused(page) == start
    page.keyboard.press("Enter")
    page.wait_for_url("**/lineage/datasets/*")


def test_opening_a_node_keeps_it_in_view_and_back_and_forward_restore_the_picture(graph: Graph) -> None:
    page = graph()
    before = drawn(page)
    side = page.locator(".side[data-side=down]").last
    owner = side.evaluate("side => side.closest('[data-t]').dataset.t")

    with page.expect_response(lambda answer: answer.request.headers.get("hx-target") == "section#picture"):
        side.click()
    page.wait_for_url("**open=**")
    after = drawn(page)

    assert set(before) < set(after)
    assert focused(page) == owner
    expect(page.locator(f"[data-t='{owner}']")).to_be_in_viewport()
    expect(page.locator("[data-v]:empty")).to_have_count(0)
    faces = page.locator("[data-v] .face").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert all("open=" in one and "select=" in one for one in faces)
    page.go_back()
    expect(page.locator("[data-frame] [data-t]")).to_have_count(len(before))
    page.go_forward()
    expect(page.locator("[data-frame] [data-t]")).to_have_count(len(after))


def test_a_step_more_draws_more_and_leaves_the_address_short(graph: Graph) -> None:
    page = graph()
    few = len(drawn(page))

    page.get_by_role("button", name="One step more").click()

    expect(page.locator("#ask-depth")).to_have_value("2")
    page.wait_for_url("**depth=2**")
    assert len(drawn(page)) > few
    assert "direction" not in page.url
    expect(page.get_by_role("button", name="One step more")).to_be_focused()


def test_the_picture_is_zoomed_fitted_and_dragged(graph: Graph) -> None:
    page = graph("depth=4")
    svg, frame = page.locator(".graph-svg"), page.locator("[data-frame]")
    first = int(svg.get_attribute("width") or 0)

    page.keyboard.press("f")
    fitted = int(svg.get_attribute("width") or 0)
    page.keyboard.press("+")
    page.keyboard.press("+")
    assert fitted < first
    assert int(svg.get_attribute("width") or 0) > fitted

    left = frame.evaluate("frame => frame.scrollLeft")
    box = frame.bounding_box()
    assert box
    page.mouse.move(box["x"] + 30, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] - 50, box["y"] + 30, steps=4)
    page.mouse.up()
    assert frame.evaluate("frame => frame.scrollLeft") == pytest.approx(left + 80, abs=2)
    assert "select" not in page.url


def test_without_script_links_form_and_files_do_it_all(graph: Graph) -> None:
    page = graph(java_script_enabled=False)
    few = page.locator("svg [data-t]").count()

    page.get_by_label("Steps").fill("2")
    page.get_by_role("button", name="Apply").click()
    more = page.locator("svg [data-t]").count()
    assert more > few
    page.locator(".side[data-side=down]").last.click()
    assert "open=" in page.url
    page.go_back()
    assert page.locator("svg [data-t]").count() == more
    page.go_forward()
    assert "open=" in page.url
    page.locator(".node.start .face").first.click(position={"x": 40, "y": 16})
    expect(page.locator("#panel")).to_be_visible()
    page.locator("#panel").get_by_role("link", name="Close").click()
    page.get_by_role("navigation", name="Form").get_by_role("link", name="Table").click()
    expect(page.get_by_role("table", name="Nodes with their distance from the start")).to_be_visible()
    assert "open=" in page.url
    page.locator(".graph-bar details summary").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Lines (CSV)").click()
    assert download.value.suggested_filename == "lineage.csv"


def test_a_picture_stays_and_tells_what_changed_since(windows: Windows, demo: Served) -> None:
    send(demo, str(uuid4()), "since_drawn", "COMPLETE")
    page = windows.open("/r/demo/lineage/graph?find=since_drawn")
    page.locator(".hits").get_by_role("link", name="since_drawn", exact=True).click()
    live(page)
    expect(page.locator("#since")).to_be_hidden()

    send(demo, str(uuid4()), "since_drawn", "COMPLETE")
    expect(page.locator("#since")).to_contain_text("1 change since", timeout=PATIENCE_MS)
    page.get_by_role("link", name="Draw it anew").click()
    expect(page.locator("#since")).to_be_hidden()
