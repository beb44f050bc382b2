"""What ingestion tells a monitoring system: one realm's numbers, for a key of that realm.

Events and bytes are summed from the hours of intake, so they count what every process took in, files included. Times,
sizes of batches and codes of refusals are those of this process since it began; several web workers have one each.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.lineage.models import Intake
from app.lineage.openlineage.parse import Event
from app.lineage.openlineage.problem import BadEvent

PREFIX = "headwater_lineage"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
SIZES = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 10_000)
RESULTS = ("accepted", "duplicates", "rejected")


class _Meters:
    """What this process counts for one realm."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.seconds = Histogram(
            f"{PREFIX}_ingest_seconds", "From the begin of a transaction of ingestion to its commit.",
            registry=self.registry, buckets=SECONDS,
        )  # fmt: skip
        self.sizes = Histogram(
            f"{PREFIX}_batch_size", "Events stored in one transaction.", registry=self.registry, buckets=SIZES
        )
        self.rejections = Counter(f"{PREFIX}_rejections", "Events refused.", ["code"], registry=self.registry)


_meters: dict[int, _Meters] = {}


def observe(realm_id: int, seconds: float, parsed: Sequence[Event | BadEvent]) -> None:
    """Count a committed transaction: its time from begin to commit, its events, and the codes of those refused."""
    meters = _meters.get(realm_id) or _meters.setdefault(realm_id, _Meters())
    meters.seconds.observe(seconds)
    meters.sizes.observe(len(parsed))
    for each in parsed:
        if isinstance(each, BadEvent):
            meters.rejections.labels(each.code).inc()


def exposition(session: Session, realm_id: int) -> bytes:
    """Return the numbers of a realm in Prometheus' text format: one statement."""
    meters = _meters.get(realm_id) or _meters.setdefault(realm_id, _Meters())
    sums = (func.sum(column) for column in (Intake.accepted, Intake.duplicates, Intake.rejected, Intake.bytes))
    rows = session.execute(select(Intake.source, *sums).group_by(Intake.source).order_by(Intake.source)).all()
    summed = CollectorRegistry()
    summed.register(_Sums(rows))
    return generate_latest(summed) + generate_latest(meters.registry)


class _Sums:
    """Rows of (source, accepted, duplicates, rejected, bytes) as metrics."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self.rows = rows

    def collect(self) -> Iterable[Metric]:
        """Return the two sums."""
        events = CounterMetricFamily(f"{PREFIX}_events", "Events that came in.", labels=("source", "result"))
        size = CounterMetricFamily(f"{PREFIX}_raw_bytes", "Bytes of accepted events as they came.")
        for source, *counts, _size in self.rows:
            for result, count in zip(RESULTS, counts, strict=True):
                events.add_metric((source, result.removesuffix("s")), int(count))
        size.add_metric((), sum(int(row[-1]) for row in self.rows))
        return (events, size)
