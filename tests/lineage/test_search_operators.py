"""Search by what is known of things besides their names, and its operators."""

import re

import pytest
from sqlalchemy.orm import Session

from app.jobs.models import Owner
from app.lineage.models import SearchEntry
from app.lineage.store.find import refresh_words
from app.realms.models import Realm
from tests.browser import Browser
from tests.factories import make_key, make_user
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import facet, job_type, run, schema, table

URL = "/r/acme/search"
ROW = re.compile(r'class="row-link" href="([^"]+)"[^>]*>([^<]+)<')
WHY = re.compile(r'<span class="muted">(column|owner|tag|description|SQL)</span> ([^<]+)<')
ASSERTIONS = facet(assertions=[{"assertion": "unique", "success": False, "column": "id"}])
SQL = facet(query="INSERT INTO orders SELECT customer_key FROM stage_clients WHERE day = 7")


@pytest.fixture
def story(intake: Intake) -> None:
    """Two tables and a topic, described from all sides."""
    orders = table(
        "shop.public.orders",
        schema=schema("id", "customerEmail", "shipped_at"),
        ownership=facet(owners=[{"name": "team:Finance Ops", "type": "DATAOWNER"}]),
        tags=facet(tags=[{"key": "pii", "value": "strict", "source": "X"}, {"key": "gdpr", "field": "customerEmail"}]),
        documentation=facet(description="Everything that was bought, refunds (100%_net) apart."),
    )
    intake.take(
        run("a", "load_orders", outputs=[orders], job_facets={"sql": SQL} | job_type("SPARK", "SQL_JOB")),
        run("b", "check", "FAIL", 5, inputs=[table("shop.public.items", schema=schema("id", "weight"),
                                                   dataQualityAssertions=ASSERTIONS)]),
        run("c", "stream", minute=7, outputs=[table("clicks", "kafka://broker:9092", schema=schema("customer_id"))]),
    )  # fmt: skip


def hits(client: Browser, query: str) -> set[str]:
    page = client.get(URL, query_string={"q": query}).get_data(as_text=True)
    return {name.strip() for _, name in ROW.findall(page)}


def why(client: Browser, query: str) -> set[tuple[str, str]]:
    return set(WHY.findall(client.get(URL, query_string={"q": query}).get_data(as_text=True)))


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("customerEmail", ("column", "customerEmail")),
        ("omerem", ("column", "customerEmail")),
        ("ship", ("column", "shipped_at")),
        ("em", ("column", "customerEmail")),
        ("finance", ("owner", "team:Finance Ops")),
        ("nance", ("owner", "team:Finance Ops")),
        ('"finance ops"', ("owner", "team:Finance Ops")),
        ("pii", ("tag", "pii")),
        ("gdpr", ("tag", "gdpr")),
        ("refunds", ("description", "Everything that was bought, refunds (100%_net) apart.")),
    ],
)
def test_a_dataset_is_found_by_what_is_said_of_it(client: Browser, query: str, reason: tuple[str, str]) -> None:
    assert "shop.public.orders" in hits(client, query)
    assert any((what, text[:20]) == (reason[0], reason[1][:20]) for what, text in why(client, query))


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize("query", ["stage_clients", "clients", "sql:clients", 'sql:"from stage"', "customer_key load"])
def test_a_job_is_found_by_the_words_of_its_statement(client: Browser, query: str) -> None:
    assert "load_orders" in hits(client, query)


