"""Even moments of the clock, each with dice of its own: the same for everyone who asks, whenever he asks."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


def slots(since: datetime, until: datetime, every: timedelta, *seeds: object) -> Iterator[tuple[datetime, Random]]:
    """Yield the moments from ``since`` on and before ``until`` that lie ``every`` apart, with the dice of each."""
    number = -((EPOCH - since) // every)
    while (at := EPOCH + number * every) < until:
        yield at, Random(f"{seeds}:{number}")  # noqa: S311 - dice of a story
        number += 1
