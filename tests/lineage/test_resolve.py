"""Every name that was reported leads to its page."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.realms.models import Realm
from tests.browser import LEFT_OVER, Browser
from tests.databases import material
from tests.factories import make_key, make_user
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import facet, job, run, table

URL = "/r/acme/lineage/resolve"
ALIAS = facet(identifiers=[{"namespace": "hive://meta:9083", "name": "core.orders", "type": "TABLE"}])
ODD = ("a/b c?d#e%f+g&h:i", "naïve/ünï 🎉", "'quoted' \"twice\"", "<b>bold</b>", "x" * 4_000, "../../etc", "?as=1")


def follow(client: Browser, asked: dict[str, str]) -> tuple[int, str]:
    """Return the status and the text of the page a name leads to."""
    answer = client.client.get(URL, query_string=asked, follow_redirects=True)
    return answer.status_code, answer.get_data(as_text=True)


def names(store: Store) -> Iterator[dict[str, str]]:
    """Return what to ask for every dataset, job and run."""
    for kind, rows in (("dataset", store.datasets()), ("job", store.jobs())):
        yield from ({"kind": kind, "namespace": row.namespace, "name": row.name} for row in rows.values())
    yield from ({"kind": "run", "id": reported} for reported in store.runs())


@pytest.mark.parametrize("name", ODD)
def test_any_name_leads_to_its_page(client: Browser, intake: Intake, name: str) -> None:
    intake.take(run(name[:400], name, outputs=[table(name, "any & <ns>?")], namespace="odd / ns"))

    for asked in (
        {"kind": "dataset", "namespace": "any & <ns>?", "name": name},
        {"kind": "job", "namespace": "odd / ns", "name": name},
        {"kind": "run", "id": name[:400]},
    ):
        assert follow(client, asked)[0] == 200


def test_every_alias_leads_to_the_canonical_dataset(client: Browser, intake: Intake, store: Store) -> None:
    intake.take(run("a", "load", outputs=[table("lake/orders", "s3://lake", symlinks=ALIAS)]), job("declared"))

    for asked in names(store):
        status, page = follow(client, asked)
        assert status == 200
        assert "core.orders" in page or asked["kind"] != "dataset"


def test_a_program_is_led_to_things_of_every_kind(
    client: Browser, intake: Intake, session: Session, realm: Realm, store: Store
) -> None:
    intake.take(run("a", "load", outputs=[table("shop.orders")]))
    _, key = make_key(session, make_user(session, "robot", realm, "lineage.read"), realm, "lineage.read")

    for asked in names(store):
        answer = client.api("GET", "/api/v1/lineage/resolve", key, query_string=asked)
        assert answer.status_code == 303
        assert client.api("GET", answer.location, key).status_code == 200


@pytest.mark.parametrize(
    ("typed", "meant"), [("shop.public.order", "shop.public.orders"), ("ordres", "shop.public.orders")]
)
def test_a_name_nobody_reported_offers_the_nearest(client: Browser, intake: Intake, typed: str, meant: str) -> None:
    intake.take(run("a", "load", outputs=[table("shop.public.orders"), table("finance.ledger")]))

    answer = client.get(URL, query_string={"kind": "dataset", "namespace": "x", "name": typed})

    assert answer.status_code == 404
    assert answer.get_data(as_text=True).find(meant) > 0


def test_names_of_another_realm_are_unknown(visitor: Browser, stranger: Any, intake: Intake, store: Store) -> None:
    intake.take(run("a", "load", outputs=[table("shop.orders")]))
    other = visitor.as_(stranger)

    for asked in names(store):
        assert other.client.get("/r/globex/lineage/resolve", query_string=asked).status_code == 404


@pytest.mark.parametrize("prepared", ["sqlite"], indirect=True)
def test_every_name_of_real_events_leads_to_a_page(client: Browser, intake: Intake, store: Store) -> None:
    for file in sorted(material("openlineage").glob("*.ndjson")):
        if not file.name.startswith("invalid"):
            intake.send(*(line for line in file.read_bytes().splitlines() if line.strip()))

    asked_for = list(names(store))
    assert len(asked_for) > 500
    for asked in asked_for:
        status, page = follow(client, asked)
        assert status == 200, json.dumps(asked)
        assert not LEFT_OVER.search(page.replace("{{ 7*7 }}", "")), json.dumps(asked)
