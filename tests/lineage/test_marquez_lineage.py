"""The graphs of the Marquez API: tables and jobs, columns, and runs behind runs."""

from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.lineage.marquez.target import segments
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser
from tests.databases import Database
from tests.lineage.intake import Intake, Store
from tests.lineage.marquez import ROOT, Marquez
from tests.lineage.openlineage_events import WAREHOUSE, columns, facet, job, run, schema, source, symlinks, table
from tests.lineage.test_facts_of_real_events import files


@pytest.fixture
def marquez(visitor: Browser, session: Session, owner: User, realm: Realm) -> Marquez:
    """A client that may read lineage."""
    return Marquez(visitor, factories.make_key(session, owner, realm, "lineage.read")[1])


def chain(intake: Intake, *tables: str) -> None:
    """Make each table of the one before by a job named after both."""
    for index, (one, other) in enumerate(pairwise(tables)):
        intake.take(
            run(f"run-{one}-{other}", f"{one}-{other}", minute=index, inputs=[table(one)], outputs=[table(other)])
        )


def ids(graph: Any) -> list[str]:
    """Return the ids of nodes without the part all datasets share."""
    return sorted(each["id"].replace(f":{WAREHOUSE}:", ":").replace(":etl:", ":") for each in graph["graph"])


def check(graph: Any) -> None:
    """Raise AssertionError unless ids are unique, each edge has both ends, and both ends say so."""
    nodes = {each["id"]: each for each in graph["graph"]}
    assert len(nodes) == len(graph["graph"]) <= 1_000
    into = {(edge["origin"], edge["destination"]) for each in nodes.values() for edge in each["inEdges"]}
    out = {(edge["origin"], edge["destination"]) for each in nodes.values() for edge in each["outEdges"]}
    assert into == out
    assert {end for edge in into for end in edge} <= nodes.keys()
    for key, each in nodes.items():
        assert all(edge["destination"] == key for edge in each["inEdges"])
        assert all(edge["origin"] == key for edge in each["outEdges"])


def test_depth_counts_jobs(marquez: Marquez, intake: Intake) -> None:
    chain(intake, "a", "b", "c", "d")

    start = f"dataset:{WAREHOUSE}:a"
    found = [ids(marquez.get("lineage", nodeId=start, depth=depth)) for depth in (0, 1, 2)]

    assert found[0] == ["dataset:a"]
    assert found[1] == ["dataset:a", "dataset:b", "job:a-b"]
    assert found[2] == ["dataset:a", "dataset:b", "dataset:c", "job:a-b", "job:b-c"]
    assert len(marquez.get("lineage", nodeId=start)["graph"]) == 7
    assert ids(marquez.get("lineage", nodeId="job:etl:b-c", depth=0)) == ["dataset:b", "dataset:c", "job:b-c"]
    check(marquez.get("lineage", nodeId="job:etl:b-c"))


def test_nodes_carry_what_lineage_tells_of_them(marquez: Marquez, intake: Intake) -> None:
    chain(intake, "a", "b")

    graph = marquez.get("lineage", nodeId="run:run-a-b")["graph"]

    a, b, work = graph
    assert (a["type"], b["type"], work["type"]) == ("DATASET", "DATASET", "JOB")
    edge = {"origin": a["id"], "destination": work["id"]}
    assert (a["inEdges"], a["outEdges"], work["inEdges"]) == ([], [edge], [edge])
    assert work["outEdges"] == b["inEdges"] == [{"origin": work["id"], "destination": b["id"]}]
    assert work["data"]["inputs"] == [a["data"]["id"]]
    assert work["data"]["latestRun"]["id"] == "run-a-b"
    whole = marquez.get("namespaces", WAREHOUSE, "datasets", "a")
    assert a["data"] == {key: whole[key] for key in a["data"]}


