"""Moments as whole microseconds since 1970 in UTC, and back. Pure."""

from datetime import UTC, datetime, timedelta

UNITS = ((86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))
EPOCH = datetime.fromtimestamp(0, UTC)


def micros(at: datetime) -> int:
    """Return a moment as microseconds."""
    return (at - EPOCH) // timedelta(microseconds=1)


def moment(us: int) -> datetime:
    """Return microseconds as a moment."""
    return EPOCH + timedelta(microseconds=us)


def maybe(us: int | None) -> datetime | None:
    """Return microseconds as a moment, None for None."""
    return None if us is None else moment(us)


def maybe_micros(at: datetime | None) -> int | None:
    """Return a moment as microseconds, None for None."""
    return None if at is None else micros(at)


def length_text(seconds: int | None) -> str:
    """Return a length as forms take it, in the largest unit that fits: ``90s``, ``10m``, ``2h``; empty for None."""
    if seconds is None:
        return ""
    size, unit = next(((size, unit) for size, unit in UNITS if seconds % size == 0 and seconds), UNITS[-1])
    return f"{seconds // size}{unit}"
