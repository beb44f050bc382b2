"""When a run must be done (specification of jobs, 3.8)."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

MICRO = 1_000_000
YEAR = 366 * 86_400 * MICRO
LATEST = 253_402_300_799 * MICRO  # the last second of the year 9999


def deadline(
    given: int | None,
    started_at: int | None,
    deadline_s: int | None,
    due: tuple[str, str] | None = None,
    nominal_at: int | None = None,
) -> int | None:
    """Return the deadline (us) of a run: its own, else a length after its start, else the next time of day.

    ``due`` is (HH:MM, zone); it counts from the nominal start, or the creation where there is none.
    """
    if given is not None:
        return given
    if started_at is not None and deadline_s is not None:
        return min(started_at + deadline_s * MICRO, LATEST)
    if due is None or nominal_at is None or not 0 <= nominal_at <= LATEST - YEAR:
        return None
    return next_due(*due, nominal_at)


def next_due(due_by: str, zone: str, after: int) -> int:
    """Return the next moment (us) after another at which clocks of a zone show HH:MM.

    There is one a day: the first of two when clocks go back; when they go forward over it, as if they had not yet.
    """
    where = ZoneInfo(zone)
    wanted = time(int(due_by[:2]), int(due_by[3:]))
    day = moment(after).astimezone(where).date() - timedelta(days=1)
    while True:
        at = micros(datetime.combine(day, wanted, where))
        if at > after:
            return at
        day += timedelta(days=1)


def moment(us: int) -> datetime:
    """Return microseconds as a time in UTC."""
    return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=us)


def micros(at: datetime) -> int:
    """Return a time with a zone as microseconds."""
    return (at.astimezone(UTC) - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)
