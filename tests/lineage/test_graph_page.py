"""The page of the graph: picture, table, panel, files, and the way there."""

import re
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.jobs.models import Job
from tests.browser import Browser
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import run, schema, table

URL = "/r/acme/lineage/graph"
DAY = 24 * 60.0
NASTY = 'a "quoted" <b>&amp; 🦆 =x'


@pytest.fixture
def shop(intake: Intake) -> None:
    """Raw feeds orders, orders feed a report and twelve more."""
    orders = table("shop.orders", schema=schema("id", "total"))
    intake.take(
        run("b", "build", inputs=[table("shop.raw")], outputs=[orders]),
        run("r", "report", minute=5, inputs=[orders], outputs=[table("mart.report")]),
        *(run(f"x{at}", f"read_{at}", minute=9, inputs=[table("mart.report")]) for at in range(12)),
    )


def text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def links(page: str, css: str) -> list[str]:
    return [found.replace("&amp;", "&") for found in re.findall(rf'<a class="{css}[^"]*" href="([^"]+)"', page)]


@pytest.mark.usefixtures("shop")
def test_the_picture_shows_one_step_each_way_and_how_much_lies_behind(client: Browser, store: Store) -> None:
    page = client.get(f"{URL}?start=dataset:{store.dataset('shop.orders').id}").get_data(as_text=True)

    svg = page[page.index('<svg class="graph-svg') : page.index("</svg>", page.index("graph-svg"))]
    assert re.search(r"build .* shop\.orders .* report", text(svg))
    assert "raw" not in text(svg).replace("drawn", "")
    assert "+1" in svg
    assert "2 jobs, 1 dataset, 2 lines" in text(page)


@pytest.mark.usefixtures("shop")
def test_an_expander_leads_to_a_picture_with_what_it_promised(client: Browser, store: Store) -> None:
    url = f"{URL}?start=dataset:{store.dataset('shop.orders').id}&depth=2"
    side = next(link for link in links(client.get(url).get_data(as_text=True), "side") if ".down" in link)

    page = client.get(URL + side).get_data(as_text=True)

    assert "read_11" in page
    assert "15 jobs" not in page
    assert "14 jobs, 3 datasets" in text(page)
    assert links(page, "side") == [side.replace("&open=dataset%3A", "") and links(page, "side")[0]]


@pytest.mark.usefixtures("shop")
def test_opening_a_node_sends_what_the_browser_has_not_and_half_the_page_at_most(client: Browser, store: Store) -> None:
    page = client.get(f"{URL}?start=dataset:{store.dataset('mart.report').id}").text
    have = re.findall(r'data-v="([^"]+)"', page)
    side = next(link for link in links(page, "side") if ".up" in link)
    asked = {"HX-Target": "section#picture", "X-Have": "".join(have)}

    answer = client.get(URL + side, headers=asked)
    whole = client.get(URL + side).text

    kept = re.findall(r'data-t="([^"]+)" data-v="([^"]+)"></g>', answer.text)
    assert len(kept) == 13
    assert {version for _, version in kept} < set(have)
    assert all(f'data-t="{token}" data-v="{version}"><a class="face"' in whole for token, version in kept)
    assert "shop.orders" in answer.text
    assert len(answer.text) < len(whole) / 2
    assert "X-Have" in answer.headers["Vary"]


@pytest.mark.usefixtures("shop")
def test_a_selected_node_has_a_panel_and_the_rest_fades(client: Browser, store: Store) -> None:
    orders, report = store.dataset("shop.orders").id, store.dataset("mart.report").id
    url = f"{URL}?start=dataset:{orders}&depth=2&select=dataset:{report}"

    page = client.get(url).get_data(as_text=True)

    assert 'id="panel"' in page
    assert f'href="/r/acme/lineage/datasets/{report}"' in page
    assert re.search(r'class="node dataset[^"]*dim"[^>]*data-t="dataset:\d+"', page)
    assert 'class="lines on"' in page
    assert "Comes from 1 report" in text(page)