@pytest.mark.usefixtures("story")
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("column:email", {"shop.public.orders", "customerEmail"}),
        ("column:customer,weight kind:dataset", {"shop.public.orders", "shop.public.items", "clicks"}),
        ("owner:finance", {"shop.public.orders"}),
        ("owner:fin", {"shop.public.orders"}),
        ("owner:strict", set()),
        ("tag:pii", {"shop.public.orders"}),
        ("tag:pii owner:ops column:ship", {"shop.public.orders"}),
        ("tag:pii column:weight", set()),
        ("platform:kafka kind:dataset", {"clicks"}),
        ("platform:spark", {"load_orders"}),
        ("location:broker kind:dataset", {"clicks"}),
        ("kind:job state:failed", {"check"}),
        ("state:failed check", {"check"}),
        ("quality:error", {"shop.public.items"}),
        ("quality:error shop", {"shop.public.items"}),
        ("state:never_read public", {"shop.public.orders"}),
        ("kind:dataset,column weight", {"shop.public.items", "weight"}),
        ("orders pii", {"shop.public.orders"}),
        ("orders weight", set()),
        ("100%_n", {"shop.public.orders"}),
        ("100%5", set()),
        ("colour:blue", set()),
        ("team:finance", {"shop.public.orders"}),
        ("kind:nothing orders", set()),
        ("owner:", set()),
    ],
)
def test_operators_combine(client: Browser, query: str, expected: set[str]) -> None:
    assert hits(client, query) == expected


@pytest.mark.usefixtures("story")
def test_one_kind_can_be_looked_at_alone(client: Browser) -> None:
    page = client.get(f"{URL}?q=orders&kind=job").get_data(as_text=True)

    assert {name for _, name in ROW.findall(page)} == {"load_orders"}
    assert "Jobs only" in page
    assert client.get(f"{URL}?q=orders&kind=thing").status_code == 422


@pytest.mark.usefixtures("story")
def test_what_is_told_anew_is_found_and_what_was_is_not(client: Browser, intake: Intake) -> None:
    owned = facet(owners=[{"name": "logistics"}])
    orders = table("shop.public.orders", schema=schema("id", "size"), ownership=owned)
    intake.take(run("d", "load_orders", minute=60, outputs=[orders]))

    assert "shop.public.orders" in hits(client, "column:size owner:logistics")
    assert "shop.public.orders" not in hits(client, "column:email") | hits(client, "owner:finance")
    assert "shop.public.orders" in hits(client, "tag:pii refunds")


@pytest.mark.usefixtures("story")
def test_what_people_say_is_found_once_the_words_are_refreshed(
    client: Browser, session: Session, realm: Realm, store: Store
) -> None:
    here = store.dataset("shop.public.items").id
    session.add(Owner(realm_id=realm.id, kind="dataset", entity_id=here, name="warehouse", source="headwater"))
    session.commit()

    assert refresh_words(session, realm.id, "dataset", [here]) == [here]
    session.commit()
    assert refresh_words(session, realm.id, "dataset", [here]) == []
    assert "shop.public.items" in hits(client, "owner:warehouse")


@pytest.mark.usefixtures("story")
def test_nothing_new_writes_no_words(intake: Intake, session: Session) -> None:
    before = [(entry.id, entry.words) for entry in session.query(SearchEntry).order_by(SearchEntry.id)]
    intake.take(run("e", "check", minute=90, inputs=[table("shop.public.items", schema=schema("id", "weight"))]))
    session.expire_all()

    assert [(entry.id, entry.words) for entry in session.query(SearchEntry).order_by(SearchEntry.id)] == before


@pytest.mark.usefixtures("story")
def test_a_program_is_told_what_matched_and_what_may_be_meant(client: Browser, session: Session, realm: Realm) -> None:
    _, key = make_key(session, make_user(session, "robot", realm, "lineage.read"), realm, "lineage.read")

    found = client.api("GET", "/api/v1/lineage/search?q=finance", key).get_json()["items"]
    wrong = client.api("GET", "/api/v1/lineage/search?q=finanse", key).get_json()

    assert (found[0]["name"], found[0]["matched"]) == (
        "shop.public.orders",
        [{"what": "owner", "text": "team:Finance Ops"}],
    )
    assert (wrong["items"], wrong["did_you_mean"]) == ([], ["finance"])


def test_statements_do_not_grow_with_what_is_found(client: Browser, intake: Intake) -> None:
    intake.take(run("a", "x", outputs=[table("shop.t0", schema=schema("c0"))]))
    few = client.statements(f"{URL}?q=shop+kind:dataset")
    intake.take(*[run(f"m{n}", "x", outputs=[table(f"shop.t{n}", schema=schema(f"c{n}"))]) for n in range(30)])

    assert client.statements(f"{URL}?q=shop+kind:dataset") == few