def test_what_exists_decides_how_a_node_id_is_read(marquez: Marquez, intake: Intake) -> None:
    odd = [("s3://h:9", "a:b"), ("s3://h", "9:a:c"), ("x", "t#1"), ("x", "t#01941f29-7c00-7000-8000-000000000001")]
    intake.take(run("r", "j: 1", namespace="n:m", outputs=[table(name, namespace) for namespace, name in odd]))

    for namespace, name in odd:
        node = f"dataset:{namespace}:{name}"
        assert [each["id"] for each in marquez.get("lineage", nodeId=node, depth=0)["graph"]] == [node]
    version = "#01941f29-7c00-7000-8000-00000000000f"
    assert len(marquez.get("lineage", nodeId=f"job:n:m:j: 1{version}")["graph"]) == 5
    assert marquez.missing("lineage", nodeId="dataset:s3://h:9:zz") == "Dataset 's3://h:9:zz' not found."
    assert marquez.missing("lineage", nodeId="run:zz") == "Run 'zz' not found."
    for bad in ("", "dataset", "dataset:", "table:a:b", "datasetField:a:b:c"):
        assert marquez.ask("lineage", nodeId=bad).status_code == 400
    assert marquez.missing("lineage", nodeId="dataset:" + ":" * 4_000)
    assert marquez.missing("column-lineage", nodeId="datasetField:" + "a:" * 2_000)


def test_a_cycle_ends_and_a_table_read_and_written_is_one_node(marquez: Marquez, intake: Intake) -> None:
    chain(intake, "a", "b", "a")
    intake.take(run("s", "self", minute=5, inputs=[table("a")], outputs=[table("a")]))

    graph = marquez.get("lineage", nodeId=f"dataset:{WAREHOUSE}:a")

    check(graph)
    assert ids(graph) == ["dataset:a", "dataset:b", "job:a-b", "job:b-a", "job:self"]
    itself = next(each for each in graph["graph"] if each["id"] == "job:etl:self")
    assert (len(itself["inEdges"]), len(itself["outEdges"])) == (1, 1)


def test_all_names_of_a_table_are_one_node(marquez: Marquez, intake: Intake) -> None:
    path = table("/w/t", "s3://lake", symlinks=symlinks("db.t", namespace="hive://m:9083"))
    intake.take(run("w", "write", outputs=[path]), run("r", "read", minute=2, inputs=[table("db.t", "hive://m:9083")]))

    graphs = [marquez.get("lineage", nodeId=node) for node in ("dataset:s3://lake:/w/t", "dataset:hive://m:9083:db.t")]

    assert graphs[0] == graphs[1]
    assert ids(graphs[0]) == ["dataset:hive://m:9083:db.t", "job:read", "job:write"]
    assert marquez.get("namespaces", "s3://lake", "datasets")["datasets"][0]["name"] == "/w/t"
    read = marquez.get("jobs", "runs", "r")["inputDatasetVersions"][0]["datasetVersionId"]
    wrote = marquez.get("jobs", "runs", "w")["outputDatasetVersions"][0]["datasetVersionId"]
    assert read["version"] == wrote["version"]


def test_declared_jobs_are_walked(marquez: Marquez, intake: Intake) -> None:
    chain(intake, "a", "b")
    intake.take(job("plan", minute=5, inputs=[table("b")], outputs=[table("c")]))

    assert ids(marquez.get("lineage", nodeId="job:etl:a-b")) == [
        "dataset:a", "dataset:b", "dataset:c", "job:a-b", "job:plan"
    ]  # fmt: skip


def test_what_a_job_no_longer_writes_is_left_out(marquez: Marquez, intake: Intake) -> None:
    intake.take(run("1", "j", outputs=[table("old")]), run("2", "j", minute=24 * 60, outputs=[table("new")]))

    assert ids(marquez.get("lineage", nodeId="job:etl:j")) == ["dataset:new", "job:j"]
    assert ids(marquez.get("lineage", nodeId=f"dataset:{WAREHOUSE}:old")) == ["dataset:old"]