@pytest.mark.usefixtures("shop")
def test_the_same_state_has_the_same_bytes_and_regions_are_parts_of_the_page(client: Browser, store: Store) -> None:
    url = f"{URL}?start=dataset:{store.dataset('shop.orders').id}&depth=3"
    svg = [re.search(r"<svg class=\"graph-svg.*?</g></svg>", client.get(url).text, re.DOTALL) for _ in range(2)]

    region = client.region(url, "picture").get_data(as_text=True)

    assert svg[0]
    assert svg[1]
    assert svg[0][0] == svg[1][0]
    assert svg[0][0] in region
    assert region.startswith('<section id="picture"')
    assert client.region(url, "view").get_data(as_text=True).startswith('<div id="view"')


@pytest.mark.usefixtures("shop")
def test_the_table_tells_nodes_with_distance_and_lines(client: Browser, store: Store) -> None:
    url = f"{URL}?start=dataset:{store.dataset('shop.orders').id}&depth=2&as=table"

    page = text(client.get(url).get_data(as_text=True))

    assert re.search(r"raw dataset .*-2 .*build job .*-1 .*orders dataset .* 0 .*report job .* 1 ", page)
    assert "orders report operation" in page
    assert '<svg class="graph-svg' not in client.get(url).text


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("form", "kind", "said"),
    [
        ("csv", "text/csv", "from,from_kind,from_namespace"),
        ("dot", "text/vnd.graphviz", "digraph lineage {"),
        ("mermaid", "text/vnd.mermaid", "flowchart LR"),
        ("svg", "image/svg+xml", "<svg xmlns"),
    ],
)
def test_the_graph_is_taken_away_as_a_file(client: Browser, store: Store, form: str, kind: str, said: str) -> None:
    answer = client.get(f"{URL}?start=dataset:{store.dataset('shop.orders').id}&format={form}")

    assert answer.mimetype == kind
    assert answer.text.startswith(said)


@pytest.mark.usefixtures("shop")
def test_a_picture_that_stands_alone_brings_colours_icons_and_its_address(client: Browser, store: Store) -> None:
    answer = client.get(f"{URL}?start=dataset:{store.dataset('shop.orders').id}&format=svg")

    tree = ET.fromstring(answer.data)  # noqa: S314 - our own
    used = {link[1:] for each in tree.iterfind(".//{*}use") if (link := each.get("href"))}
    assert used
    assert used <= {each.get("id") for each in tree.iterfind(".//{*}symbol")}
    assert all(str(each.get("href")).startswith("http://localhost/r/acme/") for each in tree.iterfind(".//{*}a"))
    assert "sha256-" in answer.headers["Content-Security-Policy"]


def test_names_nobody_would_choose_are_drawn(client: Browser, intake: Intake, store: Store) -> None:
    names = [NASTY, "x" * 4000, "tab\there", "]]>", "\u202eright to left"]
    intake.take(run("b", NASTY, inputs=[table(name) for name in names[1:]], outputs=[table(NASTY)]))
    url = f"{URL}?start=dataset:{store.dataset(NASTY).id}&depth=2"

    assert client.get(url).status_code == 200
    ET.fromstring(client.get(f"{url}&format=svg").data)  # noqa: S314 - our own
    assert "'=x" not in client.get(f"{url}&format=csv").text


@pytest.mark.parametrize("query", ["depth=0", "depth=21", "as=poem", "format=pdf", "colour=red", "jobs=some", "max=9"])
def test_what_cannot_be_drawn_is_refused_and_named(client: Browser, intake: Intake, store: Store, query: str) -> None:
    intake.take(run("b", "build", outputs=[table("shop.orders")]))

    answer = client.get(f"{URL}?start=dataset:{store.dataset('shop.orders').id}&{query}")

    assert answer.status_code == 422


