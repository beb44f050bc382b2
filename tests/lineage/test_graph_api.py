"""The graph for programs."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.db import db, scope
from app.lineage.graph.model import Question, Token
from app.lineage.graph.subgraph import subgraph
from app.realms.models import Realm
from tests.browser import Browser
from tests.databases import Database
from tests.factories import make_key, make_user
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import run, table

GRAPH = "/api/v1/lineage/graph"


class Program:
    """Calls the API with a key that may read."""

    def __init__(self, browser: Browser, key: str) -> None:
        self.browser = browser
        self.key = key

    def get(self, url: str, **more: Any) -> Any:
        return self.browser.api("GET", url, self.key, **more)


@pytest.fixture
def api(visitor: Browser, session: Session, realm: Realm) -> Program:
    return Program(
        visitor, make_key(session, make_user(session, "robot", realm, "lineage.read"), realm, "lineage.read")[1]
    )


@pytest.fixture
def orders(intake: Intake, store: Store) -> int:
    intake.take(run("r", "load", inputs=[table("shop.raw")], outputs=[table("shop.orders", counts={"rowCount": 5})]))
    return store.dataset("shop.orders").id


def test_the_answer_has_nodes_edges_and_what_is_left_out(api: Program, orders: int, store: Store) -> None:
    answer = api.get(f"{GRAPH}?start=dataset:{orders}&depth=2&view=ever")

    assert answer.status_code == 200
    body = answer.get_json()
    job, raw = store.jobs()["load"].id, store.dataset("shop.raw").id
    assert body["start"] == [f"dataset:{orders}"]
    assert [node["id"] for node in body["nodes"]] == [f"dataset:{raw}", f"job:{job}", f"dataset:{orders}"]
    assert body["edges"][0] == {
        "from": f"dataset:{raw}", "to": f"job:{job}", "evidence": "operation", "types": ["READ"], "runs": 1,
        "rows": None, "bytes": None, "files": None, "first_seen": "2026-03-02", "last_seen": "2026-03-02",
        "running": False, "running_since": None, "condition": None,
    }  # fmt: skip
    assert body["edges"][1]["rows"] == 5
    assert (body["column_edges"], body["truncated"]) == ([], False)
    assert body["omitted"]["noise"] == body["omitted"]["max"] == 0


def test_an_unknown_start_is_not_found(api: Program, orders: int) -> None:
    for start in (f"dataset:{orders + 99}", "job:999", "storage:999", "location:999"):
        assert api.get(f"{GRAPH}?start={start}").status_code == 404
    assert api.get(f"{GRAPH}?start=run:01941c2f-0000-7000-8000-000000000000").status_code == 404


def test_every_bad_parameter_is_named(api: Program, orders: int) -> None:
    answer = api.get(f"{GRAPH}?start=dataset:{orders}&depth=0&colour=red&as_of=yesterday&format=pdf")
    assert answer.status_code == 422
    answer = api.get(f"{GRAPH}?start=dataset:{orders}&depth=0&colour=red&as_of=yesterday")
    assert answer.status_code == 422
    assert all(f"{name}" in answer.get_data(as_text=True) for name in ("depth", "colour", "as_of"))


def test_the_graph_can_be_had_as_a_file(api: Program, orders: int) -> None:
    assert api.get(f"{GRAPH}?start=dataset:{orders}&format=dot").get_data(as_text=True).startswith("digraph")
    csv = api.get(f"{GRAPH}?start=dataset:{orders}", headers={"Accept": "text/csv"})
    assert csv.content_type.startswith("text/csv")


def test_without_the_right_to_read_there_is_no_graph(client: Browser, orders: int) -> None:
    assert client.get(f"{GRAPH}?start=dataset:{orders}").status_code == 401


def test_things_of_another_realm_are_not_found(
    visitor: Browser, session: Session, other_realm: Realm, orders: int, store: Store
) -> None:
    key = make_key(session, make_user(session, "spy", other_realm, "lineage.read"), other_realm, "lineage.read")[1]
    stranger = Program(visitor, key)
    tokens = [f"dataset:{orders}", f"job:{store.jobs()['load'].id}", f"run:{store.run('r').id}"]
    tokens += [f"storage:{store.dataset('shop.raw').storage_id}"]

    for token in tokens:
        for level in ("job", "run"):
            assert stranger.get(f"{GRAPH}?start={token}&jobs={level}").status_code == 404


def test_what_takes_too_long_is_told_as_far_as_it_got(database: Database, realm: Realm, orders: int) -> None:
    moments = iter(range(0, 600, 6))
    with database.app.app_context():
        scope(db.session(), realm.id)
        asked = Question((Token("dataset", str(orders)),), depth=3, view="ever")
        found = subgraph(db.session(), realm.id, asked, datetime(2026, 3, 10, tzinfo=UTC), clock=lambda: next(moments))

    assert found.truncated
    assert "Incomplete: stopped at 1 nodes." in found.notes


def test_two_days_compared_say_of_each_node_and_edge_how_it_differs(api: Program, intake: Intake, store: Store) -> None:
    intake.take(run("a", "move", outputs=[table("t_old")]), run("b", "move", minute=1440, outputs=[table("t_new")]))
    url = f"{GRAPH}?start=job:{store.jobs()['move'].id}&view=ever"

    found = api.get(f"{url}&against=2026-03-02").get_json()

    assert found["against"] == "2026-03-02"
    assert {node["name"]: node.get("change") for node in found["nodes"]} == {
        "move": None,
        "t_old": None,
        "t_new": "came",
    }
    assert [edge["change"] for edge in found["edges"] if "change" in edge] == ["came"]
    assert "against" not in api.get(url).get_json()