def test_a_hub_is_cut_at_a_thousand_nodes(marquez: Marquez, intake: Intake) -> None:
    intake.take(*(run(f"r{i}", f"j{i}", inputs=[table("hub")], outputs=[table(f"t{i}")]) for i in range(600)))

    graph = marquez.get("lineage", nodeId=f"dataset:{WAREHOUSE}:hub")

    check(graph)
    assert len(graph["graph"]) == 1_000


def fed(intake: Intake) -> None:
    """Column c of t3 is made of b of t2, which is made of a and x of t1."""
    kinds = facet(
        fields={"b": {"inputFields": [source("t1", "a", "DIRECT:IDENTITY"), source("t1", "x", "INDIRECT:JOIN")]}}
    )
    old = facet(fields={
        "c": {"inputFields": [source("t2", "b")], "transformationType": "MASKED", "transformationDescription": "hashed"}
    })  # fmt: skip
    one = table("t2", schema=schema("b"), columnLineage=kinds)
    two = table("t3", schema=schema("c", "d"), columnLineage=old)
    intake.take(
        run("1", "one", inputs=[table("t1", schema=schema("a", "x"))], outputs=[one]),
        run("2", "two", minute=2, inputs=[table("t2")], outputs=[two]),
    )


def columns_of(graph: Any) -> list[str]:
    """Return table and column of each node."""
    return [each["id"].rpartition(f"{WAREHOUSE}:")[2] for each in graph["graph"]]


def test_columns_are_followed_upwards_and_down_on_request(marquez: Marquez, intake: Intake) -> None:
    fed(intake)
    node = f"datasetField:{WAREHOUSE}:t2:b"

    up, both = (marquez.get("column-lineage", nodeId=node, withDownstream=flag) for flag in (False, True))

    check(up)
    check(both)
    assert columns_of(up) == ["t1:a", "t1:x", "t2:b"]
    assert columns_of(both) == ["t1:a", "t1:x", "t2:b", "t3:c"]
    assert columns_of(marquez.get("column-lineage", nodeId=f"dataset:{WAREHOUSE}:t3")) == [
        "t1:a",
        "t1:x",
        "t2:b",
        "t3:c",
    ]
    assert columns_of(marquez.get("column-lineage", nodeId=f"dataset:{WAREHOUSE}:t3", depth=1)) == ["t2:b", "t3:c"]
    assert columns_of(marquez.get("column-lineage", nodeId="job:etl:one")) == ["t1:a", "t1:x", "t2:b"]
    assert columns_of(marquez.get("column-lineage", nodeId=f"datasetField:{WAREHOUSE}:t3:d")) == ["t3:d"]
    assert marquez.missing("column-lineage", nodeId=f"datasetField:{WAREHOUSE}:t3:z").endswith("t3:z' not found.")
    assert marquez.missing("column-lineage", nodeId="dataset:n:t9") == "Dataset 'n:t9' not found."
    assert marquez.ask("column-lineage", nodeId="run:1").status_code == 400


def test_a_column_tells_what_made_it(marquez: Marquez, intake: Intake, store: Store) -> None:
    fed(intake)

    graph = marquez.get("column-lineage", nodeId=f"datasetField:{WAREHOUSE}:t3:c", depth=1)["graph"]

    of_c, of_b = graph[1], graph[0]
    assert of_c["type"] == "DATASET_FIELD"
    assert of_c["inEdges"] == of_b["outEdges"] == [{"origin": of_b["id"], "destination": of_c["id"]}]
    assert of_c["data"] == {
        "namespace": WAREHOUSE,
        "dataset": "t3",
        "datasetVersion": str(store.interaction("t3").id),
        "field": "c",
        "fieldType": "int",
        "transformationDescription": "hashed",
        "transformationType": "MASKED",
        "inputFields": [
            {
                "namespace": WAREHOUSE,
                "dataset": "t2",
                "datasetVersion": str(store.interaction("t2").id),
                "field": "b",
                "transformationDescription": None,
                "transformationType": "MASKED",
            }
        ],
    }


