"""Unmodified OpenLineage clients, and a server that is killed, over a socket against the start command."""

import gzip
import http.client
import json
import os
import random
import signal
import sqlite3
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from sqlalchemy import create_engine, select

from app.accounts.models import Role
from app.realms.models import Realm
from tests import factories
from tests.databases import live_session
from tests.e2e.serving import Served, command, environ, free_port, headwater, wait
from tests.jobs.tracking import member

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("clients")]
EVENTS = 12


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An empty realm, served by the start command."""
    with headwater(tmp_path_factory.mktemp("clients"), "--realm", "acme") as served:
        yield served


def get(served: Served, path: str, key: str) -> Any:
    """Return the JSON of a resource."""
    headers = {"Authorization": f"Bearer {key}"}
    request = urllib.request.Request(f"{served.url}{path}", headers=headers)  # noqa: S310 - our own server
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own server
        return json.load(answer)


def an_event(number: int, job: str) -> RunEvent:
    """Return an event as the client makes it."""
    return RunEvent(
        eventType=RunState.COMPLETE,
        eventTime=f"2026-03-02T09:00:{number:02d}Z",
        run=Run(runId=str(UUID(int=random.getrandbits(128), version=4))),
        job=Job(namespace="client", name=job),
        inputs=[InputDataset(namespace="s3://lake", name="orders")],
        outputs=[OutputDataset(namespace="s3://lake", name=job)],
        producer="https://example.com/client",
    )


@pytest.mark.parametrize("transport", ["http", "async_http"])
@pytest.mark.parametrize("compression", [None, "gzip"])
def test_the_python_client_needs_one_request_an_event(served: Served, transport: str, compression: str | None) -> None:
    job, key = f"{transport}-{compression}", served.key()
    config: dict[str, Any] = {"type": transport, "url": served.url, "auth": {"type": "api_key", "apiKey": key}}
    client = OpenLineageClient(config={"transport": config | ({"compression": compression} if compression else {})})
    sent = [an_event(number, job) for number in range(EVENTS)]

    for event in sent:
        client.emit(event)
    client.close()

    found = get(served, f"/api/v1/lineage/events?job={job}&limit=200", key)["items"]
    assert sorted(each["run_reported"] for each in found) == sorted(event.run.runId for event in sent)
    assert {each["source"] for each in found} == {"http"}


def test_a_chunked_gzip_body_without_a_length_is_read(served: Served) -> None:
    body = gzip.compress(json.dumps({
        "eventTime": "2026-03-02T09:00:00Z", "run": {"runId": "chunked"}, "job": {"namespace": "n", "name": "chunked"},
    }).encode())  # fmt: skip
    headers = {"Authorization": f"Bearer {served.key()}", "Content-Encoding": "gzip", "Transfer-Encoding": "chunked"}
    with closing(http.client.HTTPConnection(urlsplit(served.url).netloc, timeout=10)) as connection:
        connection.request("POST", "/api/v1/lineage", iter([body[:20], body[20:]]), headers, encode_chunked=True)
        answer = connection.getresponse()

        assert answer.status == 201
        assert answer.read()
        connection.request("GET", "/healthz")
        assert connection.getresponse().status == 200


def test_a_killed_server_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    port, printed = free_port(), tmp_path / "printed.txt"
    served = Served(f"http://127.0.0.1:{port}", printed)
    words = command("up", "--port", str(port), "--realm", "acme")
    acknowledged: tuple[list[str], list[str]] = ([], [])
    keys: tuple[str, str] = ("", "")
    for round_ in range(3):
        output = printed if round_ == 0 else tmp_path / f"printed{round_}.txt"
        with output.open("w") as file:
            process = subprocess.Popen(
                words, cwd=tmp_path, env=environ(), stdout=file, stderr=subprocess.STDOUT, start_new_session=True
            )
        wait(f"{served.url}/readyz", output, process)
        keys = keys if round_ else (served.key(), _provider(tmp_path))
        _send_until_killed(process, port, keys, acknowledged, round_)

    words_of_facts = command("lineage", "facts", "--realm", "acme")
    printed_facts = subprocess.run(words_of_facts, cwd=tmp_path, env=environ(), capture_output=True, check=True).stdout
    facts = json.loads(printed_facts)
    reported, tracked = map(set, acknowledged)
    with closing(sqlite3.connect(tmp_path / "instance" / "headwater.db")) as database:
        events = [row[0] for row in database.execute("SELECT event_id FROM jobs_event")]
    assert min(len(reported), len(tracked)) > 20
    assert reported <= set(facts["runs"])
    assert tracked <= set(events)
    assert len(events) == len(set(events)) <= len(tracked) + 3 * 4
    assert len(facts["runs"]) <= len(reported) + 3 * 8


def _provider(folder: Path) -> str:
    """Return the key of a new provider."""
    engine = create_engine(f"sqlite:///{folder / 'instance' / 'headwater.db'}")
    with live_session(engine) as session:
        realm = session.scalars(select(Realm)).one()
        clinic = member(session, realm, "clinic", Role.PROVIDER, "jobs.write")
        key = factories.make_key(session, clinic, realm, "jobs.write")[1]
    engine.dispose()
    return key


def _send_until_killed(
    process: subprocess.Popen[bytes],
    port: int,
    keys: tuple[str, str],
    acknowledged: tuple[list[str], list[str]],
    round_: int,
) -> None:
    """Let four programs send OpenLineage and four events of tracked runs, and kill the server while they do."""

    def send(sender: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        for number in range(10_000):
            run_id = f"{round_}-{sender}-{number}"
            path, event = _sent(sender, run_id)
            head = {"Authorization": f"Bearer {keys[sender % 2]}", "Content-Type": "application/json"}
            try:
                connection.request("POST", path, json.dumps(event), head)
                answer = connection.getresponse()
                if answer.read() and answer.status == 201:
                    acknowledged[sender % 2].append(run_id)
            except (OSError, http.client.HTTPException):
                connection.close()
                return

    threads = [threading.Thread(target=send, args=(sender,)) for sender in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(random.uniform(1.0, 2.0))
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for thread in threads:
        thread.join()


def _sent(sender: int, id_: str) -> tuple[str, dict[str, Any]]:
    """Return path and body of what a program sends: the odd ones report a run of their own."""
    if sender % 2:
        return "/api/v1/jobs/events", {"job": "x", "run": str(sender), "kind": "info", "event_id": id_}
    event = {"eventType": "COMPLETE", "eventTime": "2026-03-02T09:00:00Z", "run": {"runId": id_}}
    return "/api/v1/lineage", event | {"job": {"namespace": "n", "name": f"job-{sender}"}}


def test_a_file_killed_again_and_again_ends_with_the_same_facts(tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    with file.open("w") as out:
        for number in range(2_000):
            event = {"eventType": "COMPLETE", "eventTime": "2026-03-02T09:00:00Z", "run": {"runId": f"r-{number}"}}
            job = {"namespace": "n", "name": f"job-{number % 50}"}
            io = [{"namespace": "s3://lake", "name": f"table-{number % 90}"}]
            out.write(json.dumps(event | {"job": job, "inputs": io}) + "\n")
    folders = [tmp_path / "whole", tmp_path / "killed"]
    for folder in folders:
        folder.mkdir()
        with headwater(folder, "--realm", "acme"):
            pass
    words = command("ingest", "--realm", "acme", "--quiet", "--batch", "20", str(file))
    subprocess.run(words, cwd=folders[0], env=environ(), check=True)
    kills = 0
    for _ in range(20):
        process = subprocess.Popen(words, cwd=folders[1], env=environ(), stderr=subprocess.DEVNULL)
        try:
            assert process.wait(random.uniform(0.9, 1.9) if kills < 8 else 120) == 0
            break
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1

    facts = [
        subprocess.run(
            command("lineage", "facts", "--realm", "acme", "--shape", "full"),
            cwd=folder, env=environ(), check=True, capture_output=True,
        ).stdout
        for folder in folders
    ]  # fmt: skip
    assert kills > 1
    assert facts[0] == facts[1]
