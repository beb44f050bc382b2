"""Impact: everything reachable once, nearest first, with sums and filters, as page, CSV and JSON."""

import csv
import io
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser
from tests.lineage.intake import Intake, Store
from tests.lineage.openlineage_events import columns, facet, run, source, symlinks, table
from tests.lineage.sending import Sender

URL = "/r/acme/lineage/impact"
API = "/api/v1/lineage/impact"


def flow(number: int, reads: list[str], writes: list[str], **facets: Any) -> dict[str, Any]:
    """Return the run of job ``j<number>``."""
    return run(
        f"r{number}", f"j{number}", inputs=[table(name) for name in reads], outputs=[table(n, **facets) for n in writes]
    )


@pytest.fixture
def chain(intake: Intake) -> Intake:
    """d0 - j0 - d1 - j1 - d2, where d2 also comes from x by j2; d1 belongs to Ana."""
    owned = facet(owners=[{"name": "ana", "type": "OWNER"}])
    intake.take(flow(0, ["d0"], ["d1"], ownership=owned), flow(1, ["d1"], ["d2"]), flow(2, ["x"], ["d2"]))
    return intake


def names(answer: Any) -> dict[str, int]:
    return {item["name"]: item["degree"] for item in answer["items"]}


@pytest.fixture
def reader(visitor: Browser, session: Session, owner: User, realm: Realm) -> Sender:
    return Sender(visitor, factories.make_key(session, owner, realm, "lineage.read")[1])


def token(store: Store, name: str) -> str:
    return f"dataset:{store.dataset(name).id}"


@pytest.mark.usefixtures("chain")
def test_every_node_downstream_comes_once_with_its_distance(store: Store, reader: Sender) -> None:
    answer = reader.get(f"impact?start={token(store, 'd0')}")
    assert names(answer) == {"j0": 1, "d1": 2, "j1": 3, "d2": 4}
    assert (answer["total"], answer["truncated"], answer["next"]) == (4, False, None)
    assert answer["totals"]["kind"] == {"dataset": 2, "job": 2}
    assert [item["datasets_on_the_way"] for item in answer["items"]] == [0, 1, 1, 2]
    assert answer["items"][1]["owners"] == ["ana"]


@pytest.mark.usefixtures("chain")
def test_upstream_goes_against_the_flow_and_finds_no_siblings(store: Store, reader: Sender) -> None:
    answer = reader.get(f"impact?start={token(store, 'd1')}&direction=up")
    assert names(answer) == {"j0": 1, "d0": 2}


@pytest.mark.usefixtures("chain")
def test_a_job_is_a_start_as_well(store: Store, reader: Sender) -> None:
    answer = reader.get(f"impact?start=job:{store.jobs()['j0'].id}")
    assert names(answer) == {"d1": 1, "j1": 2, "d2": 3}


def test_any_name_of_a_start_gives_the_same(intake: Intake, store: Store, reader: Sender) -> None:
    both = run("r1", "j1", inputs=[table("a", symlinks=symlinks("b"))], outputs=[table("c")])
    intake.take(both, flow(2, ["b"], ["d"]))
    answers = [reader.get(f"impact?start={token(store, name)}") for name in ("a", "b")]
    assert names(answers[0]) == names(answers[1]) == {"j1": 1, "j2": 1, "c": 2, "d": 2}


@pytest.mark.usefixtures("chain")
def test_csv_equals_page_and_json(store: Store, reader: Sender, client: Browser) -> None:
    start = token(store, "d0")
    page = client.get(f"{URL}?start={start}")
    assert page.text.count('class="row-link"') == 4
    text = client.get(f"{URL}?start={start}&format=csv").text
    rows = list(csv.DictReader(io.StringIO(text)))
    items = reader.get(f"impact?start={start}")["items"]
    assert [(row["name"], int(row["degree"])) for row in rows] == [(item["name"], item["degree"]) for item in items]
    assert client.get(f"{URL}?start={start}&format=json").get_json()["items"] == items


