"""Moments as whole microseconds since 1970 in UTC, and back. Pure."""

from datetime import UTC, datetime, timedelta

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
