"""How the background is doing, for a monitoring system."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy.orm import Session

from app.delivery.reads.working import Working, working

PREFIX = "headwater_worker"


def exposition(session: Session) -> bytes:
    """Return in Prometheus' text format how far workers are behind; five statements."""
    registry = CollectorRegistry()
    registry.register(_Gauges(working(session)))
    return generate_latest(registry)


class _Gauges:
    """The numbers of the page on workers as metrics; what there is none of is left out."""

    def __init__(self, now: Working) -> None:
        self.now = now

    def collect(self) -> Iterable[Metric]:
        """Return them."""
        now = self.now
        yield _gauge("lag", "Changes nobody held against the hooks yet, up to 10,001.", now.lag)
        yield _gauge("queued", "Deliveries of the realm that are due, up to 10,001.", now.queued)
        yield _gauge("parked", "Deliveries of the realm that are parked, up to 100.", len(now.parked))
        yield _gauge("workers", "Workers seen within a minute.",
                     sum(worker.last_seen_at >= now.silent_before for worker in now.workers))  # fmt: skip
        if now.oldest_due_at is not None:
            age = (now.now - now.oldest_due_at).total_seconds()
            yield _gauge("oldest_due_seconds", "How long the delivery has waited that is due longest.", age)
        if now.last_sign_at is not None:
            age = (now.now - now.last_sign_at).total_seconds()
            yield _gauge("last_sign_seconds", "How long ago any worker was last seen.", age)


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{PREFIX}_{name}", words, value=value)