def test_a_place_without_datasets_has_nothing_to_draw(client: Browser, intake: Intake, session: Session) -> None:
    intake.take(run("b", "build"))
    place = session.scalars(select(Job.location_id)).one()

    assert "Nothing to draw" in client.get(f"{URL}?start=location:{place}").text


def test_an_unknown_start_is_not_found(client: Browser) -> None:
    assert client.get(f"{URL}?start=dataset:4711").status_code == 404


@pytest.mark.usefixtures("shop")
def test_without_a_start_there_is_a_search_for_one(client: Browser, store: Store) -> None:
    orders = store.dataset("shop.orders").id

    assert f"start=dataset%3A{orders}" in client.get(URL).text
    assert f"start=dataset%3A{orders}" in client.get(f"{URL}?find=orders").text
    assert "Nothing is called" in client.get(f"{URL}?find=nosuchthing").text
    more = client.get(f"{URL}?start=dataset:{orders}&depth=2&find=report").text.replace("&amp;", "&")
    assert f"start=dataset%3A{orders}&depth=2&start=" in more


def test_an_empty_realm_says_how_to_fill_it(client: Browser) -> None:
    assert "No lineage yet" in client.get(URL).text


@pytest.mark.usefixtures("shop")
def test_statements_do_not_grow_with_what_is_drawn(client: Browser, store: Store, intake: Intake) -> None:
    url = f"{URL}?start=dataset:{store.dataset('mart.report').id}&depth=2"
    few = client.statements(url)
    intake.take(*(run(f"y{at}", f"more_{at}", minute=9, inputs=[table("mart.report")]) for at in range(40)))

    assert client.statements(url) == few


def test_two_days_are_compared_in_words_in_the_table_and_in_files(
    client: Browser, store: Store, intake: Intake
) -> None:
    intake.take(run("a", "load", outputs=[table("t_old")]), run("b", "load", minute=DAY, outputs=[table("t_new")]))
    url = f"{URL}?start=job:{store.jobs()['load'].id}&view=ever"

    then = client.get(f"{url}&as_of=2026-03-02").get_data(as_text=True)
    assert f'href="?start=job%3A{store.jobs()["load"].id}&amp;view=ever&amp;against=2026-03-02' in then.replace(
        "job:", "job%3A"
    )
    page = text(client.get(f"{url}&against=2026-03-02").get_data(as_text=True))
    assert "Compared with 2026-03-02: 2 nodes and lines came." in page
    assert "nothing differs" in text(client.get(f"{url}&against=2026-03-04").get_data(as_text=True))
    twin = text(client.get(f"{url}&against=2026-03-02&as=table").get_data(as_text=True))
    assert re.search(r"t_new dataset \S+ 1 came", twin)
    assert re.search(r"load t_new came", twin)
    assert client.get(f"{url}&against=2026-03-02&format=csv").text.count(",came\r\n") == 1


def test_a_page_learns_what_changed_since_its_picture_was_drawn(client: Browser, store: Store, intake: Intake) -> None:
    intake.take(run("r", "load", inputs=[table("raw")], outputs=[table("sums")]), run("o", "other"))
    url = f"/r/acme/lineage/graph?start=dataset:{store.dataset('sums').id}"
    drawn = client.get(url).text
    after = int(re.findall(r'data-after="(\d+)"', drawn)[0])
    intake.take(run("r2", "load", minute=5, outputs=[table("sums")]), run("o2", "other", minute=6))

    line = client.get(url, headers={"HX-Live": "poll", "HX-Request": "true", "HX-Target": "p#since"}).text
    told = [int(number) for number in re.findall(r'data-changes="([^"]*)"', line)[0].split()]

    assert 'data-changes=""' in drawn
    assert len([number for number in told if number > after]) == 1
    assert "hx-sse:connect" in drawn
    assert "hx-sse:connect" not in client.get(f"{url}&as_of=2026-01-01").text
