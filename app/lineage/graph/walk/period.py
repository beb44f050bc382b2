"""Which days a view covers. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from app.lineage.graph.model import Question


@dataclass(frozen=True, slots=True)
class Period:
    """UTC days from ``first`` to ``last``, both within; claims and runs up to ``as_of``, claims since ``since``."""

    first: date
    last: date
    as_of: datetime
    since: datetime


def period(asked: Question, now: datetime, current_days: int) -> Period:
    """Return the days that count: those of the view, up to the end of the day of ``as_of``.

    Without ``as_of`` what a clock that runs ahead reported counts as well, up to a day.
    """
    as_of = asked.as_of or now + timedelta(days=1)
    day_end = datetime.combine(as_of.astimezone(UTC).date(), datetime.max.time(), UTC)
    last, first, since = as_of.astimezone(UTC).date(), date.min, datetime(1, 1, 2, tzinfo=UTC)
    if asked.view == "current":
        day = (asked.as_of or now).astimezone(UTC).date()
        # There is no day before the first year.
        first = date.fromordinal(max(day.toordinal() - current_days, 1))
    elif asked.view == "window":
        if asked.since is not None:
            first, since = asked.since.astimezone(UTC).date(), asked.since
        if asked.until is not None and asked.until < day_end:
            last, day_end = asked.until.astimezone(UTC).date(), asked.until
    return Period(first, last, day_end if asked.as_of is None or asked.jobs in {"job", "hidden"} else as_of, since)
