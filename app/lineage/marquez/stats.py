"""Counts by hour of the last day or by day of the last week."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import case, func, select

from app.db import utcnow
from app.jobs.models import Job
from app.lineage.marquez import sources as found_sources
from app.lineage.marquez.asked import Ask, Wrong
from app.lineage.marquez.shapes import iso
from app.lineage.models import Dataset, RawEvent

Json = dict[str, Any]
Bucket = tuple[datetime, datetime]
HOURS: Final = 24
DAYS: Final = 7
TYPES: Final = {"FAIL": "fail", "START": "start", "COMPLETE": "complete", "ABORT": "abort"}


def events(ask: Ask) -> list[Json]:
    """Answer how many events of each type came in each interval; one statement."""
    buckets = _buckets(ask)
    place = case(*((RawEvent.received_at < end, index) for index, (_, end) in enumerate(buckets)), else_=len(buckets))
    seen = (
        select(place.label("place"), RawEvent.event_type)
        .where(RawEvent.received_at >= buckets[0][0], RawEvent.event_type.in_(TYPES))
        .subquery()
    )
    counted = select(seen.c.place, seen.c.event_type, func.count()).group_by(seen.c.place, seen.c.event_type)
    found: dict[int, dict[str, int]] = {}
    for index, type_, count in ask.session.execute(counted):
        found.setdefault(index, {})[TYPES[type_]] = count
    return [
        {**_interval(bucket), **dict.fromkeys(TYPES.values(), 0), **found.get(index, {})}
        for index, bucket in enumerate(buckets)
    ]


def jobs(ask: Ask) -> list[Json]:
    """Answer how many jobs were known at the end of each interval."""
    return _known(ask, Job.created_at, Job.origin != "named")


def datasets(ask: Ask) -> list[Json]:
    """Answer how many datasets were known at the end of each interval."""
    return _known(ask, Dataset.created_at, Dataset.alias_for_dataset_id.is_(None))


def sources(ask: Ask) -> list[Json]:
    """Answer how many sources were known at the end of each interval."""
    times = [each["createdAt"] for each in found_sources.every(ask).values()]
    return _counted(_buckets(ask), lambda end: sum(time < (iso(end) or "") for time in times))


def _known(ask: Ask, created: Any, condition: Any) -> list[Json]:
    buckets = _buckets(ask)
    columns = [func.count(case((created < end, 1))) for _, end in buckets]
    row = ask.session.execute(select(*columns).where(condition)).one()
    counts = {end: count for (_, end), count in zip(buckets, row, strict=True)}
    return _counted(buckets, counts.__getitem__)


def _counted(buckets: list[Bucket], count: Callable[[datetime], int]) -> list[Json]:
    return [{**_interval(bucket), "count": count(bucket[1])} for bucket in buckets]


def _interval(bucket: Bucket) -> Json:
    return {"startInterval": iso(bucket[0]), "endInterval": iso(bucket[1])}


def _buckets(ask: Ask) -> list[Bucket]:
    """Return the intervals, oldest first: full hours or days of the zone that is asked for, the present one last."""
    zone = _zone(ask)
    now = utcnow().astimezone(zone)
    if ask.choice("period", "DAY", "DAY", "WEEK") == "DAY":
        hour = now.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
        starts = [hour + timedelta(hours=step) for step in range(1 - HOURS, 2)]
    else:
        # Midnights of the zone, which are 23 or 25 hours apart where clocks change.
        today = now.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        days = [today + timedelta(days=step) for step in range(1 - DAYS, 2)]
        starts = [day.replace(tzinfo=zone).astimezone(UTC) for day in days]
    return list(pairwise(starts))


def _zone(ask: Ask) -> tzinfo:
    name = ask.args.get("timezone") or "UTC"
    try:
        return UTC if name.upper() in {"UTC", "Z"} else ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Wrong(400, f"timezone {name[:100]} is not known; it is a name such as Europe/Berlin.") from None
