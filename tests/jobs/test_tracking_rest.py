"""Logs, links, badges, alarms and signs of life by the API."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.changes.models import Change
from app.db import utcnow
from app.jobs.models import Badge, LogChunk, Run, ShareLink
from tests.databases import Database
from tests.jobs.tracking import URL, Program

MIB = 2**20


@pytest.fixture
def run(provider: Program) -> dict[str, Any]:
    """A queued run of the plan of most tests."""
    provider.register()
    return provider.open()


def the_run(session: Session) -> Run:
    """Return the only run."""
    return session.scalars(select(Run)).one()


def append(provider: Program, run: dict[str, Any], offset: int, data: bytes) -> Any:
    """Append to the log."""
    return provider.post(f"/runs/{run['id']}/log?offset={offset}", data=data, content_type="text/plain")


def test_a_log_keeps_its_head_and_its_newest_part(provider: Program, run: dict[str, Any], session: Session) -> None:
    for part in range(10):
        append(provider, run, part * MIB, bytes([97 + part]) * MIB)

    chunks = list(session.scalars(select(LogChunk).order_by(LogChunk.offset)))
    assert sum(chunk.size for chunk in chunks) <= 5 * MIB
    assert (chunks[0].offset, chunks[0].bytes) == (0, b"a" * 65_536)
    assert chunks[-1].offset + chunks[-1].size == 10 * MIB
    assert chunks[-1].bytes[-3:] == b"jjj"
    assert all(chunk.size == len(chunk.bytes) for chunk in chunks)


def test_a_repeated_chunk_is_ignored_and_a_gap_is_kept(
    provider: Program, run: dict[str, Any], session: Session
) -> None:
    for offset, data in ((0, b"one\n"), (0, b"one\n"), (4, b"two\n"), (4, b"two\n"), (100, b"last\n")):
        answer = append(provider, run, offset, data)
    end = provider.post(f"/runs/{run['id']}/log", data=b"more\n", content_type="text/plain").get_json()

    chunks = [(row.offset, row.bytes) for row in session.scalars(select(LogChunk).order_by(LogChunk.offset))]
    assert chunks == [(0, b"one\ntwo\n"), (100, b"last\nmore\n")]
    assert (answer.get_json()["offset"], end["offset"]) == (105, 110)
    assert append(provider, run, 2**60, b"x").status_code == 422
    assert append(provider, run, 0, b"x" * (MIB + 1)).status_code == 413


def test_what_is_kept_of_a_log_and_how_long_a_run_may_be_silent_are_settings(
    provider: Program, run: dict[str, Any], session: Session, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = replace(database.settings, run_stalled_s=600, run_log_max=MIB)
    monkeypatch.setitem(database.app.config, "SETTINGS", mine)
    append(provider, run, 0, b"a" * MIB)
    append(provider, run, MIB, b"b" * MIB)
    provider.send(run, "start")

    assert sum(chunk.size for chunk in session.scalars(select(LogChunk))) <= MIB
    row = the_run(session)
    assert row.silent_until is not None
    assert timedelta(minutes=9) < row.silent_until - utcnow() <= timedelta(minutes=10)


def test_every_sign_of_life_moves_the_limit_of_silence(
    provider: Program, run: dict[str, Any], session: Session
) -> None:
    row = the_run(session)
    assert row.silent_until is not None
    assert timedelta(minutes=59) < row.silent_until - utcnow() <= timedelta(hours=1)
    provider.send(run, "start")
    patch(provider, heartbeat_s=60)
    for path in ("heartbeat", "log?offset=0"):
        row.silent_until = row.last_seen_at = utcnow() - timedelta(hours=1)
        session.commit()
        assert provider.get(f"/runs/{run['id']}").get_json()["status"] == "stalled"
        provider.post(f"/runs/{run['id']}/{path}", data=b"x", content_type="text/plain") if "log" in path else (
            provider.post(f"/runs/{run['id']}/{path}")
        )
        assert provider.get(f"/runs/{run['id']}").get_json()["status"] == "running"
        session.refresh(row)
        assert timedelta(seconds=50) < row.silent_until - utcnow() <= timedelta(seconds=60)
    provider.send(run, "complete")
    session.refresh(row)
    assert row.silent_until is None


def test_a_child_keeps_those_above_it_alive(provider: Program, run: dict[str, Any], session: Session) -> None:
    child = provider.open("child", parent=run["id"])
    row = session.get(Run, run["number"])
    assert row is not None
    row.silent_until = row.last_seen_at = utcnow() - timedelta(hours=1)
    session.commit()
    provider.send(child, "start")

    session.refresh(row)
    assert row.silent_until is not None
    assert row.silent_until > utcnow()


def patch(provider: Program, **alarms: object) -> Any:
    """Set alarms of the only job."""
    job = provider.get("/jobs").get_json()["items"][0]["id"]
    return provider.browser.api("PATCH", f"{URL}/jobs/{job}", provider.key, json=alarms)


def test_a_deadline_counts_from_the_start_unless_the_run_has_its_own(provider: Program, session: Session) -> None:
    provider.register()
    first = provider.open("1")
    patch(provider, deadline_s=600)
    provider.send(first, "start", occurred_at="2026-01-01T10:00:00Z")
    own = provider.open("2", deadline_at="2030-01-01T00:00:00+01:00")
    provider.send(own, "start")

    assert provider.get(f"/runs/{first['id']}").get_json()["deadline_at"] == "2026-01-01T10:10:00Z"
    assert provider.get(f"/runs/{own['id']}").get_json()["deadline_at"] == "2029-12-31T23:00:00Z"
    patch(provider, deadline_s=1200)
    assert provider.get(f"/runs/{first['id']}").get_json()["deadline_at"] == "2026-01-01T10:20:00Z"
    patch(provider, deadline_s=None, due_by="07:30", due_zone="Europe/Berlin")
    due = provider.open("3")["deadline_at"]
    assert due is not None
    assert due[11:16] in ("05:30", "06:30")
    patch(provider, deadline_s=60)
    both = provider.open("4")
    started = provider.send(both, "start", occurred_at="2026-01-01T10:00:00Z")
    assert (both["deadline_at"], started["deadline_at"]) == (due, "2026-01-01T10:01:00Z")


@pytest.mark.parametrize(
    ("alarms", "field"),
    [
        ({"heartbeat_s": 9}, "/heartbeat_s"),
        ({"deadline_s": 59}, "/deadline_s"),
        ({"due_by": "7:30", "due_zone": "UTC"}, "/due_by"),
        ({"due_by": "07:30"}, "/due_zone"),
        ({"due_by": "07:30", "due_zone": "Mars/North"}, "/due_zone"),
        ({"metadata_check": "perhaps"}, "/metadata_check"),
    ],
)
def test_an_alarm_that_cannot_be_is_refused(
    provider: Program, run: dict[str, Any], alarms: dict[str, object], field: str
) -> None:
    answer = patch(provider, **alarms)

    assert run
    assert (answer.status_code, answer.get_json()["errors"][0]["pointer"]) == (422, field)


def test_links_and_badges_are_made_shown_once_and_revoked(
    provider: Program, run: dict[str, Any], session: Session
) -> None:
    kinds: tuple[tuple[str, Any], ...] = (("shares", ShareLink), ("badges", Badge))
    for what, model in kinds:
        made = provider.post(f"/runs/{run['id']}/{what}", {}).get_json()
        assert made["secret"] in made["url"]
        row = session.scalars(select(model)).one()
        assert made["secret"].encode() not in row.token_hash
        closed = provider.post(f"/runs/{run['id']}/{what}/{made['id']}/revocation")
        again = provider.post(f"/runs/{run['id']}/{what}/{made['id']}/revocation")
        assert (closed.status_code, again.status_code) == (200, 409)
        told = session.scalars(select(Change.verb).order_by(Change.id.desc()).limit(1)).one()
        assert told == f"{what.removesuffix('s')}.revoked"
    assert provider.post(f"/runs/{run['id']}/shares", {"hours": 2161}).status_code == 422


def test_three_earlier_runs_tell_when_one_will_be_done(provider: Program, session: Session) -> None:
    provider.register()
    for number in range(4):
        run = provider.open(str(number))
        day = f"2026-01-0{number + 1}"
        provider.send(run, "start", "fetch", occurred_at=f"{day}T10:00:00Z")
        last = provider.send(run, "step", "fetch", occurred_at=f"{day}T10:10:00Z")
        if number < 3:
            assert last["eta_at"] is None
            provider.send(run, "complete", "run", occurred_at=f"{day}T10:30:00Z")
            provider.send(run, "complete", "return", occurred_at=f"{day}T10:40:00Z")

    assert last["eta_at"] == "2026-01-04T10:40:00Z"
    provider.register(version="2.0.0")
    other = provider.open("of the next major version")
    assert provider.send(other, "step", "fetch")["eta_at"] is None


def test_a_run_tells_its_plan_its_people_and_its_steps(provider: Program, run: dict[str, Any]) -> None:
    provider.send(run, "running", "run", fraction=0.5, metadata={"Score": 9})
    shown = provider.get(f"/runs/{run['id']}").get_json()

    assert (shown["provider"], shown["customer"], shown["version"], shown["progress"]) == (
        "clinic",
        None,
        "1.0.0",
        40.0,
    )
    assert [(step["tag"], step["state"], step["points"]) for step in shown["steps"]] == [
        ("fetch", "pending", 1), ("run", "running", 8), ("return", "pending", 1),
    ]  # fmt: skip
    assert (shown["steps"][1]["metadata"], shown["steps"][1]["fraction"]) == ({"Score": 9}, 0.5)


def test_the_last_lines_of_a_log_are_read_without_secrets(provider: Program, run: dict[str, Any]) -> None:
    append(provider, run, 0, b"one\n\x1b[31mtwo\x1b[0m\npassword=hunter2\n")

    assert provider.get(f"/runs/{run['id']}/log?tail=2").get_data(as_text=True) == "two\npassword=[masked]\n"
    assert provider.get(f"/runs/{run['id']}/log?tail=0").status_code == 422


def test_a_job_tells_how_its_runs_went(provider: Program, run: dict[str, Any]) -> None:
    provider.send(run, "start", occurred_at="2026-01-01T10:00:00Z")
    provider.send(run, "complete", occurred_at="2026-01-01T10:01:00Z")
    job = provider.get("/jobs").get_json()["items"][0]["id"]

    found = provider.get(f"/jobs/{job}/statistics").get_json()
    assert found == {"runs": 1, "ended": 1, "completed": 1, "success": 1.0, "median_s": 60.0, "p80_s": 60.0}
