"""The path between two things: shortest first, evidence for each step, none found, the other direction, from = to."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import run, symlinks, table
from tests.lineage.sending import Sender

URL = "/r/acme/lineage/path"
API = "/api/v1/lineage/path"


def flow(number: int, reads: list[str], writes: list[str]) -> dict[str, Any]:
    """Return the run of job ``j<number>``."""
    return run(f"r{number}", f"j{number}", inputs=[table(n) for n in reads], outputs=[table(n) for n in writes])


@pytest.fixture
def diamond(intake: Intake) -> Intake:
    """Two ways from a to d: by j1, and over b and c by j2 and j3; s feeds a and t."""
    intake.take(
        flow(1, ["a"], ["d"]),
        flow(2, ["a"], ["b"]),
        flow(3, ["b"], ["d"]),
        flow(4, ["s"], ["a"]),
        flow(5, ["s"], ["t"]),
    )
    return intake


@pytest.fixture
def reader(visitor: Browser, session: Session, owner: User, realm: Realm) -> Sender:
    return Sender(visitor, factories.make_key(session, owner, realm, "lineage.read")[1])


def ends(store: Store, source: str, target: str) -> str:
    return f"from=dataset:{store.dataset(source).id}&to=dataset:{store.dataset(target).id}"


def by_name(store: Store, nodes: list[str]) -> list[str]:
    known = {f"dataset:{one.id}": name for name, one in store.datasets().items()}
    known |= {f"job:{one.id}": name for name, one in store.jobs().items()}
    return [known[node] for node in nodes]


@pytest.mark.usefixtures("diamond")
def test_the_shortest_way_comes_first_with_evidence_per_step(store: Store, reader: Sender, client: Browser) -> None:
    answer = reader.get(f"path?{ends(store, 'a', 'd')}")
    assert [by_name(store, way["nodes"]) for way in answer["paths"]] == [
        ["a", "j1", "d"],
        ["a", "j2", "b", "j3", "d"],
    ]
    first = answer["paths"][0]["steps"]
    assert [(step["evidence"], step["types"], step["runs"]) for step in first] == [
        ("operation", ["READ"], 1),
        ("operation", ["WRITE"], 1),
    ]
    page = client.get(f"{URL}?{ends(store, 'a', 'd')}").text
    assert page.index("Way 1") < page.index("Way 2")
    assert "graph-svg" in page


@pytest.mark.usefixtures("diamond")
def test_all_gives_every_node_on_some_way_and_no_other(store: Store, reader: Sender, client: Browser) -> None:
    answer = reader.get(f"path?{ends(store, 's', 'd')}&all=1")
    found = {node["name"]: node["distance"] for node in answer["nodes"]}
    assert found == {"s": 0, "j4": 1, "a": 2, "j1": 3, "j2": 3, "b": 4, "d": 4, "j3": 5}
    assert len(answer["edges"]) == 8
    assert "8 things lie on some way" in client.get(f"{URL}?{ends(store, 's', 'd')}&all=1").text


@pytest.mark.usefixtures("diamond")
def test_against_the_flow_the_other_direction_is_offered(store: Store, reader: Sender, client: Browser) -> None:
    answer = reader.get(f"path?{ends(store, 'd', 'a')}")
    assert answer["paths"] == []
    assert by_name(store, answer["reversed"]["nodes"]) == ["a", "j1", "d"]
    page = client.get(f"{URL}?{ends(store, 'd', 'a')}").text
    assert "No data flows this way" in page
    assert "Show the other direction" in page


@pytest.mark.usefixtures("diamond")
def test_between_siblings_the_nearest_common_upstream_is_told(store: Store, reader: Sender, client: Browser) -> None:
    answer = reader.get(f"path?{ends(store, 't', 'd')}")
    assert answer["reversed"] is None
    assert [by_name(store, way["nodes"]) for way in answer["common_upstream"]] == [
        ["s", "j5", "t"],
        ["s", "j4", "a", "j1", "d"],
    ]
    assert "Both come from s" in client.get(f"{URL}?{ends(store, 't', 'd')}").text


def test_two_things_that_share_nothing_say_so(intake: Intake, store: Store, client: Browser) -> None:
    intake.take(flow(1, ["a"], ["b"]), flow(2, ["x"], ["y"]))
    assert "Nothing feeds both" in client.get(f"{URL}?{ends(store, 'a', 'y')}").text


def test_from_and_to_may_be_one_thing_or_two_names_of_it(
    intake: Intake, store: Store, reader: Sender, client: Browser
) -> None:
    intake.take(run("r1", "j1", inputs=[table("a", symlinks=symlinks("b"))], outputs=[table("c")]))
    answer = reader.get(f"path?{ends(store, 'a', 'a')}")
    assert [way["length"] for way in answer["paths"]] == [0]
    assert "no steps" in client.get(f"{URL}?{ends(store, 'a', 'a')}").text
    assert "two names of one dataset" in client.get(f"{URL}?{ends(store, 'a', 'b')}").text
    assert reader.get(f"path?{ends(store, 'b', 'c')}")["paths"][0]["length"] == 2


@pytest.mark.usefixtures("diamond")
def test_jobs_are_ends_as_well(store: Store, reader: Sender) -> None:
    jobs = store.jobs()
    answer = reader.get(f"path?from=job:{jobs['j4'].id}&to=job:{jobs['j3'].id}")
    assert by_name(store, answer["paths"][0]["nodes"]) == ["j4", "a", "j2", "b", "j3"]


@pytest.mark.usefixtures("diamond")
@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("from=dataset:1", 422, "/to"),
        ("to=dataset:1", 422, "/from"),
        ("from=x&to=dataset:1", 422, "/from"),
        ("from=dataset:1&to=storage:1", 422, "/to"),
        ("from=dataset:1&to=dataset:2&all=2", 422, "/all"),
        ("from=dataset:1&to=dataset:2&depth=2", 422, "/depth"),
        ("from=dataset:1&to=dataset:2&as_of=yesterday", 422, "/as_of"),
        ("from=dataset:4000000&to=dataset:1", 404, None),
    ],
)
def test_bad_values_are_named(reader: Sender, query: str, status: int, field: str | None) -> None:
    answer = reader.browser.api("GET", f"{API}?{query}", reader.key)
    assert answer.status_code == status
    assert field is None or field in {error["pointer"] for error in answer.get_json()["errors"]}


@pytest.mark.usefixtures("diamond")
def test_a_page_without_ends_offers_to_find_them(store: Store, client: Browser) -> None:
    assert "Choose two things" in client.get(URL).text
    half = f"from=dataset:{store.dataset('a').id}"
    assert "Now the other end" in client.get(f"{URL}?{half}").text
    assert f"to=dataset:{store.dataset('t').id}" in client.get(f"{URL}?{half}&q=t").text
    assert client.get(f"{URL}?from=dataset:4000000").status_code == 404
