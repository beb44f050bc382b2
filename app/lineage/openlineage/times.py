"""Event times: RFC 3339 with the liberties real producers take."""

import re
from datetime import UTC, datetime, timedelta

_FORM = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9})|\.)?\s?([Zz]|[+-]\d\d:?\d\d|[+-]\d\d)?", re.ASCII
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def parse_time(text: object) -> datetime | None:
    """Return the moment in UTC, cut to microseconds; no zone means UTC; None when it cannot be read."""
    if not isinstance(text, str) or (match := _FORM.fullmatch(text)) is None:
        return None
    day, clock, fraction, zone = match.groups()
    zone = "+00:00" if zone is None or zone in "Zz" else zone
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}.{(fraction or '0')[:6]:0<6}{zone}")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def micros(moment: datetime) -> int:
    """Return microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def moment(us: int) -> datetime:
    """Return the moment that lies ``us`` microseconds after 1970."""
    return EPOCH + us * MICROSECOND


def day_of(us: int) -> int:
    """Return the UTC day as days since 1970."""
    return us // 86_400_000_000