@pytest.mark.usefixtures("chain")
@pytest.mark.parametrize(
    ("more", "left"),
    [
        ("kind=job", ["j0", "j1"]),
        ("kind=job&kind=dataset&degree=4", ["d2"]),
        ("degree=1&degree=2", ["j0", "d1"]),
        ("owner=ana", ["d1"]),
        ("owner=~none&kind=dataset", ["d2"]),
        ("platform=postgres", ["d1", "d2"]),
        ("state=completed", ["j0", "j1"]),
        ("state=unknown", ["d1", "d2"]),
        ("quality=error", []),
        ("activity=day", []),
        ("q=D1", ["d1"]),
        ("tag=nothing", []),
    ],
)
def test_filters_combine(store: Store, reader: Sender, more: str, left: list[str]) -> None:
    answer = reader.get(f"impact?start={token(store, 'd0')}&{more}")
    assert [item["name"] for item in answer["items"]] == left


@pytest.mark.usefixtures("chain")
def test_pages_follow_each_other_without_gap_or_double(store: Store, reader: Sender) -> None:
    found, after = [], ""
    for _ in range(4):
        answer = reader.get(f"impact?start={token(store, 'd0')}&limit=1{after}")
        found += [item["name"] for item in answer["items"]]
        after = f"&after={answer['next']}"
    assert found == ["j0", "d1", "j1", "d2"]
    assert answer["next"] is None


@pytest.mark.usefixtures("chain")
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("start=table:1", "start"),
        ("start=dataset:1&direction=both", "direction"),
        ("start=dataset:1&direction=sideways", "direction"),
        ("start=dataset:1&depth=3", "depth"),
        ("start=dataset:1&how=maybe", "how"),
        ("start=dataset:1&degree=-1", "degree"),
        ("start=dataset:1&activity=soon", "activity"),
        ("start=dataset:1&limit=0", "limit"),
        ("start=dataset:1&format=xml", "format"),
        ("start=dataset:1&as_of=yesterday", "as_of"),
        ("start=job:1&column=a", "column"),
        ("direction=down", "start"),
    ],
)
def test_bad_values_are_named(reader: Sender, query: str, field: str) -> None:
    answer = reader.browser.api("GET", f"{API}?{query}", reader.key)
    assert answer.status_code == 422
    assert f"/{field}" in {error["pointer"] for error in answer.get_json()["errors"]}


@pytest.mark.usefixtures("chain")
def test_a_cursor_of_another_list_is_refused(store: Store, reader: Sender) -> None:
    answer = reader.browser.api("GET", f"{API}?start={token(store, 'd0')}&after=WyJkZWdyZWUiLDFd", reader.key)
    assert answer.status_code == 422


def test_an_unknown_start_is_not_found(intake: Intake, reader: Sender, client: Browser) -> None:
    intake.take(flow(0, ["d0"], ["d1"]))
    for start in ("dataset:4000000", "job:4000000", "run:01941f29-7c00-7000-8000-000000000001"):
        assert reader.browser.api("GET", f"{API}?start={start}", reader.key).status_code == 404
        assert client.get(f"{URL}?start={start}").status_code == 404


def test_another_realm_sees_nothing(
    intake: Intake, store: Store, visitor: Browser, stranger: User, other_realm: Realm
) -> None:
    intake.take(flow(0, ["d0"], ["d1"]))
    answer = visitor.as_(stranger).get(f"/r/{other_realm.shortname}/lineage/impact?start={token(store, 'd0')}")
    assert answer.status_code == 404


def test_without_a_start_the_page_explains_itself(client: Browser) -> None:
    page = client.get(URL)
    assert page.status_code == 200
    assert "Start from a dataset or a job" in page.text


