"""The Marquez API: every shape against expectations made by hand."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.lineage.models import Interaction
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser
from tests.lineage.intake import Intake, Store
from tests.lineage.marquez import Marquez
from tests.lineage.openlineage_events import (
    WAREHOUSE,
    at,
    columns,
    dataset,
    facet,
    job,
    job_type,
    parent,
    run,
    schema,
    table,
)

ODD = "s3://lake/a b:c%2F/d"


@pytest.fixture
def marquez(visitor: Browser, session: Session, owner: User, realm: Realm) -> Marquez:
    """A client that may read lineage."""
    return Marquez(visitor, factories.make_key(session, owner, realm, "lineage.read")[1])


def when(minute: int) -> str:
    """Return the time of an event as this API says it."""
    return f"2026-03-02T09:{minute:02d}:00.000000Z"


def story(intake: Intake) -> None:
    """A job that reads orders and writes daily, twice; another that fills orders."""
    tags = facet(tags=[{"key": "PII", "value": "yes", "field": "id"}, {"key": "GOLD"}])
    daily = table("daily", schema=schema("id"), tags=tags, columnLineage=columns(id=[("orders", "id")]))
    source = facet(name="warehouse", uri="jdbc:postgresql://ada:pw@db.example:5432/shop")
    orders = table("orders", schema=schema("id", "total"), dataSource=source)
    code = {"sourceCodeLocation": facet(type="git", url="https://git.example/etl")}
    intake.each([
        run("r0", "fill", minute=0, outputs=[orders]),
        run("r1", "report.daily", "START", minute=1, inputs=[orders]),
        run("r1", "report.daily", minute=3, inputs=[orders], outputs=[daily], job_facets=code),
        run("r2", "report.daily", "FAIL", minute=5, inputs=[orders], facets={"parent": parent("p", "report")}),
    ])  # fmt: skip


def test_namespaces_are_those_of_datasets_and_jobs(marquez: Marquez, intake: Intake) -> None:
    story(intake)
    intake.take(dataset(table("t", ODD)))

    found = marquez.get("namespaces")["namespaces"]

    assert [each["name"] for each in found] == ["etl", WAREHOUSE, ODD]
    assert set(found[0]) == {"name", "createdAt", "updatedAt", "ownerName", "description", "isHidden"}
    assert (found[0]["ownerName"], found[0]["isHidden"]) == ("anonymous", False)
    assert marquez.get("namespaces", ODD) == found[2]
    assert marquez.get("namespaces", limit=1, offset=1)["namespaces"] == found[1:2]
    assert marquez.missing("namespaces", "no/such") == "Namespace 'no/such' not found."


def test_sources_are_named_by_facets_else_by_namespaces(marquez: Marquez, intake: Intake) -> None:
    story(intake)

    found = {each["name"]: each for each in marquez.get("sources")["sources"]}

    assert sorted(found) == [WAREHOUSE, "warehouse"]
    assert found["warehouse"]["connectionUrl"] == "jdbc:postgresql://db.example:5432/shop"
    assert found["warehouse"]["type"] == "POSTGRESQL"
    assert found["warehouse"]["createdAt"] == when(0)
    assert (found[WAREHOUSE]["type"], found[WAREHOUSE]["connectionUrl"]) == ("POSTGRES", WAREHOUSE)
    assert marquez.get("sources", "warehouse") == found["warehouse"]
    assert marquez.missing("sources", "x") == "Source 'x' not found."


def test_a_dataset_has_all_that_marquez_tells_of_one(marquez: Marquez, intake: Intake, store: Store) -> None:
    story(intake)

    found = marquez.get("namespaces", WAREHOUSE, "datasets", "daily")

    write = store.interaction("daily")
    facets, created, updated = found.pop("facets"), found.pop("createdAt"), found.pop("updatedAt")
    assert created.endswith("Z")
    assert updated >= created
    assert set(facets) == {"schema", "tags", "columnLineage"}
    assert found == {
        "id": {"namespace": WAREHOUSE, "name": "daily"},
        "type": "DB_TABLE",
        "name": "daily",
        "physicalName": "daily",
        "namespace": WAREHOUSE,
        "sourceName": WAREHOUSE,
        "fields": [{"name": "id", "type": "int", "tags": ["PII"], "description": None}],
        "tags": ["GOLD"],
        "lastModifiedAt": when(3),
        "lastLifecycleState": None,
        "description": None,
        "currentVersion": str(write.id),
        "columnLineage": [
            {
                "name": "id",
                "inputFields": [
                    {
                        "namespace": WAREHOUSE,
                        "dataset": "orders",
                        "datasetVersion": None,
                        "field": "id",
                        "transformationDescription": None,
                        "transformationType": None,
                    }
                ],
                "transformationDescription": None,
                "transformationType": None,
            }
        ],
        "deleted": False,
    }
    assert marquez.missing("namespaces", WAREHOUSE, "datasets", "x/y") == "Dataset 'x/y' not found."
    assert marquez.missing("namespaces", "x", "datasets") == "Namespace 'x' not found."


def test_datasets_are_listed_by_name_with_their_number(marquez: Marquez, intake: Intake) -> None:
    story(intake)

    found = marquez.get("namespaces", WAREHOUSE, "datasets")
    second = marquez.get("namespaces", WAREHOUSE, "datasets", limit=1, offset=1, unknown="ignored")

    assert [each["name"] for each in found["datasets"]] == ["daily", "orders"]
    assert [each["sourceName"] for each in found["datasets"]] == [WAREHOUSE, "warehouse"]
    assert (found["totalCount"], second["totalCount"]) == (2, 2)
    assert second["datasets"] == found["datasets"][1:]
    assert found["datasets"][0] == marquez.get("namespaces", WAREHOUSE, "datasets", "daily")


def test_a_version_is_made_by_a_write_or_by_another_schema(marquez: Marquez, intake: Intake, store: Store) -> None:
    intake.each([
        run("w", "fill", minute=1, outputs=[table("t", schema=schema("a"))]),
        run("r", "read", minute=2, inputs=[table("t", schema=schema("a", "b"))]),
        run("w2", "fill", minute=3, outputs=[table("t", schema=schema("a", "b"))]),
        dataset(table("t", schema=schema("a", "b", "c")), minute=4),
    ])  # fmt: skip
    path = ("namespaces", WAREHOUSE, "datasets", "t")

    found = marquez.get(*path, "versions")

    versions = found["versions"]
    assert found["totalCount"] == 4
    assert [len(each["fields"]) for each in versions] == [3, 2, 2, 1]
    assert [each["createdAt"] for each in versions] == [when(4), when(3), when(2), when(1)]
    assert [each["createdByRun"] and each["createdByRun"]["id"] for each in versions] == [None, "w2", None, "w"]
    assert [len(each["facets"]["schema"]["fields"]) for each in versions] == [3, 2, 2, 1]
    assert versions[0]["version"] == marquez.get(*path)["currentVersion"]
    assert [marquez.get(*path, "versions", each["version"]) for each in versions] == versions
    assert marquez.get(*path, "versions", limit=2, offset=1)["versions"] == versions[1:3]
    assert versions[1]["id"] == {"namespace": WAREHOUSE, "name": "t", "version": versions[1]["version"]}
    assert marquez.missing(*path, "versions", "x") == "Dataset version 'x' not found."
    assert "not found" in marquez.missing(*path, "versions", "01941f29-7c00-7000-8000-000000000001")
    assert store.dataset("t")


def test_a_job_has_all_that_marquez_tells_of_one(marquez: Marquez, intake: Intake) -> None:
    story(intake)

    found = marquez.get("namespaces", "etl", "jobs", "report.daily")

    facets, runs = found.pop("facets"), found.pop("latestRuns")
    assert set(facets) == {"sourceCodeLocation"}
    assert [each["id"] for each in runs] == ["r2", "r1"]
    assert found.pop("latestRun") == runs[0]
    assert found.pop("currentVersion") == runs[0]["jobVersion"]["version"]
    assert found.pop("parentJobUuid")
    assert found.pop("createdAt") <= found.pop("updatedAt")
    assert found == {
        "id": {"namespace": "etl", "name": "report.daily"},
        "type": "BATCH",
        "name": "report.daily",
        "simpleName": "daily",
        "parentJobName": "report",
        "namespace": "etl",
        "inputs": [{"namespace": WAREHOUSE, "name": "orders"}],
        "outputs": [{"namespace": WAREHOUSE, "name": "daily"}],
        "location": "https://git.example/etl",
        "description": None,
        "tags": [],
    }
    assert marquez.missing("namespaces", "etl", "jobs", "x") == "Job 'x' not found."


def test_jobs_are_listed_in_a_namespace_and_everywhere(marquez: Marquez, intake: Intake) -> None:
    story(intake)
    intake.take(run("s", "stream", "START", namespace=ODD, job_facets=job_type("FLINK", "JOB", "STREAMING")))

    here, everywhere = marquez.get("namespaces", "etl", "jobs"), marquez.get("jobs")
    failed = marquez.get("jobs", lastRunStates="FAILED,ABORTED")

    assert [each["name"] for each in here["jobs"]] == ["fill", "report", "report.daily"]
    assert [each["name"] for each in everywhere["jobs"]] == ["fill", "report", "report.daily", "stream"]
    assert (here["totalCount"], everywhere["totalCount"], failed["totalCount"]) == (3, 4, 1)
    assert [each["name"] for each in failed["jobs"]] == ["report.daily"]
    assert everywhere["jobs"][3]["type"] == "STREAM"
    assert marquez.ask("jobs", lastRunStates="GOOD").status_code == 400


def test_a_job_has_a_version_for_each_set_of_datasets(marquez: Marquez, intake: Intake) -> None:
    story(intake)
    path = ("namespaces", "etl", "jobs", "report.daily", "versions")

    found = marquez.get(*path)

    assert found["totalCount"] == 2
    newest, oldest = found["versions"]
    assert (newest["outputs"], oldest["outputs"]) == ([], [{"namespace": WAREHOUSE, "name": "daily"}])
    assert (newest["latestRun"]["id"], oldest["latestRun"]["id"]) == ("r2", "r1")
    assert oldest["createdAt"] == when(1)
    assert marquez.get(*path, oldest["version"]) == oldest
    assert marquez.missing(*path, "nope") == "Job version 'nope' not found."


def test_a_run_tells_which_versions_it_read_and_wrote(
    marquez: Marquez, intake: Intake, store: Store, session: Session
) -> None:
    story(intake)

    found = marquez.get("jobs", "runs", "r1")

    writes: dict[str, Interaction] = {name: store.interaction(name) for name in ("orders", "daily")}
    assert found.pop("jobVersion")["name"] == "report.daily"
    assert found == {
        "id": "r1",
        "createdAt": when(1),
        "updatedAt": when(3),
        "nominalStartTime": None,
        "nominalEndTime": None,
        "state": "COMPLETED",
        "startedAt": when(1),
        "endedAt": when(3),
        "durationMs": 120_000,
        "args": {},
        "inputDatasetVersions": [_version("orders", writes)],
        "outputDatasetVersions": [_version("daily", writes)],
        "facets": {},
    }
    assert marquez.missing("jobs", "runs", "x") == "Run 'x' not found."
    assert marquez.get("jobs", "runs", str(store.run("r1").id))["id"] == "r1"


def _version(name: str, writes: dict[str, Interaction]) -> dict[str, Any]:
    version = {"namespace": WAREHOUSE, "name": name, "version": str(writes[name].id)}
    return {"datasetVersionId": version, "facets": {}}


def test_runs_of_a_job_come_newest_first(marquez: Marquez, intake: Intake) -> None:
    story(intake)
    path = ("namespaces", "etl", "jobs", "report.daily", "runs")

    found = marquez.get(*path)

    assert [(each["id"], each["state"]) for each in found["runs"]] == [("r2", "FAILED"), ("r1", "COMPLETED")]
    assert found["totalCount"] == 2
    assert found["runs"][0]["args"] == {"run_id": "p", "name": "report", "namespace": "etl"}
    assert found["runs"][0] == marquez.get("jobs", "runs", "r2")
    assert [each["id"] for each in marquez.get(*path, limit=1, offset=1)["runs"]] == ["r1"]


@pytest.mark.parametrize(
    ("type_", "state"),
    [(None, "NEW"), ("START", "RUNNING"), ("COMPLETE", "COMPLETED"), ("FAIL", "FAILED"), ("ABORT", "ABORTED")],
)
def test_states_have_the_words_of_marquez(marquez: Marquez, intake: Intake, type_: str | None, state: str) -> None:
    intake.take(run("r", "j", type_))

    assert marquez.get("jobs", "runs", "r")["state"] in {state, "RUNNING" if type_ is None else state}


def test_facets_of_a_run_and_of_its_job_are_told_apart(marquez: Marquez, intake: Intake) -> None:
    sql = {"sql": facet(query="select 1")}
    intake.take(run("r", "j", facets={"nominalTime": facet(nominalStartTime=at(0))}, job_facets=sql))

    of_run, of_job = (marquez.get("jobs", "runs", "r", "facets", type=kind) for kind in ("run", "job"))

    assert (of_run["runId"], list(of_run["facets"])) == ("r", ["nominalTime"])
    assert list(of_job["facets"]) == ["sql"]
    assert marquez.ask("jobs", "runs", "r", "facets", type="x").status_code == 400
    assert marquez.get("jobs", "runs", "r")["args"] == {"nominal_start_time": when(0)}


def test_what_a_job_is_declared_to_do_counts_before_it_runs(marquez: Marquez, intake: Intake) -> None:
    intake.take(job("plan", inputs=[table("a")], outputs=[table("b")]))

    found = marquez.get("namespaces", "etl", "jobs", "plan")

    assert [each["name"] for each in found["inputs"] + found["outputs"]] == ["a", "b"]
    assert (found["latestRun"], found["latestRuns"]) == (None, [])
    assert marquez.get("namespaces", "etl", "jobs", "plan", "versions")["totalCount"] == 1


def test_events_come_as_they_were_sent(marquez: Marquez, intake: Intake) -> None:
    story(intake)
    sent = run("odd", "odd", minute=9, namespace=ODD)
    intake.take(sent)

    newest = marquez.get("events", "lineage")
    oldest = marquez.get("events", sortDirection="asc", limit=2)
    between = marquez.get("events", "lineage", after=at(1), before=at(3))

    assert newest["totalCount"] == 5
    assert newest["events"][0] == sent
    assert [each["run"]["runId"] for each in oldest["events"]] == ["r0", "r1"]
    assert [each["eventType"] for each in between["events"]] == ["START"]
    assert marquez.get("events", ODD) == {"events": [sent], "totalCount": 1}
    assert marquez.get("events", *ODD.replace("%2F", "%252F").split("/"))["totalCount"] in {0, 1}
    assert marquez.ask("events", after="yesterday").status_code == 400


def test_search_knows_wildcards(marquez: Marquez, intake: Intake) -> None:
    story(intake)
    intake.take(dataset(table("100%_sure", ODD)))

    found = marquez.get("search", q="DAIL")

    assert found["totalCount"] == 2
    assert [(each["type"], each["nodeId"]) for each in found["results"]] == [
        ("DATASET", f"dataset:{WAREHOUSE}:daily"),
        ("JOB", "job:etl:report.daily"),
    ]
    assert set(found["results"][0]) == {"type", "name", "updatedAt", "namespace", "nodeId"}
    assert [each["name"] for each in marquez.get("search", q="o_ders")["results"]] == ["orders"]
    assert [each["name"] for each in marquez.get("search", q="r%t.da")["results"]] == ["report.daily"]
    assert marquez.get("search", q="a", filter="job")["totalCount"] == 1
    assert marquez.get("search", q="a", namespace=ODD)["totalCount"] == 0
    assert marquez.get("search", q="%", sort="updated_at")["results"][0]["name"]
    assert marquez.ask("search").status_code == 400


def test_tags_are_listed_once(marquez: Marquez, intake: Intake) -> None:
    story(intake)

    assert marquez.get("tags") == {
        "tags": [{"name": "GOLD", "description": None}, {"name": "PII", "description": None}]
    }


def test_statistics_have_hours_of_a_day_and_days_of_a_week(marquez: Marquez, intake: Intake) -> None:
    story(intake)

    day, week = (marquez.get("stats", "lineage-events", period=period) for period in ("DAY", "WEEK"))

    assert (len(day), len(week)) == (24, 7)
    for found in (day, week):
        assert set(found[0]) == {"startInterval", "endInterval", "fail", "start", "complete", "abort"}
        assert (found[-1]["complete"], found[-1]["start"], found[-1]["fail"]) == (2, 1, 1)
        assert [each["endInterval"] for each in found[:-1]] == [each["startInterval"] for each in found[1:]]
    for name, count in (("jobs", 3), ("datasets", 2), ("sources", 2)):
        assert [each["count"] for each in marquez.get("stats", name)][-1] == count
    berlin = marquez.get("stats", "jobs", period="WEEK", timezone="Europe/Berlin")
    assert berlin[0]["startInterval"][11:13] in {"22", "23"}
    assert marquez.ask("stats", "jobs", timezone="Mars/Olympus").status_code == 400


@pytest.mark.parametrize(
    "params", [{"limit": 0}, {"limit": 1001}, {"limit": "x"}, {"offset": -1}, {"offset": 10_001}, {"limit": "9" * 50}]
)
def test_a_page_has_bounds(marquez: Marquez, params: dict[str, Any]) -> None:
    answer = marquez.ask("namespaces", **params)

    assert (answer.status_code, answer.get_json()["code"]) == (400, 400)
