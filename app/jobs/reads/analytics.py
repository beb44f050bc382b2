"""Runs of a year, month by month: how many, how well, how long, and which steps take longest."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median
from typing import Any, Final

from sqlalchemy.orm import Session

from app.jobs.queries import analytics as queries
from app.jobs.queries.sight import Sight

MOST_SERIES: Final = 7
MOST_YEARS: Final = 50
MOST_RUNS, MOST_STEP_RUNS, MOST_STEPS = 4_000, 1_000, 15
OTHER: Final = "others"
NOTHING: Final = {
    "configuration": "without configuration", "customer": "without customer", "status": "", "integration": "unknown",
}  # fmt: skip
STATUSES: Final = ("completed", "failed", "cancelled", "running", "queued", "unknown")


@dataclass(slots=True)
class Month:
    """Runs that began in a month by label and by status."""

    begin: datetime
    end: datetime
    labels: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        """Return all runs."""
        return self.labels.total()

    @property
    def success(self) -> float | None:
        """Return the share of ended runs that completed, 0 to 1; None when none has ended."""
        return success(self.statuses)


@dataclass(frozen=True, slots=True)
class Length:
    """How long completed runs or steps of one name took: median and 80th percentile in seconds."""

    name: str
    runs: int
    median: float
    p80: float
    step: str = ""
    job_id: int | None = None


@dataclass(frozen=True, slots=True)
class Analytics:
    """A year of runs; ``series`` are the labels by number of runs, beyond seven joined as others."""

    year: int
    by: str
    years: list[int]
    series: list[str]
    months: list[Month]
    lengths: list[Length]
    steps: list[Length]

    @property
    def statuses(self) -> Counter[str]:
        """Return the runs of the year by status."""
        return sum((month.statuses for month in self.months), Counter())

    @property
    def total(self) -> int:
        """Return the runs of the year."""
        return self.statuses.total()

    @property
    def success(self) -> float | None:
        """Return the share of ended runs of the year that completed."""
        return success(self.statuses)


def success(statuses: Counter[str]) -> float | None:
    """Return the share of ended runs that completed, 0 to 1; None when none has ended."""
    ended = statuses["completed"] + statuses["failed"] + statuses["cancelled"]
    return statuses["completed"] / ended if ended else None


def analytics(session: Session, sight: Sight, year: int | None, by: str) -> Analytics | None:
    """Return a year of runs, by default the last with any; None while nobody has run anything: five statements."""
    years = _years(session, sight)
    if not years:
        return None
    year = year if year is not None else years[0]
    months = [_month(year, number) for number in range(1, 13)]
    for number, label, status, count in session.execute(queries.months(sight, year, by)):
        months[number - 1].labels[label or NOTHING[by]] += count
        months[number - 1].statuses[status] += count
    series = _series(months, by)
    return Analytics(
        year=year,
        by=by,
        years=years,
        series=series,
        months=months,
        lengths=_lengths(session.execute(queries.lengths(sight, year, by, MOST_RUNS)), by),
        steps=_steps(session, sight, year),
    )


def _years(session: Session, sight: Sight) -> list[int]:
    """Return the years with runs, newest first."""
    first, last = session.execute(queries.bounds(sight)).one()
    if first is None:
        return []
    begin = max(first.astimezone(UTC).year, last.astimezone(UTC).year - MOST_YEARS)
    return sorted(session.scalars(queries.years(sight, begin, last.astimezone(UTC).year)), reverse=True)


def _month(year: int, number: int) -> Month:
    following = (year + 1, 1) if number == 12 else (year, number + 1)  # noqa: PLR2004 - December
    return Month(datetime(year, number, 1, tzinfo=UTC), datetime(*following, 1, tzinfo=UTC))


def _series(months: list[Month], by: str) -> list[str]:
    """Return the labels by their number, and join those beyond seven in each month."""
    totals: Counter[str] = sum((month.labels for month in months), Counter())
    if by == "status":
        return [word for word in STATUSES if totals[word]]
    ranked = sorted(totals, key=lambda label: (-totals[label], label))
    if len(ranked) <= MOST_SERIES + 1:
        return ranked
    kept, rest = ranked[:MOST_SERIES], ranked[MOST_SERIES:]
    for month in months:
        month.labels[OTHER] = sum(month.labels.pop(label, 0) for label in rest)
    return [*kept, OTHER]


def _lengths(rows: Iterable[Any], by: str) -> list[Length]:
    found: defaultdict[str, list[float]] = defaultdict(list)
    for label, seconds in rows:
        found[label or NOTHING[by]].append(seconds)
    lengths = [_length(name, took) for name, took in found.items()]
    return sorted(lengths, key=lambda one: -one.runs)[: MOST_SERIES + 1]


def _steps(session: Session, sight: Sight, year: int) -> list[Length]:
    """Return the steps by their median, the slowest first."""
    found: defaultdict[tuple[int, str, str], list[float]] = defaultdict(list)
    for job_id, job, step, seconds in session.execute(queries.steps(sight, year, MOST_STEP_RUNS)):
        found[job_id, job, step].append(seconds)
    lengths = [_length(job, took, step, job_id) for (job_id, job, step), took in found.items()]
    return sorted(lengths, key=lambda one: -one.median)[:MOST_STEPS]


def _length(name: str, took: list[float], step: str = "", job_id: int | None = None) -> Length:
    took = sorted(max(seconds, 0.0) for seconds in took)
    return Length(name, len(took), median(took), took[-(-len(took) * 4 // 5) - 1], step, job_id)
