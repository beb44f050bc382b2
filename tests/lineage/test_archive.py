"""Datasets and jobs that people put away, and what brings them back."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.changes.models import Change
from app.lineage.models import Dataset
from app.realms.models import Realm
from tests.browser import Browser
from tests.factories import make_key, make_user
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import facet, run, table

ALIAS = facet(identifiers=[{"namespace": "hive://meta:9083", "name": "core.orders", "type": "TABLE"}])
DATA, JOBS = "/r/acme/lineage/datasets", "/r/acme/jobs/jobs"


@pytest.fixture
def orders(intake: Intake, store: Store) -> str:
    """The page of a dataset with two names."""
    intake.take(run("r", "load", inputs=[table("raw")], outputs=[table("orders", symlinks=ALIAS)]))
    return f"{DATA}/{store.dataset('orders').alias_for_dataset_id or store.dataset('orders').id}"


def verbs(session: Session) -> list[str]:
    """Return what became of archived things, in order."""
    found = session.scalars(select(Change.verb).order_by(Change.id))
    return [verb for verb in found if verb.endswith((".archived", ".restored"))]


def test_an_archived_dataset_leaves_lists_until_any_of_its_names_is_reported(
    client: Browser, orders: str, intake: Intake, session: Session
) -> None:
    assert client.post(f"{orders}/archival").status_code == 303
    assert client.post(f"{orders}/archival").status_code == 409

    assert "core.orders" not in client.get(DATA).text
    assert "core.orders" in client.get(f"{DATA}?state=archived").text
    assert "by owner" in client.get(orders).text
    intake.take(run("again", "load", minute=5, outputs=[table("orders")]))

    assert "core.orders" in client.get(DATA).text
    assert set(session.scalars(select(Dataset.archived_at))) == {None}
    assert verbs(session) == ["dataset.archived", "dataset.restored"]


def test_an_archived_dataset_is_marked_in_graphs_and_can_be_restored(client: Browser, orders: str) -> None:
    client.post(f"{orders}/archival")

    graph = client.get(f"/r/acme/lineage/graph?start=dataset:{orders.rpartition('/')[2]}&as=table").text
    assert "archived" in graph
    assert client.post(f"{orders}/restoration").status_code == 303
    assert client.post(f"{orders}/restoration").status_code == 409
    assert "Archived" not in client.get(orders).text


def test_programs_archive_by_patching(client: Browser, orders: str, session: Session, realm: Realm) -> None:
    key = make_key(session, make_user(session, "robot", realm, "lineage.write"), realm, "lineage.write")[1]
    api = orders.replace("/r/acme", "/api/v1")

    assert client.api("PATCH", api, key, {"archived": True}).get_json()["archived_at"]
    assert client.api("PATCH", api, key, {"archived": True}).status_code == 200
    assert client.api("PATCH", api, key, {"archived": False}).get_json()["archived_at"] is None


def test_an_archived_job_leaves_lists_until_it_runs_again(
    client: Browser, orders: str, intake: Intake, store: Store, session: Session
) -> None:
    page = f"{JOBS}/{store.jobs()['load'].id}"
    assert client.post(f"{page}/archival").status_code == 303

    assert page not in client.get(JOBS).text
    assert page in client.get(f"{JOBS}?archived=1").text
    assert "by owner" in client.get(page).text
    assert client.post(f"{JOBS}/999/archival").status_code == 404
    intake.take(run("again", "load", minute=5))
    assert page in client.get(JOBS).text
    assert verbs(session) == ["job.archived", "job.restored"]
