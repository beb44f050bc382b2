"""Search by words and ids, and the way from a name to its page."""

import re

import pytest
from sqlalchemy.orm import Session

from app.realms.models import Realm
from tests.browser import Browser
from tests.factories import make_key, make_user
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import facet, run, table

URL = "/r/acme/search"
HITS = re.compile(r'class="row-link" href="([^"]+)"[^>]*>([^<]+)<')
RUN = "01941f29-7c00-7000-8000-000000000001"
ALIAS = facet(identifiers=[{"namespace": "hive://meta:9083", "name": "core.orders", "type": "TABLE"}])


@pytest.fixture
def story(intake: Intake) -> None:
    """A few names that are like each other."""
    outputs = [table("shop.public.orders"), table("shop.public.orderLines_v2"), table("stg_orders"), table("100%_done")]
    intake.take(
        run(
            RUN,
            "load_orders",
            outputs=outputs,
            facets={"airflowDagRun": facet(dagRun={"dag_id": "d", "run_id": "manual__7"})},
        ),
        run("b", "nightly", minute=5, outputs=[table("lake/orders", "s3://lake", symlinks=ALIAS)]),
    )


def hits(client: Browser, query: str) -> list[str]:
    page = client.get(f"{URL}?q={query}").get_data(as_text=True)
    return [name.strip() for _, name in HITS.findall(page)]


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("shop.public.orders", "shop.public.orders"),
        ("orders", "core.orders"),
        ("rderl", "shop.public.orderLines_v2"),
        ("lines", "shop.public.orderLines_v2"),
        ("or shop", "shop.public.orderLines_v2"),
        ("nightly", "nightly"),
        ("0%25_do", "100%_done"),
        ("db.example", "shop.public.orderLines_v2"),
    ],
)
def test_a_name_is_found_by_its_parts(client: Browser, query: str, first: str) -> None:
    assert first in hits(client, query)[:2]


@pytest.mark.usefixtures("story")
def test_the_exact_name_comes_first_then_beginnings_then_the_inside(client: Browser, intake: Intake) -> None:
    intake.take(run("c", "x", minute=9, outputs=[table("my_orders_old"), table("orders"), table("orders_new")]))

    found = [name for name in hits(client, "orders") if name in {"my_orders_old", "orders", "orders_new"}]

    assert found == ["orders", "orders_new", "my_orders_old"]


@pytest.mark.usefixtures("story")
def test_an_alias_finds_its_canonical_dataset_once(client: Browser) -> None:
    page = client.get(f"{URL}?q=lake").get_data(as_text=True)

    assert [name for url, name in HITS.findall(page) if "datasets" in url] == ["core.orders"]
    assert "also called lake/orders" in page


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize("query", [RUN, "manual__7"])
def test_a_run_is_found_by_the_ids_it_goes_by(client: Browser, query: str) -> None:
    assert "load_orders" in hits(client, query)


@pytest.mark.usefixtures("story")
def test_a_run_is_found_by_its_number_and_its_own_id(client: Browser, store: Store) -> None:
    known = store.run(RUN)

    assert "load_orders" in hits(client, str(known.number))
    assert "load_orders" in hits(client, str(known.id))


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize("query", ["ordesr", "ordrs", "orderss", "orders".replace("o", "p"), "shop ordes"])
def test_nothing_found_offers_what_is_one_edit_away(client: Browser, query: str) -> None:
    page = client.get(URL, query_string={"q": query}).get_data(as_text=True)

    meant = re.search(r'Did you mean <a href="([^"]+)"', page)
    assert meant
    assert "shop.public.orders" in client.get(meant[1].replace("&amp;", "&")).get_data(as_text=True)


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize("query", ["odrsers", "shoq", "zzzzzz"])
def test_two_edits_or_four_letters_offer_nothing(client: Browser, query: str) -> None:
    assert "Did you mean" not in client.get(f"{URL}?q={query}").get_data(as_text=True)


@pytest.mark.parametrize("query", ["", "%20", '"', "*", "AND", "a' OR '1", "-", "NEAR(a b)", "😀", "\\", "' : * |"])
def test_no_text_breaks_the_search(client: Browser, query: str) -> None:
    assert client.get(URL, query_string={"q": query}).status_code == 200


def test_a_text_too_long_is_refused(client: Browser) -> None:
    assert client.get(f"{URL}?q={'a' * 201}").status_code == 422


@pytest.mark.usefixtures("story")
def test_names_of_another_realm_are_not_found(visitor: Browser, stranger: object) -> None:
    page = visitor.as_(stranger).get("/r/globex/search?q=orders").get_data(as_text=True)  # type: ignore[arg-type]

    assert "Nothing found" in page
    assert "Did you mean" not in page


@pytest.mark.usefixtures("story")
def test_a_name_leads_to_its_page(client: Browser, store: Store) -> None:
    url = "/r/acme/lineage/resolve"
    asked = {"kind": "dataset", "namespace": "s3://lake", "name": "lake/orders"}

    assert client.get(url, query_string=asked).location == f"/r/acme/lineage/datasets/{store.dataset('lake/orders').id}"
    assert client.get(f"{url}?kind=job&namespace=etl&name=nightly").status_code == 303
    assert client.get(f"{url}?kind=run&id={RUN}").status_code == 303


@pytest.mark.usefixtures("story")
def test_an_unknown_name_answers_404_with_names_like_it(client: Browser) -> None:
    answer = client.get("/r/acme/lineage/resolve?kind=dataset&namespace=x&name=shop.public.order")

    assert answer.status_code == 404
    assert "shop.public.orders" in answer.get_data(as_text=True)
    assert client.get("/r/acme/lineage/resolve?kind=run&id=none").status_code == 404
    assert client.get("/r/acme/lineage/resolve?kind=table&name=x").status_code == 422
    assert client.get("/r/acme/lineage/resolve?kind=job").status_code == 422


@pytest.mark.usefixtures("story")
def test_a_program_searches_and_resolves(client: Browser, session: Session, realm: Realm) -> None:
    _, key = make_key(session, make_user(session, "robot", realm, "lineage.read"), realm, "lineage.read")
    api = "/api/v1/lineage"

    found = client.api("GET", f"{api}/search?q=nightly", key).get_json()["items"]
    there = client.api("GET", f"{api}/resolve?kind=dataset&namespace=s3://lake&name=lake/orders", key)
    absent = client.api("GET", f"{api}/resolve?kind=dataset&namespace=s3://lake&name=orders", key)

    assert [(item["kind"], item["name"]) for item in found] == [("job", "nightly")]
    assert (there.status_code, there.location.startswith(f"{api}/datasets/")) == (303, True)
    assert (absent.status_code, "core.orders" in [one["name"] for one in absent.get_json()["nearest"]]) == (404, True)