def test_column_lineage_that_was_taken_back_is_gone(marquez: Marquez, intake: Intake) -> None:
    intake.take(
        run("1", "j", outputs=[table("t", columnLineage=columns(a=[("s", "a")]))]),
        run("2", "j", minute=1, outputs=[table("t", columnLineage=columns(b=[("s", "b")]))]),
    )

    assert columns_of(marquez.get("column-lineage", nodeId=f"dataset:{WAREHOUSE}:t")) == ["s:b", "t:b"]


def test_runs_behind_a_run_are_told_nearest_first(marquez: Marquez, intake: Intake) -> None:
    chain(intake, "a", "b", "c")
    intake.take(run("later", "a-b", minute=9, inputs=[table("a")], outputs=[table("b")]))

    found = marquez.get("runlineage", "upstream", runId="run-b-c")["runs"]

    assert [each["run"]["id"] for each in found] == ["run-b-c", "run-a-b"]
    read = found[0]["inputs"][0]
    assert (read["name"], read["producedByRunId"]) == ("b", "run-a-b")
    assert read["version"]
    assert found[0]["job"]["name"] == "b-c"
    assert found[0]["run"]["status"] == "COMPLETED"
    assert found[1]["inputs"][0]["producedByRunId"] is None
    assert len(marquez.get("runlineage", "upstream", runId="run-b-c", depth=0)["runs"]) == 1
    assert marquez.missing("runlineage", "upstream", runId="zz") == "Run 'zz' not found."


def test_real_events_make_graphs_that_agree_and_lists_like_their_parts(
    marquez: Marquez, intake: Intake, store: Store, database: Database
) -> None:
    for lines in files().values():
        intake.send(*lines)
    # Each of them on one database; on the other some, for the time it takes.
    walked, datasets = 0, list(store.datasets().values())[:: 1 if database.settings.is_sqlite else 6]
    for one in datasets:
        graph = marquez.get("lineage", nodeId=f"dataset:{one.namespace}:{one.name}")
        check(graph)
        walked += len(graph["graph"])
    for one in datasets[::10]:
        check(marquez.get("column-lineage", nodeId=f"dataset:{one.namespace}:{one.name}", withDownstream=True))
    assert walked > len(datasets)
    for namespace in marquez.get("namespaces", limit=1000)["namespaces"]:
        _same_alone_as_in_its_list(marquez, namespace["name"])


def _same_alone_as_in_its_list(marquez: Marquez, space: str) -> None:
    for each in marquez.get("namespaces", space, "datasets", limit=1000)["datasets"][:2]:
        path = ("namespaces", space, "datasets", each["name"])
        assert marquez.get(*path) == each
        versions = marquez.get(*path, "versions")["versions"]
        assert each["currentVersion"] == (versions[0]["version"] if versions else None), path
    for each in marquez.get("namespaces", space, "jobs", limit=1000)["jobs"][:1]:
        assert marquez.get("namespaces", space, "jobs", each["name"]) == each


@pytest.mark.parametrize(
    "path",
    [
        ("namespaces",),
        ("sources",),
        ("namespaces", WAREHOUSE, "datasets"),
        ("namespaces", WAREHOUSE, "datasets", "t0", "versions"),
        ("jobs",),
        ("namespaces", "etl", "jobs", "j0", "runs"),
        ("namespaces", "etl", "jobs", "j0", "versions"),
        ("events",),
        ("lineage",),
        ("column-lineage",),
    ],
)
def test_statements_do_not_grow_with_rows(
    marquez: Marquez, intake: Intake, database: Database, path: tuple[str, ...]
) -> None:
    def fill(first: int, count: int) -> None:
        for i in range(first, first + count):
            fed_by = columns(a=[("hub", "a")])
            output = table(f"t{i}", schema=schema("a"), columnLineage=fed_by)
            intake.take(
                run(f"r{i}", f"j{i}", minute=i, inputs=[table("hub")], outputs=[output]),
                run(f"x{i}", "j0", minute=i, inputs=[table("hub")], outputs=[table("t0", schema=schema(f"a{i}"))]),
            )

    params = {"nodeId": f"dataset:{WAREHOUSE}:hub", "withDownstream": True}
    counts = []
    for first, count in ((0, 2), (2, 12)):
        fill(first, count)
        marquez.get(*path, **params)
        database.app.extensions["test.watch"].count = 0
        marquez.get(*path, **params)
        counts.append(database.app.extensions["test.watch"].count)
    assert counts[0] == counts[1] <= 50


