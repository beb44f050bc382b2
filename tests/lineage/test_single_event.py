"""POST /api/v1/lineage, over HTTP, on both databases."""

import gzip
import json
import threading
import tracemalloc
import zlib
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.changes.models import Change
from app.jobs.models import Job, Run
from app.lineage.models import Dataset, RawEvent, Rejection
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser
from tests.lineage.openlineage_events import run, table
from tests.lineage.sending import ONE, Sender

MIB = 2**20


@pytest.fixture
def sender(visitor: Browser, session: Session, owner: User, realm: Realm) -> Sender:
    return Sender(visitor, factories.make_key(session, owner, realm, "lineage.write")[1])


def counted(session: Session, model: Any) -> int:
    return session.scalar(select(func.count()).select_from(model).limit(1)) or 0


def test_an_event_is_stored_and_told_where_it_is(sender: Sender, session: Session, realm: Realm) -> None:
    answer = sender.post(run("r-1", "daily", inputs=[table("orders")]))

    body = answer.get_json()
    known = session.scalars(select(Run)).one()
    assert (answer.status_code, body["status"], body["kind"]) == (201, "accepted", "run")
    assert body["event"] == session.scalars(select(RawEvent.id)).one()
    assert (body["run"], body["url"]) == (str(known.id), f"/r/acme/jobs/runs/{known.id}")


@pytest.mark.parametrize("url", [ONE, f"{ONE}/", f"{ONE}?a=1", f"{ONE}/?a=1&b"])
@pytest.mark.parametrize("kind", [None, "application/json; charset=latin-1", "application/x-www-form-urlencoded"])
def test_path_query_and_content_type_do_not_matter(sender: Sender, url: str, kind: str | None) -> None:
    headers = {"Content_Type": kind} if kind else {}

    assert sender.post(run("r-1", "daily"), url, **headers).status_code == 201


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("url", [ONE, f"{ONE}/", f"{ONE}/batch"])
def test_other_methods_are_not_allowed(visitor: Browser, method: str, url: str) -> None:
    answer = visitor.client.open(url, method=method)

    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_the_same_event_again_changes_nothing(sender: Sender, session: Session) -> None:
    event = run("r-1", "daily", inputs=[table("orders")])
    first = sender.post(event)
    changes = counted(session, Change)

    again = sender.post(event)
    spaced = sender.post(json.dumps(dict(reversed(event.items())), indent=3).encode())
    packed = sender.post(gzip.compress(json.dumps(event).encode()), Content_Encoding="gzip")

    assert first.status_code == 201
    assert [each.status_code for each in (again, spaced, packed)] == [200, 200, 200]
    assert {each.get_json()["event"] for each in (first, again, spaced, packed)} == {first.get_json()["event"]}
    assert (counted(session, RawEvent), counted(session, Change)) == (1, changes)


