"""When a failed attempt is repeated."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

SECONDS = (0.0, 5.0, 300.0, 1_800.0, 7_200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)
LONGEST = timedelta(hours=24)
SPREAD = 0.1
ASKS = frozenset({429, 503})


def schedule(text: str) -> tuple[float, ...]:
    """Return the seconds between attempts of HEADWATER_RETRY_SECONDS, the usual ones when it is empty."""
    return tuple(float(part) for part in text.split(",") if part.strip()) or SECONDS


def next_attempt(
    now: datetime, tried: int, seconds: tuple[float, ...], chance: float, retry_after: timedelta | None = None
) -> datetime:
    """Return when attempt ``tried + 1`` is due; ``chance`` in 0 to 1 moves it by up to a tenth either way."""
    wait = seconds[min(tried, len(seconds) - 1)] * (1 + SPREAD * (2 * chance - 1))
    return now + max(timedelta(seconds=wait), min(retry_after or timedelta(), LONGEST))


def retry_after(status: int, text: str | None, now: datetime) -> timedelta | None:
    """Return how long the receiver asks us to wait (seconds or a date), None when it does not."""
    if status not in ASKS or not text:
        return None
    if text.strip().isdecimal():
        return timedelta(seconds=min(int(text.strip()[:9]), 10**8))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(moment.replace(tzinfo=moment.tzinfo or UTC) - now, timedelta())
