"""Sends what happens as it happens, by HTTP like anyone's program, until the process ends."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.demo.simulator.fleet import Move, Run, alive, runs
from app.demo.simulator.onward import Onward
from app.demo.simulator.today import left_open
from headwater_client import Away, Refused, Server

log = logging.getLogger("headwater.simulator")
SEED = 11
TICK_S, LONGEST_PAUSE_S, WAITS_S = 3.0, 60.0, 30.0
# After a longer rest the days between are left out.
CATCHES_UP = timedelta(hours=36)
BATCH = 50


@dataclass(frozen=True, slots=True)
class State:
    """What is kept between two starts: the key, when the story was told, and up to when all was sent."""

    key: str
    told_at: str
    sent_until: str

    @classmethod
    def read(cls, folder: Path) -> State | None:
        """Return what is kept in the data directory; None when there is nothing that can be read."""
        try:
            return cls(**json.loads((folder / "simulator.json").read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, folder: Path) -> None:
        """Keep it, for nobody else to read."""
        part = folder / "simulator.part"
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(asdict(self), file)
        part.replace(folder / "simulator.json")


class Simulator:
    """The company at work on one Headwater; ``turn`` sends what happened since the last one."""

    def __init__(self, server: Server, told_at: datetime, sent_until: datetime) -> None:
        self.server, self.told_at, self.sent_until = server, told_at, sent_until
        self.onward: Onward | None = None
        self.numbers: dict[str, str] = {}

    def turn(self, now: datetime) -> None:
        """Send all that happened until now, oldest first; raises Away, and then the next turn sends it again.

        Runs, events and log chunks have ids and places of their own, so that what is sent again counts once.
        """
        since = max(self.sent_until, now - CATCHES_UP)
        for run, moves in self._tracked(since, now):
            self._report(run, moves)
        self.onward = self.onward or Onward(self.told_at)
        events = self.onward.events(since, now)
        for start in range(0, len(events), BATCH):
            self.server.post("/lineage/batch", events[start : start + BATCH])
        self.sent_until = now

    def _tracked(self, since: datetime, now: datetime) -> Iterator[tuple[Run, list[Move]]]:
        # What was on its way when the server rested is told to its end, however long ago that was; what was on its way
        # when the story ended is told from its beginning.
        begun = alive(SEED, self.sent_until)
        is_first = self.sent_until == self.told_at
        for run in [*left_open(self.told_at), *begun, *runs(SEED, since, now)]:
            from_ = run.at if is_first and run in begun else self.sent_until
            moves = [move for move in run.moves if from_ < move.at <= now or (is_first and move.at == from_)]
            if moves or since < run.at <= now:
                yield run, moves

    def _report(self, run: Run, moves: list[Move]) -> None:
        try:
            where = f"/jobs/runs/{self._number(run)}"
            if events := [move.event for move in moves if move.event is not None]:
                self.server.post(f"{where}/events", events)
            for move in moves:
                if move.log:
                    self.server.post(f"{where}/log?offset={move.offset}", move.log.encode())
        except Refused as error:
            # A person may have archived the run or changed the plan: the others go on.
            log.warning("the simulator leaves %s alone: %s", run.opening["external_id"], error)

    def _number(self, run: Run) -> str:
        id_ = str(run.opening["external_id"])
        if id_ not in self.numbers:
            self.numbers[id_] = str(self.server.post("/jobs/runs", run.opening)["id"])
        return self.numbers[id_]


def start(folder: Path, url: str) -> threading.Thread | None:
    """Start the simulator of this process as a thread; None where the data directory has no key for it."""
    if State.read(folder) is None:
        return None
    thread = threading.Thread(target=_forever, args=(folder, url), name="simulator", daemon=True)
    thread.start()
    return thread


def _forever(folder: Path, url: str) -> None:
    rest = threading.Event()
    with (folder / "simulator.lock").open("w") as lock:
        # Of several processes one works; the lock ends with its process.
        while not _held(lock):
            rest.wait(WAITS_S)
        pause = TICK_S
        while True:
            rest.wait(pause)
            pause = TICK_S if _turned(folder, url) else min(pause * 2, LONGEST_PAUSE_S)


_working: dict[Path, Simulator] = {}


def _turned(folder: Path, url: str) -> bool:
    state = State.read(folder)
    if state is None:
        return False
    told_at, sent_until = datetime.fromisoformat(state.told_at), datetime.fromisoformat(state.sent_until)
    one = _working.setdefault(folder, Simulator(Server(url, state.key, 30), told_at, sent_until))
    try:
        one.turn(datetime.now(UTC))
        State(state.key, state.told_at, one.sent_until.isoformat()).write(folder)
    except (Away, Refused, OSError) as error:
        log.warning("the simulator waits: %s", error)
        return False
    except Exception:
        log.exception("the simulator waits")
        return False
    return True


def _held(lock: Any) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
