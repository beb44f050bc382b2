"""Flink streams that never end, as the OpenLineage listener for Flink reports them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.demo.described import Describer
from app.demo.facets import FLINK, engine, error, facet, job_type, run_event
from app.demo.model import Event, Facets, Ref

NAMESPACE = "http://flink-jobmanager.greenbasket.internal:8081"
EVERY_HOURS = 2


@dataclass(frozen=True, slots=True)
class Stream:
    """A Flink job; ``restart`` is how many days before the incident it crashed and came back, 0 for never."""

    name: str
    reads: tuple[str, ...]
    writes: str
    restart: int = 0


STREAMS = (
    Stream(
        "insert-into_default_catalog.default_database.app_sessions_v1",
        ("topic:app.clickstream.v2",),
        "topic:app.sessions.v1",
    ),
    Stream("eta-predictor", ("topic:fleet.gps.v1", "topic:fleet.delivery-status.v1"), "topic:fleet.eta.v1", 5),
    Stream("fraud-signals", ("topic:shop.orders.v1", "topic:shop.payments.v1"), "topic:shop.fraud-signals.v1"),
)
CRASH = (
    "Recovery is suppressed by FixedDelayRestartBackoffTimeStrategy(maxNumberRestartAttempts=3, backoffTimeMS=10000)"
)
CRASH_TRACE = (
    "org.apache.flink.runtime.JobException: " + CRASH + "\n"
    "\tat org.apache.flink.runtime.executiongraph.failover.ExecutionFailureHandler.handleFailure"
    "(ExecutionFailureHandler.java:180)\n"
    "Caused by: org.apache.kafka.common.errors.RecordDeserializationException: "
    "Error deserializing key/value for partition fleet.gps.v1-11 at offset 88114302\n"
)


def stream_events(describer: Describer, stream: Stream) -> Iterator[Event]:
    """Yield start and checkpoints of a stream, its crash and the run after it."""
    world = describer.world
    begin = world.start + timedelta(minutes=3)
    crash = world.before(stream.restart, 3.4) if stream.restart else None
    if crash and crash > begin:
        yield from _life(describer, stream, (begin, crash))
        yield _event(describer, stream, ("FAIL", crash, begin), 0)
        begin = crash + timedelta(minutes=11)
    yield from _life(describer, stream, (begin, world.now))


def checkpoints(describer: Describer, stream: Stream, moments: Iterable[datetime]) -> Iterator[Event]:
    """Yield checkpoints of the run of a stream that goes on after the story's end."""
    world = describer.world
    first = world.start + timedelta(minutes=3)
    back = world.before(stream.restart, 3.4) + timedelta(minutes=11) if stream.restart else first
    begin = max(first, back)
    for moment in moments:
        yield _event(describer, stream, ("RUNNING", moment, begin), (moment - begin) // timedelta(seconds=30))


def _life(describer: Describer, stream: Stream, span: tuple[datetime, datetime]) -> Iterator[Event]:
    """Yield START and one RUNNING event every few hours, the last shortly before the end."""
    begin, end = span
    yield _event(describer, stream, ("START", begin, begin), 0)
    moment, count = begin, 0
    while (moment := moment + timedelta(hours=EVERY_HOURS)) < end:
        count += 1
        yield _event(describer, stream, ("RUNNING", moment, begin), count * 240)
    yield _event(describer, stream, ("RUNNING", end - timedelta(seconds=95), begin), count * 240 + 9)


def _event(describer: Describer, stream: Stream, state: tuple[str, datetime, datetime], checkpoints: int) -> Event:
    """Return one event; ``state`` is (eventType, time, begin of the run)."""
    kind, moment, begin = state
    world = describer.world
    ref = Ref(NAMESPACE, stream.name, world.run_id("flink", stream.name, begin))
    facets: Facets = {
        "processing_engine": engine(FLINK),
        "flink_job": facet("flink_job", FLINK, jobId=ref.run_id.replace("-", "")),
    }
    if kind == "RUNNING":
        body = {
            "completed": checkpoints,
            "failed": checkpoints // 900,
            "in-progress": 1,
            "restored": 0,
            "total": checkpoints + 1,
        }
        facets["checkpoints"] = facet("checkpoints", FLINK, **body)
    if kind == "FAIL":
        facets["errorMessage"] = error(FLINK, CRASH, CRASH_TRACE, "java")
    inputs = [{**describer.bare(key), "facets": describer.facets(key, moment, FLINK)} for key in stream.reads]
    outputs = [{**describer.bare(stream.writes), "facets": describer.facets(stream.writes, moment, FLINK)}]
    return run_event(
        kind, moment, FLINK, (ref, facets, {"jobType": job_type(FLINK, "JOB", "STREAMING")}), (inputs, outputs)
    )
