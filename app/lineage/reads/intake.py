"""What came in lately: by hour for the chart, and by source, key and producer."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.lineage.models import Intake

HOURS = 24
MOST_ROWS = 20_000


@dataclass(slots=True)
class Sum:
    """Counts of one hour or one sender; ``lag`` is the sum of seconds between event time and arrival."""

    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    lag: int = 0
    bytes: int = 0
    last: datetime | None = None

    def add(self, row: Intake) -> None:
        """Add the counts of a row."""
        for name in ("accepted", "duplicates", "rejected", "lag", "bytes"):
            setattr(self, name, getattr(self, name) + getattr(row, name))
        self.last = max(self.last or row.hour, row.hour)

    @property
    def mean_lag(self) -> float | None:
        """Return the mean seconds from event time to arrival, None without events."""
        return self.lag / self.accepted if self.accepted else None


@dataclass(slots=True)
class Lately:
    """The last 24 hours: all of it, hour by hour (oldest first), and by (source, key, producer), most first."""

    total: Sum = field(default_factory=Sum)
    hours: list[tuple[datetime, Sum]] = field(default_factory=list)
    senders: list[tuple[tuple[str, str, str], Sum]] = field(default_factory=list)


def lately(session: Session, now: datetime) -> Lately:
    """Return what came in within the last 24 hours: one statement."""
    end = now.replace(minute=0, second=0, microsecond=0)
    hours = {end - timedelta(hours=back): Sum() for back in reversed(range(HOURS))}
    query = select(Intake).where(Intake.hour >= min(hours)).order_by(Intake.hour).limit(MOST_ROWS)
    senders: defaultdict[tuple[str, str, str], Sum] = defaultdict(Sum)
    total = Sum()
    for row in session.scalars(query):
        total.add(row)
        hours.get(row.hour, Sum()).add(row)
        senders[row.source, row.key, row.producer].add(row)
    ordered = sorted(senders.items(), key=lambda item: (-item[1].accepted, item[0]))
    return Lately(total, list(hours.items()), ordered)