def test_fifty_equal_events_at_once_are_one_row(app: Flask, sender: Sender, session: Session) -> None:
    statuses: list[int] = []
    body, headers = json.dumps(run("r-1", "daily")), {"Authorization": f"Bearer {sender.key}"}

    def send() -> None:
        statuses.append(app.test_client().post(ONE, data=body, headers=headers).status_code)

    threads = [threading.Thread(target=send) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [200] * 49 + [201]
    assert counted(session, RawEvent) == 1


REFUSED = [
    ("not_json", "$", b"{"),
    ("not_json", "$", b""),
    ("bad_encoding", "$", b'{"a":"\xff"}'),
    ("too_deep", "$", b"[" * 300 + b"]" * 300),
    ("not_an_object", "$", b'"text"'),
    ("not_an_object", "$", b"null"),
    ("use_batch", "$", b"[]"),
    ("unknown_kind", "$", {"eventTime": "2026-01-01T00:00:00Z"}),
    ("missing_field", "$.eventTime", {**run("r", "j"), "eventTime": None}),
    ("missing_field", "$.run.runId", {**run("r", "j"), "run": {}}),
    ("missing_field", "$.job.name", {**run("r", "j"), "job": {"namespace": "n", "name": ""}}),
    ("missing_field", "$.inputs[0].namespace", run("r", "j", inputs=[{"name": "x"}])),
    ("wrong_type", "$.inputs", {**run("r", "j"), "inputs": {}}),
    ("wrong_type", "$.outputs[1]", run("r", "j", outputs=[table("x"), 7])),  # type: ignore[list-item]
    ("wrong_type", "$.job", {**run("r", "j"), "job": []}),
    ("wrong_type", "$.run.runId", {**run("r", "j"), "run": {"runId": 7}}),
    ("bad_time", "$.eventTime", {**run("r", "j"), "eventTime": "yesterday"}),
    ("bad_name", "$.job.name", run("r", "a\0b")),
    ("too_long", "$.job.name", run("r", "n" * 4_097)),
    ("too_long", "$.run.runId", run("r" * 513, "j")),
]


@pytest.mark.parametrize(("code", "path", "body"), REFUSED)
def test_each_refusal_names_code_and_path_and_leaves_only_a_rejection(
    sender: Sender, session: Session, code: str, path: str, body: object
) -> None:
    answer = sender.post(body)

    document = answer.get_json()
    assert (answer.status_code, document["type"]) == (400, "/problems/bad-event")
    assert (document["code"], document["path"]) == (code, path)
    assert document["errors"][0] == {key: document[key] for key in ("code", "path", "detail")}
    kept = session.scalars(select(Rejection)).one()
    assert (kept.code, kept.path) == (code, path)
    assert [counted(session, model) for model in (RawEvent, Job, Run, Dataset)] == [0, 0, 0, 0]


def test_all_problems_of_an_event_are_told(sender: Sender) -> None:
    document = sender.post({"job": {}, "inputs": [7]}).get_json()

    assert [each["path"] for each in document["errors"]] == [
        "$.eventTime", "$.job.namespace", "$.job.name", "$.inputs[0]",
    ]  # fmt: skip


def test_gzip_in_several_members_and_by_its_old_name_is_read(sender: Sender) -> None:
    text = json.dumps(run("r-1", "daily")).encode()
    packed = gzip.compress(text[:40]) + gzip.compress(text[40:])

    assert sender.post(packed, Content_Encoding="x-gzip").status_code == 201
    assert sender.post(text, Content_Encoding="identity").status_code == 200


@pytest.mark.parametrize(
    "packed",
    [b"no gzip", gzip.compress(b"{}" * 99)[:-5], gzip.compress(b"{}") + b"rest"],
    ids=["not packed", "cut off", "with a rest"],
)
def test_broken_gzip_is_refused(sender: Sender, session: Session, packed: bytes) -> None:
    answer = sender.post(packed, Content_Encoding="gzip")

    assert (answer.status_code, answer.get_json()["code"]) == (400, "bad_encoding")
    assert session.scalars(select(Rejection.code)).all() == ["bad_encoding"]


def test_an_unknown_encoding_is_not_taken(sender: Sender) -> None:
    assert sender.post(b"x", Content_Encoding="br").status_code == 415
    assert sender.post(b"x", Content_Encoding="gzip, gzip").status_code == 415


def test_more_than_the_limit_is_too_large_packed_or_not(sender: Sender) -> None:
    body = b" " * (16 * MIB + 1)
    answers = [sender.post(body), sender.post(gzip.compress(body), Content_Encoding="gzip")]

    assert [each.status_code for each in answers] == [413, 413]
    assert {each.get_json()["limit"] for each in answers} == {16 * MIB}


def test_a_gzip_bomb_costs_no_more_than_the_limit(sender: Sender) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(MIB)) for _ in range(1024)) + packer.flush()
    tracemalloc.start()
    answer = sender.post(bomb, Content_Encoding="gzip")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert answer.status_code == 413
    assert peak < 64 * MIB


def test_an_event_of_fifteen_mebibytes_is_taken(sender: Sender) -> None:
    event = run("r-1", "daily", facets={"big": {"_producer": "x", "_schemaURL": "x", "text": "a" * 15 * MIB}})

    assert sender.post(event).status_code == 201


def test_a_dry_run_names_what_the_real_post_creates_and_stores_nothing(sender: Sender, session: Session) -> None:
    event = run("r-1", "daily", inputs=[table("orders")])
    told = sender.post(event, f"{ONE}?dry_run=1")
    stored = [counted(session, model) for model in (RawEvent, Job, Run, Dataset, Change)]
    sender.post(event)

    assert (told.status_code, told.get_json()["valid"], stored) == (200, True, [0] * 5)
    would = told.get_json()["would"]
    assert [each["name"] for each in would["jobs"]] == session.scalars(select(Job.name)).all()
    assert [each["name"] for each in would["datasets"]] == session.scalars(select(Dataset.name)).all()
    assert would["runs"] == session.scalars(select(Run.reported_id)).all()


def test_a_dry_run_refuses_without_a_rejection(sender: Sender, session: Session) -> None:
    assert sender.post({}, f"{ONE}?dry_run=1").status_code == 400
    assert counted(session, Rejection) == 0
