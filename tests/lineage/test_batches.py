"""POST /api/v1/lineage/batch, over HTTP, on both databases."""

import gzip
import json
from collections.abc import Sequence

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.combine import Busy
from app.lineage.api import storing
from app.lineage.models import RawEvent, Rejection
from app.realms.models import Realm
from tests import factories
from tests.browser import Browser
from tests.lineage.openlineage_events import Json, run, table
from tests.lineage.sending import MANY, Sender


@pytest.fixture
def sender(visitor: Browser, session: Session, owner: User, realm: Realm) -> Sender:
    return Sender(visitor, factories.make_key(session, owner, realm, "lineage.write")[1])


def some(number: int) -> list[Json]:
    return [run(f"r-{index}", "daily", inputs=[table("orders")]) for index in range(number)]


def lines(events: Sequence[object]) -> bytes:
    return b"\n".join(json.dumps(event).encode() for event in events) + b"\n"


@pytest.mark.parametrize(
    "body",
    [
        some(3),
        {"events": some(3)},
        {"events": some(3), "more": 1},
        lines(some(3)),
        b"\xef\xbb\xbf" + lines(some(3)),
        json.dumps(some(3), indent=2).encode(),
        json.dumps({"events": some(3)}, indent=2).encode(),
        b"\r\n".join(json.dumps(event).encode() for event in some(3)),
    ],
)
def test_every_form_of_a_batch_has_the_same_result(sender: Sender, session: Session, body: object) -> None:
    report = sender.batch(body)

    assert (report["status"], report["summary"]["successful"], report["failed_events"]) == ("success", 3, [])
    order = session.scalars(select(RawEvent.body).order_by(RawEvent.id)).all()
    assert [json.loads(text)["run"]["runId"] for text in order] == ["r-0", "r-1", "r-2"]


def test_one_object_is_a_batch_of_one(sender: Sender) -> None:
    assert sender.batch(some(1)[0])["summary"]["successful"] == 1
    assert sender.batch(json.dumps(some(1)[0], indent=2).encode())["summary"]["duplicates"] == 1


def test_the_bad_are_told_by_index_and_the_good_are_stored(sender: Sender, session: Session) -> None:
    events: list[object] = list(some(100))
    events[17], events[80] = {**some(1)[0], "job": {"namespace": "n"}}, "text"

    report = sender.batch(events)

    assert report["status"] == "partial_success"
    assert report["summary"] == {
        "received": 100, "successful": 98, "duplicates": 0, "failed": 2, "retriable": 0, "non_retriable": 2,
    }  # fmt: skip
    assert [(each["index"], each["code"], each["path"]) for each in report["failed_events"]] == [
        (17, "missing_field", "$.job.name"),
        (80, "not_an_object", "$"),
    ]
    assert len(session.scalars(select(RawEvent.id)).all()) == 98
    refs = session.scalars(select(Rejection.source_ref).order_by(Rejection.id)).all()
    assert [ref.rpartition(":")[2] for ref in refs if ref] == ["17", "80"]


def test_a_broken_line_is_one_failure(sender: Sender) -> None:
    body = lines(some(2)) + b'{"broken\n' + lines([run("r-9", "daily")])

    report = sender.batch(body)

    assert (report["summary"]["successful"], report["failed_events"][0]["index"]) == (3, 2)


def test_all_results_are_told_when_asked_for(sender: Sender) -> None:
    answer = sender.post([*some(2), some(1)[0], 7], f"{MANY}?results=all").get_json()

    told = [(each["index"], each["status"]) for each in answer["results"]]
    assert told == [(0, "accepted"), (1, "accepted"), (2, "duplicate"), (3, "refused")]
    assert answer["results"][2]["event"] == answer["results"][0]["event"]


def test_an_empty_batch_is_fine(sender: Sender) -> None:
    bodies: tuple[object, ...] = (b"", b" \n", [], {"events": []})
    for body in bodies:
        assert sender.batch(body)["summary"]["received"] == 0


@pytest.mark.parametrize("body", [b"[", b'{"events": [}', b"\xff"])
def test_what_cannot_be_read_as_a_whole_is_refused(sender: Sender, body: bytes) -> None:
    assert sender.post(body, MANY).status_code == 400


def test_too_many_events_and_too_many_bytes_are_too_large(sender: Sender) -> None:
    assert sender.post([1] * 10_001, MANY).get_json()["limit"] == 10_000
    assert sender.post(gzip.compress(b" " * (64 * 2**20 + 1)), MANY, Content_Encoding="gzip").status_code == 413


def test_trouble_in_the_first_part_stores_nothing(
    sender: Sender, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.lineage.api.batch.store", _failing_from(0))

    answer = sender.post(some(600), MANY)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert session.scalars(select(RawEvent.id)).all() == []


def test_trouble_in_a_later_part_is_told_as_retriable(
    sender: Sender, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("app.lineage.api.batch.store", _failing_from(1))
        report = sender.batch(some(600))
    again = sender.batch(some(600))

    assert report["status"] == "partial_success"
    assert (report["summary"]["successful"], report["summary"]["retriable"]) == (500, 100)
    assert {each["retriable"] for each in report["failed_events"]} == {True}
    assert again["summary"] | {"duplicates": 500, "failed": 0} == again["summary"]
    assert len(session.scalars(select(RawEvent.id)).all()) == 600


def _failing_from(part: int) -> object:
    calls: list[int] = []

    def store(parcel: storing.Parcel, patience: float) -> None:
        calls.append(1)
        if len(calls) > part:
            raise Busy
        storing.store(parcel, patience)

    return store
