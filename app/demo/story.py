"""The time line: one month of an online grocer, ending now, with a bad morning."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from operator import itemgetter

from app.demo.airflow import MANUAL, DagRun
from app.demo.archive import Archive
from app.demo.businessflows import BACKFILL, FORECAST, SLOTS
from app.demo.clients import Client
from app.demo.described import Describer
from app.demo.flows import DAGS
from app.demo.model import Dag, Event
from app.demo.statics import static_events
from app.demo.streams import STREAMS, stream_events
from app.demo.world import World

LATE_SHARE = 0.02
REPEATED_SHARE = 0.006
TRAINING_DAYS = (2, 6)
NOW_RUNS = ((BACKFILL, 38.0), (FORECAST, 19.0), (SLOTS, 6.5))
SLOW = 4.0


def events(now: datetime, days: int = 30, seed: int = 7) -> Iterator[Event]:
    """Yield the story's OpenLineage events roughly by time: some arrive late, some twice, none after ``now``.

    The same arguments give the same events. ``now`` needs a zone. Events share facet objects: read, do not change them.
    """
    world = World(now, days, seed)
    describer = Describer(world)
    told = chain(
        static_events(describer),
        _scheduled(describer),
        right_now(describer),
        chain.from_iterable(stream_events(describer, stream) for stream in STREAMS),
        Client(describer).events(),
        Archive(describer).events(),
    )
    yield from _as_received(world, told)


def _scheduled(describer: Describer) -> Iterator[Event]:
    """Yield all scheduled DAG runs between the start of the story and now."""
    world = describer.world
    midnight = world.start.replace(hour=0, minute=0, second=0, microsecond=0)
    for number in range((world.now - midnight).days + 1):
        day = midnight + timedelta(days=number)
        for dag in DAGS:
            yield from _day(describer, dag, day)


def _day(describer: Describer, dag: Dag, day: datetime) -> Iterator[Event]:
    """Yield the runs of one DAG on one day, as far as the story goes."""
    world = describer.world
    for run in day_runs(describer, dag, day):
        if world.start <= run.at <= world.now:
            yield from run.events()


def day_runs(describer: Describer, dag: Dag, day: datetime) -> Iterator[DagRun]:
    """Yield the runs that begin on a day (its midnight); the forecast is not trained every day."""
    if day.weekday() not in dag.weekdays:
        return
    if dag is FORECAST and day.weekday() not in TRAINING_DAYS:
        dag = replace(dag, tasks=dag.tasks[:1])
    for hour in dag.hours:
        yield DagRun(describer, dag, day + timedelta(minutes=round(hour * 60)))


def right_now(describer: Describer) -> Iterator[Event]:
    """Yield runs started by hand minutes ago; they are slow, so that what lies after ``now`` is cut off."""
    for dag, minutes in NOW_RUNS:
        at = describer.world.now - timedelta(minutes=minutes)
        yield from DagRun(describer, dag, at, MANUAL, SLOW).events()


def _as_received(world: World, told: Iterator[Event]) -> Iterator[Event]:
    """Yield events in order of arrival: a few come up to two minutes late, a few twice."""
    until = world.now.isoformat(timespec="microseconds")
    dice = world.rng("network")
    arrivals: list[tuple[datetime, int, Event]] = []
    for number, event in enumerate(
        sorted((one for one in told if str(one["eventTime"]) <= until), key=itemgetter("eventTime"))
    ):
        moment = datetime.fromisoformat(str(event["eventTime"]))
        if dice.random() < LATE_SHARE:
            moment += timedelta(seconds=dice.uniform(5, 120))
        arrivals.append((moment, number, event))
        if dice.random() < REPEATED_SHARE:
            arrivals.append((moment + timedelta(seconds=dice.uniform(1, 40)), number, event))
    arrivals.sort(key=itemgetter(0, 1))
    yield from (event for _, _, event in arrivals)
