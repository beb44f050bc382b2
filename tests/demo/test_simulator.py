"""What happens while the demo is served follows from a seed and the clock, and is sent like anyone's."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.db import scope
from app.demo.partners import STORES
from app.demo.simulator.drive import SEED, Simulator, State
from app.demo.simulator.fleet import PROVIDERS, Move, alive, runs
from app.demo.simulator.found import found
from app.demo.simulator.onward import Onward
from app.realms.models import Realm
from headwater_client import Away, Server
from tests.browser import Browser
from tests.databases import Database, live_session
from tests.demo.reading import NOW
from tests.jobs.tracking import member
from tests.track.serving import serving, writing_down

HOUR = timedelta(hours=1)


def test_the_same_clock_and_seed_give_the_same_runs_however_one_asks() -> None:
    whole = runs(SEED, NOW, NOW + 6 * HOUR)
    parts = [run for hour in range(6) for run in runs(SEED, NOW + hour * HOUR, NOW + (hour + 1) * HOUR)]

    assert parts == whole
    assert runs(SEED + 1, NOW, NOW + HOUR) != runs(SEED, NOW, NOW + HOUR)


def test_some_run_at_any_moment_and_a_day_shows_every_state() -> None:
    day = runs(SEED, NOW, NOW + 24 * HOUR)
    kinds = [move.event["kind"] for run in day for move in run.moves if move.event]

    assert all(len(alive(SEED, NOW + hour * HOUR)) >= 2 for hour in range(24))
    assert 100 <= len(day) <= 150
    assert len(kinds) < 10_000
    assert any("deadline_at" in run.opening for run in day)
    assert any(max(_silences(list(run.moves))) > 300 for run in day)
    assert 5 <= kinds.count("error") <= 40


def test_events_of_the_story_go_on_without_a_gap_or_a_repetition() -> None:
    onward, times = Onward(NOW), [NOW + HOUR * quarter / 4 for quarter in range(9)]
    parts = [event for since, until in pairwise(times) for event in onward.events(since, until)]

    assert parts == Onward(NOW).events(NOW, NOW + 2 * HOUR)
    assert {"START", "RUNNING", "COMPLETE", "OTHER"} <= {str(event["eventType"]) for event in parts}
    assert len(parts) < 300


def test_what_a_server_in_trouble_did_not_take_is_sent_by_the_next_turn() -> None:
    one = Simulator(Server("http://127.0.0.1:9", "k"), NOW, NOW)
    with pytest.raises(Away):
        one.turn(NOW + timedelta(minutes=1))
    with writing_down() as (url, came):
        one.server = Server(url, "k")
        one.turn(NOW + timedelta(minutes=2))

    opened = [body["external_id"] for path, body in came if path == "/api/v1/jobs/runs"]
    assert "tours-today-berlin" in opened
    assert len(opened) == len(set(opened))
    assert one.sent_until == NOW + timedelta(minutes=2)


def test_a_turn_posts_what_happened_once_and_the_board_shows_it_run(
    app: Flask, database: Database, session: Session, realm: Realm, client: Browser, tmp_path: Path
) -> None:
    for login in {*PROVIDERS.values(), *STORES}:
        member(session, realm, login, Role.PROVIDER if login in PROVIDERS.values() else Role.CUSTOMER, "jobs.write")
    told_at = datetime.now(UTC) - timedelta(minutes=4)
    with live_session(database.engine()) as own:
        scope(own, realm.id)
        found(own, tmp_path, told_at)
        own.commit()
    state = State.read(tmp_path)
    assert state is not None
    assert (tmp_path / "simulator.json").stat().st_mode & 0o777 == 0o600
    with serving(app) as port:
        turns = [Simulator(Server(f"http://127.0.0.1:{port}", state.key), told_at, told_at) for _ in range(2)]
        turns[1].onward = turns[0].onward = Onward(told_at)
        for one in turns:
            one.turn(datetime.now(UTC))

    assert turns[0].numbers == turns[1].numbers
    board = client.get("/r/acme/jobs").text
    assert "tours-today-munich" in board
    assert "score_churn" in board


def _silences(moves: list[Move]) -> list[float]:
    times: list[datetime] = [move.at for move in moves]
    return [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
