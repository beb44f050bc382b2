"""The unmodified client of Marquez reads over a socket what OpenLineage events told."""

import http.client
import json
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from marquez_client import MarquezClient
from marquez_client.errors import APIError

from tests.e2e.serving import Served, headwater
from tests.lineage.openlineage_events import columns, dataset, facet, run, schema, table

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("marquez")]
PATHS = "postgres://db.example:5432"
ODD = "s3://lake/a b:c"
JOBS = "team/etl: nightly"
NAMES = ("public.daily totals", "raw/2026/03:02", "100%2Fsure", "größe & co?#+", "a\\b\"c'd")
RUN = str(UUID(int=7, version=4))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A realm in which one job read and wrote tables with unusual names."""
    tags = facet(tags=[{"key": "PII", "value": "1"}])
    inputs = [table(name, ODD, schema=schema("id")) for name in NAMES]
    outputs = [table(name, PATHS, schema=schema("id", "x:y"), tags=tags) for name in NAMES]
    lineage = columns(**{"x:y": [("source", "id")]})
    outputs.append(table("fed", PATHS, schema=schema("x:y"), columnLineage=lineage))
    events = [
        run(RUN, "load/all the: tables", "START", namespace=JOBS, inputs=inputs),
        run(RUN, "load/all the: tables", minute=2, namespace=JOBS, inputs=inputs, outputs=outputs),
        dataset(table("source", PATHS, schema=schema("id")), minute=3),
    ]
    with headwater(tmp_path_factory.mktemp("marquez"), "--realm", "acme") as served:
        headers = {"Authorization": f"Bearer {served.key()}"}
        body = json.dumps(events).encode()
        request = urllib.request.Request(f"{served.url}/api/v1/lineage/batch", body, headers)  # noqa: S310 - our own
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own server
            assert json.load(answer)["summary"]["failed"] == 0
        yield served


@pytest.fixture
def client(served: Served) -> Any:
    """The client as its users make it."""
    return MarquezClient(url=f"{served.url}/api/marquez", api_key=served.key())


def test_it_lists_and_gets_namespaces(client: Any) -> None:
    found = [each["name"] for each in client.list_namespaces()["namespaces"]]

    assert found == [PATHS, ODD, JOBS]
    assert [client.get_namespace(name)["name"] for name in found] == found
    assert [each["name"] for each in client.list_namespaces(limit=1, offset=1)["namespaces"]] == [ODD]


def test_it_lists_and_gets_sources(client: Any) -> None:
    found = client.list_sources()["sources"]

    assert [each["name"] for each in found] == [PATHS, ODD]
    assert [client.get_source(each["name"]) for each in found] == found


@pytest.mark.parametrize("namespace", [PATHS, ODD])
@pytest.mark.parametrize("name", NAMES)
def test_it_gets_datasets_whatever_their_names_hold(client: Any, namespace: str, name: str) -> None:
    listed = {each["name"]: each for each in client.list_datasets(namespace)["datasets"]}

    assert listed[name] == client.get_dataset(namespace, name)
    assert listed[name]["id"] == {"namespace": namespace, "name": name}


def test_it_lists_and_gets_versions(client: Any) -> None:
    versions = client.list_dataset_versions(PATHS, NAMES[1])["versions"]

    assert [each["createdByRun"]["id"] for each in versions] == [RUN]
    assert client.get_dataset_version(PATHS, NAMES[1], versions[0]["version"]) == versions[0]


def test_it_lists_and_gets_jobs_and_runs(client: Any) -> None:
    jobs = client.list_jobs(JOBS)

    assert jobs["totalCount"] == 1
    assert client.get_job(JOBS, "load/all the: tables") == jobs["jobs"][0]
    assert len(jobs["jobs"][0]["outputs"]) == len(NAMES) + 1
    runs = client.list_job_runs(JOBS, "load/all the: tables")["runs"]
    assert client.get_job_run(RUN) == runs[0]
    assert (runs[0]["state"], runs[0]["durationMs"]) == ("COMPLETED", 120_000)


def test_it_lists_events_and_tags(client: Any) -> None:
    assert client.list_events()["totalCount"] == 3
    assert client.list_events(JOBS)["totalCount"] == 2
    assert client.list_events(PATHS)["totalCount"] == 1
    assert [each["name"] for each in client.list_tags()["tags"]] == ["PII"]


def test_it_reads_column_lineage_of_a_dataset_a_field_and_a_job(client: Any) -> None:
    ways = [
        client.get_column_lineage_by_dataset(PATHS, "fed"),
        client.get_column_lineage_by_dataset_field(PATHS, "fed", "x:y"),
        client.get_column_lineage_by_job(JOBS, "load/all the: tables"),
        client.get_column_lineage_by_dataset(PATHS, "source", with_downstream=True),
    ]

    for way in ways:
        assert [each["id"] for each in way["graph"]] == [
            f"datasetField:{PATHS}:fed:x:y", f"datasetField:{PATHS}:source:id"
        ]  # fmt: skip
    assert client.get_column_lineage_by_dataset(PATHS, "source")["graph"] == []


def test_what_is_not_there_is_its_own_error(client: Any) -> None:
    asks: list[Callable[[], Any]] = [
        lambda: client.get_namespace("no"),
        lambda: client.get_source("no"),
        lambda: client.get_dataset(PATHS, "no"),
        lambda: client.get_job(JOBS, "no"),
        lambda: client.get_job_run(str(UUID(int=8, version=4))),
        lambda: client.get_column_lineage_by_job(JOBS, "no"),
        lambda: client.create_namespace("x", "me"),
    ]
    for ask in asks:
        with pytest.raises(APIError):
            ask()


def test_a_target_in_full_and_odd_spellings_are_read(served: Served) -> None:
    headers = {"Authorization": f"Bearer {served.key()}"}
    root = "/api/marquez/api/v1"
    for target, status in (
        (f"{root}/namespaces/s3%3a%2f%2flake%2Fa%20b%3Ac", 200),
        (f"{served.url}{root}/namespaces/s3%3A%2F%2Flake%2Fa%20b%3Ac?x=/a/b", 200),
        (f"{root}/namespaces/", 200),
        (f"{root}/namespaces/s3://lake/a%20b:c", 404),
        (f"{root}/nothing", 404),
        (f"{root}/namespaces/%ff%fe", 404),
        (f"{root}/namespaces/{'n' * 20_000}", 404),
    ):
        with closing(http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=10)) as connection:
            connection.request("GET", target, headers=headers)
            answer = connection.getresponse()
            body = json.load(answer)
        assert answer.status == status, target
        assert status == 200 or body["code"] == 404


def test_events_may_be_sent_here_too(served: Served) -> None:
    key, url = served.key(), f"{served.url}/api/marquez/api/v1/lineage"
    body = json.dumps(run("sent", "sent", namespace="elsewhere")).encode()
    request = urllib.request.Request(url, body, {"Authorization": f"Bearer {key}"})  # noqa: S310 - our own server
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own server
        assert answer.status == 201