def test_another_realm_is_not_there(
    marquez: Marquez, intake: Intake, database: Database, other_realm: Realm, store: Store
) -> None:
    fed(Intake(database, other_realm))
    version = str(store.interaction("t3").id)

    for name in ("namespaces", "sources", "jobs", "events", "tags"):
        assert [value for value in marquez.get(name).values() if value] == [], name
    assert marquez.get("search", q="t")["totalCount"] == 0
    assert [each["count"] for each in marquez.get("stats", "jobs")][-1] == 0
    assert marquez.get("events", "etl")["totalCount"] == 0
    for path in (
        ("namespaces", WAREHOUSE),
        ("sources", WAREHOUSE),
        ("namespaces", WAREHOUSE, "datasets"),
        ("namespaces", WAREHOUSE, "datasets", "t3"),
        ("namespaces", WAREHOUSE, "datasets", "t3", "versions"),
        ("namespaces", WAREHOUSE, "datasets", "t3", "versions", version),
        ("namespaces", "etl", "jobs"),
        ("namespaces", "etl", "jobs", "one"),
        ("namespaces", "etl", "jobs", "one", "runs"),
        ("jobs", "runs", "1"),
        ("jobs", "runs", "1", "facets"),
    ):
        assert marquez.missing(*path)
    for node in (f"dataset:{WAREHOUSE}:t3", "job:etl:one", "run:1"):
        assert marquez.missing("lineage", nodeId=node)
    assert marquez.missing("column-lineage", nodeId=f"datasetField:{WAREHOUSE}:t3:c")
    assert marquez.missing("runlineage", "upstream", runId="1")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["namespaces/x", "jobs/runs/1/start", "namespaces/x/datasets/y/tags/z", "tags/a"])
def test_writing_is_refused_with_the_way_to_write(marquez: Marquez, method: str, path: str) -> None:
    headers = {"Authorization": f"Bearer {marquez.key}"}

    answer = marquez.browser.client.open(f"{ROOT}/{path}", method=method, headers=headers)

    assert (answer.status_code, answer.get_json()["code"]) == (405, 405)
    assert "OpenLineage events" in answer.get_json()["message"]
    assert "GET" in answer.headers["Allow"]


def test_reading_needs_a_key_that_may(
    marquez: Marquez, visitor: Browser, session: Session, owner: User, realm: Realm
) -> None:
    assert marquez.get("namespaces") == {"namespaces": []}
    assert Marquez(visitor, None).ask("namespaces").status_code == 401
    assert Marquez(visitor, factories.make_key(session, owner, realm, "config")[1]).ask("jobs").status_code == 403


@pytest.mark.parametrize(
    ("environ", "found"),
    [
        ({"RAW_URI": f"{ROOT}/namespaces/a%2Fb?x=1"}, ["namespaces", "a/b"]),
        ({"REQUEST_URI": f"http://h:1/below{ROOT}/jobs/%C3%BC"}, ["jobs", "ü"]),
        ({"RAW_URI": "/api/marquez/%61pi/v1/x"}, ["namespaces", "a", "b"]),
        ({}, ["namespaces", "a", "b"]),
        ({"RAW_URI": f"{ROOT}/a%252Fb/%"}, ["a%2Fb", "%"]),
    ],
)
def test_names_are_segments_of_the_target_as_it_was_sent(environ: dict[str, str], found: list[str]) -> None:
    assert segments(environ, "namespaces/a/b") == found
