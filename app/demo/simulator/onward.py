"""How the story goes on in OpenLineage after it was told: the schedule, streams, and models that queue and train."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain
from random import Random

from app.demo.airflow import MANUAL, DagRun
from app.demo.businessflows import SLOTS
from app.demo.clients import Client
from app.demo.described import Describer
from app.demo.flows import DAGS
from app.demo.model import Event, Ref
from app.demo.simulator.slots import slots
from app.demo.story import day_runs, right_now
from app.demo.streams import STREAMS, checkpoints
from app.demo.world import World

DAY = timedelta(days=1)
CHECKPOINTS, SCORES, CAPACITY = timedelta(minutes=10), timedelta(minutes=45), timedelta(minutes=35)
FAILS = 0.15
GPU = "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.44 GiB (GPU 0; 23.69 GiB total capacity)"
Timed = tuple[datetime, Event]


class Onward:
    """The company after ``told_at``, the moment up to which its story was told with the same ``days`` and ``seed``."""

    def __init__(self, told_at: datetime, days: int = 30, seed: int = 7) -> None:
        self.describer = Describer(World(told_at, days, seed))
        self.world = self.describer.world
        self.client = Client(self.describer)
        self.begun = list(timed(chain(right_now(self.describer), self.client.later())))
        self.days: dict[datetime, list[Timed]] = {}

    def events(self, since: datetime, until: datetime) -> list[Event]:
        """Return what happens after ``since`` and not after ``until``, by time."""
        first = since.replace(hour=0, minute=0, second=0, microsecond=0) - DAY
        days = [first + number * DAY for number in range((until - first) // DAY + 1)]
        self.days = {day: self.days.get(day) or sorted(timed(self._day(day)), key=_when) for day in days}
        found = [one for one in chain(self.begun, *self.days.values()) if since < one[0] <= until]
        return [event for _, event in sorted(found, key=_when)]

    def _day(self, day: datetime) -> Iterator[Event]:
        """Yield all that begins on a day; of what began before the story's end only the rest is told."""
        for dag in DAGS:
            for run in day_runs(self.describer, dag, day):
                yield from run.events()
        end = day + DAY
        for stream in STREAMS:
            yield from checkpoints(self.describer, stream, (at for at, _ in slots(day, end, CHECKPOINTS)))
        for at, dice in slots(day, end, CAPACITY, self.world.seed, "capacity"):
            if at > self.world.now:
                yield from DagRun(self.describer, SLOTS, at, MANUAL, dice.uniform(1.0, 2.2)).events()
        for at, dice in slots(day, end, SCORES, self.world.seed, "scores"):
            if at > self.world.now:
                yield from self._scores(at, dice)

    def _scores(self, at: datetime, dice: Random) -> Iterator[Event]:
        """Yield a run that waits for a GPU, works, and now and then fails."""
        ref = Ref("ml-platform", "score_churn", self.world.run_id("queued", "score_churn", at))
        yield self.client.queued(ref, at)
        begin = at + timedelta(minutes=dice.uniform(8, 20))
        yield from self.client.trained(ref, begin, dice.uniform(7, 14), GPU if dice.random() < FAILS else "")


def timed(events: Iterator[Event]) -> Iterator[Timed]:
    """Yield events with the time they carry."""
    return ((datetime.fromisoformat(str(event["eventTime"])), event) for event in events)


def _when(one: Timed) -> datetime:
    return one[0]
