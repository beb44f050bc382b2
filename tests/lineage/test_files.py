"""``headwater ingest`` and uploads: every form of a file, exit statuses, going on after an interruption."""

import gzip
import io
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.lineage import worker
from app.lineage.models import Import, RawEvent, Rejection
from app.lineage.store import batch
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser
from tests.lineage.openlineage_events import Json, run, table
from tests.lineage.sending import Sender

Ingest = Callable[..., Result]


@pytest.fixture
def ingest(app: Flask, realm: Realm) -> Ingest:
    """Run ``headwater ingest --realm acme``."""
    assert realm.id

    def call(*args: object, stdin: bytes | None = None) -> Result:
        words = ["ingest", "--realm", "acme", *map(str, args)]
        return app.test_cli_runner().invoke(args=words, input=stdin)

    return call


def some(number: int) -> list[Json]:
    return [run(f"r-{index}", "daily", inputs=[table("orders")]) for index in range(number)]


def lines(events: list[Any]) -> bytes:
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


FORMS = {
    "lines.ndjson": lines(some(3)),
    "array.json": json.dumps(some(3)).encode(),
    "laid-out.json": json.dumps(some(3), indent=2).encode(),
    "wrapped.json": json.dumps({"events": some(3)}).encode(),
    "wrapped-laid-out.json": json.dumps({"events": some(3)}, indent=2).encode(),
    "lines.ndjson.gz": gzip.compress(lines(some(3))),
    "array.json.gz": gzip.compress(json.dumps(some(3)).encode()),
    "bom.json": b"\xef\xbb\xbf" + lines(some(3)),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_of_a_file_is_taken(ingest: Ingest, session: Session, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(FORMS[name])

    done = ingest(tmp_path / name)

    assert done.exit_code == 0, done.output
    order = session.scalars(select(RawEvent.body).order_by(RawEvent.id)).all()
    assert [json.loads(text)["run"]["runId"] for text in order] == ["r-0", "r-1", "r-2"]


def test_one_object_and_whole_folders_are_taken(ingest: Ingest, session: Session, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "one.json").write_text(json.dumps(some(1)[0], indent=1))
    (tmp_path / "deep" / "more.ndjson").write_bytes(lines(some(4)))
    (tmp_path / "README.md").write_text("not an event")

    assert ingest(tmp_path).exit_code == 0
    assert len(session.scalars(select(RawEvent.id)).all()) == 4


def test_a_bad_line_is_told_by_its_number(ingest: Ingest, session: Session, tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    file.write_bytes(lines(some(16)) + b'{"broken\n' + lines([{}, run("r-99", "daily")]))

    done = ingest(file)

    assert done.exit_code == 1
    assert f"{file}:17 not_json $\n{file}:18 missing_field $.eventTime\n" in done.output
    assert session.scalars(select(Rejection.source_ref).order_by(Rejection.id)).all() == [f"{file}:17", f"{file}:18"]
    assert len(session.scalars(select(RawEvent.id)).all()) == 17


def test_exit_statuses_tell_wrong_use_from_files_that_cannot_be_read(ingest: Ingest, tmp_path: Path) -> None:
    (tmp_path / "cut.gz").write_bytes(gzip.compress(lines(some(3)))[:-20])
    (tmp_path / "good.json").write_bytes(FORMS["array.json"])

    assert ingest().exit_code == 2
    assert ingest(tmp_path / "good.json", "--realm", "nosuch").exit_code == 2
    assert ingest(tmp_path / "nosuch.json", tmp_path / "good.json").exit_code == 3
    assert ingest(tmp_path / "cut.gz").exit_code == 3


def test_a_dry_run_stores_nothing(ingest: Ingest, session: Session, tmp_path: Path) -> None:
    (tmp_path / "events.json").write_text(json.dumps([*some(2), {}]))

    done = ingest("--dry-run", tmp_path / "events.json")

    assert (done.exit_code, "events.json:3 missing_field" in done.output) == (1, True)
    assert [session.scalars(select(model.id)).all() for model in (RawEvent, Rejection, Import)] == [[], [], []]


def test_an_interrupted_file_goes_on_behind_its_last_batch(
    ingest: Ingest, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "events.ndjson"
    file.write_bytes(lines(some(10)))
    store, calls = worker._store, list[int]()  # noqa: SLF001 - where a key press would come

    def interrupted(*args: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return store(*args)

    with monkeypatch.context() as patch:
        patch.setattr(worker, "_store", interrupted)
        first = ingest("--batch", 3, file)
    stopped = session.scalars(select(Import)).one()
    state, position = stopped.state, stopped.position
    second = ingest("--batch", 3, file)

    assert (first.exit_code, state, position) == (130, "stopped", 6)
    assert (second.exit_code, "going on behind event 6" in second.output) == (0, True)
    assert "4 accepted, 0 duplicate" in second.output
    assert len(session.scalars(select(RawEvent.id)).all()) == 10


def test_restart_begins_anew(ingest: Ingest, session: Session, tmp_path: Path) -> None:
    file = tmp_path / "events.ndjson"
    file.write_bytes(lines(some(4)))
    ingest(file)

    assert "0 accepted, 4 duplicate" in ingest("--restart", file).output
    assert len(session.scalars(select(Import.id)).all()) == 2


def test_facts_are_one_json_object(app: Flask, ingest: Ingest, tmp_path: Path) -> None:
    (tmp_path / "events.json").write_bytes(FORMS["array.json"])
    ingest("--quiet", tmp_path / "events.json")

    printed = app.test_cli_runner().invoke(args=["lineage", "facts", "--realm", "acme"]).stdout

    facts = json.loads(printed)
    assert facts["runs"] == {"r-0": "COMPLETE", "r-1": "COMPLETE", "r-2": "COMPLETE"}
    assert facts["input_edges"] == [["etl", "daily", "postgres://db.example:5432", "orders"]]


def test_an_upload_is_taken_in_by_itself(client: Browser, session: Session) -> None:
    body = lines([*some(5), {}])
    answer = client.post("/r/acme/lineage/imports", {"file": (io.BytesIO(body), "events.ndjson")})
    until = time.monotonic() + 10
    spooled = Path(session.scalars(select(Import.spooled)).one() or "")
    while time.monotonic() < until and spooled.exists():
        time.sleep(0.05)

    page = client.get(answer.headers["Location"]).text
    row = session.scalars(select(Import)).one()
    assert (answer.status_code, row.state, row.accepted, row.rejected) == (303, "done", 5, 1)
    assert "events.ndjson:6" in page
    assert "every 2s" not in page


def test_an_upload_without_a_file_is_refused_beside_the_field(client: Browser) -> None:
    answer = client.post("/r/acme/lineage/imports", {"file": (io.BytesIO(b""), "")})

    assert (answer.status_code, "Choose a file." in answer.text) == (422, True)


@pytest.fixture
def unlucky(monkeypatch: pytest.MonkeyPatch) -> None:
    """A defect of ours: events of the job ``cursed`` cannot be stored."""
    project = batch.Projection.project

    def failing(self: batch.Projection, *rest: Any) -> dict[int, int]:
        if any(event.job is not None and event.job.name == "cursed" for event in self.events):
            raise ValueError("no column holds it")
        return project(self, *rest)

    monkeypatch.setattr(batch.Projection, "project", failing)


@pytest.mark.usefixtures("unlucky")
def test_an_event_we_cannot_store_harms_no_neighbour_in_a_file(
    ingest: Ingest, session: Session, tmp_path: Path
) -> None:
    file = tmp_path / "events.ndjson"
    file.write_bytes(lines([*some(3), run("r-9", "cursed"), run("r-10", "daily")]))

    done = ingest(file)

    assert (done.exit_code, f"{file}:4 not_stored $" in done.output) == (1, True)
    assert len(session.scalars(select(RawEvent.id)).all()) == 4
    assert session.scalars(select(Rejection.code)).all() == ["not_stored"]


@pytest.mark.usefixtures("unlucky")
def test_an_event_we_cannot_store_harms_no_neighbour_in_a_batch(
    visitor: Browser, session: Session, owner: User, realm: Realm
) -> None:
    sender = Sender(visitor, factories.make_key(session, owner, realm, "lineage.write")[1])

    report = sender.batch([*some(3), run("r-9", "cursed"), run("r-10", "daily")])

    assert [(each["index"], each["code"]) for each in report["failed_events"]] == [(3, "not_stored")]
    assert len(session.scalars(select(RawEvent.id)).all()) == 4


def test_several_processes_store_what_one_stores(ingest: Ingest, session: Session, tmp_path: Path) -> None:
    events = some(60)
    told = [json.dumps(event).encode() for event in events]
    told[17] = b'{"job": 1}'
    one, several = tmp_path / "one.ndjson", tmp_path / "several.ndjson"
    one.write_bytes(b"\n".join([*told[:40], b""]))
    several.write_bytes(b"\n".join(told))

    assert ingest("--batch", 7, one).exit_code == 1
    found = ingest("--batch", 7, "--jobs", 2, several)

    assert found.exit_code == 1
    assert f"{several}:18 missing_field" in found.output
    assert "20 accepted, 39 duplicate, 1 rejected" in found.output
    stored = session.scalars(select(RawEvent.source_ref).order_by(RawEvent.id)).all()
    assert stored[-20:] == [f"{several}:{line}" for line in range(41, 61)]