@pytest.mark.usefixtures("chain")
def test_where_nothing_depends_on_it_the_page_says_so(store: Store, client: Browser) -> None:
    assert "Nothing depends on it" in client.get(f"{URL}?start={token(store, 'd2')}").text
    none_left = client.get(f"{URL}?start={token(store, 'd0')}&q=zzz").text
    assert "Nothing matches these filters" in none_left


@pytest.fixture
def columned(intake: Intake) -> Intake:
    """a.x feeds b.y directly and filters all of c; b.y feeds d.z; c.w feeds e.v."""
    fields = {"y": {"inputFields": [source("a", "x", "DIRECT:IDENTITY")]}}
    intake.take(
        run("r1", "j1", inputs=[table("a")], outputs=[table("b", columnLineage=facet(fields=fields))]),
        run(
            "r2",
            "j2",
            inputs=[table("a")],
            outputs=[table("c", columnLineage=facet(fields={}, dataset=[source("a", "x", "INDIRECT:FILTER")]))],
        ),
        run("r3", "j3", inputs=[table("b")], outputs=[table("d", columnLineage=columns(z=[("b", "y")]))]),
        run("r4", "j4", inputs=[table("c")], outputs=[table("e", columnLineage=columns(v=[("c", "w")]))]),
    )
    return intake


def spots(answer: Any) -> dict[str, int]:
    return {f"{item['name']}.{item['column'] or ''}": item["degree"] for item in answer["items"]}


@pytest.mark.usefixtures("columned")
@pytest.mark.parametrize(
    ("how", "found"),
    [
        ("direct", {"b.y": 1, "d.z": 2}),
        ("indirect", {"c.": 1}),
        ("both", {"b.y": 1, "c.": 1, "d.z": 2, "e.v": 2}),
    ],
)
def test_a_column_is_followed_by_direct_and_indirect_edges(
    store: Store, reader: Sender, client: Browser, how: str, found: dict[str, int]
) -> None:
    start = f"start={token(store, 'a')}&column=x&how={how}"
    assert spots(reader.get(f"impact?{start}")) == found
    assert client.get(f"{URL}?{start}").text.count('class="row-link"') == len(found)


@pytest.mark.usefixtures("columned")
def test_a_column_is_followed_upwards(store: Store, reader: Sender) -> None:
    answer = reader.get(f"impact?start={token(store, 'd')}&column=z&direction=up")
    assert spots(answer) == {"b.y": 1, "a.x": 2}
    answer = reader.get(f"impact?start={token(store, 'c')}&column=any&direction=up")
    assert spots(answer) == {"a.x": 1}


@pytest.mark.usefixtures("columned")
def test_a_column_nobody_named_leads_nowhere_and_the_page_says_so(store: Store, client: Browser) -> None:
    assert "column lineage" in client.get(f"{URL}?start={token(store, 'a')}&column=nope").text


def test_noise_is_left_out_but_not_what_lies_behind_it(intake: Intake, store: Store, reader: Sender) -> None:
    intake.take(flow(1, ["a"], ["tmp_b"]), flow(2, ["tmp_b"], ["c"]))
    answer = reader.get(f"impact?start={token(store, 'a')}")
    assert names(answer) == {"j1": 1, "j2": 3, "c": 4}
    assert answer["omitted"] == {"noise": 1}
    shown = reader.get(f"impact?start={token(store, 'a')}&noise=show")
    assert names(shown) == {"j1": 1, "tmp_b": 2, "j2": 3, "c": 4}


def test_a_chain_looked_ahead_is_the_chain_walked(intake: Intake, store: Store, reader: Sender) -> None:
    intake.take(*(flow(number, [f"d{number}"], [f"d{number + 1}"]) for number in range(30)))
    answer = reader.get(f"impact?start={token(store, 'd0')}")
    assert names(answer) == {f"j{n}": 2 * n + 1 for n in range(30)} | {f"d{n + 1}": 2 * n + 2 for n in range(30)}
    up = reader.get(f"impact?start={token(store, 'd30')}&direction=up")
    assert max(item["degree"] for item in up["items"]) == 60
