"""Data that jobs write and nothing reads, with what writing it costs."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from app.lineage.models import Dataset, Storage
from app.lineage.queries import usage as queries
from app.lineage.queries.datasets import LATEST
from app.lineage.queries.listing import Wanted, in_use
from app.lineage.reads.listed import groups_of
from app.lineage.reads.listing import Plan, plan
from app.lineage.reads.people import Said, said_about
from app.locations.models import Location
from app.web.keyset import Page, keyset
from app.web.listing import Listing

COUNTED_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Unused:
    """A dataset nothing reads; runs, rows and bytes are those of its writes in the last 30 UTC days."""

    dataset: Dataset
    storage: Storage
    location: Location
    said: Said
    written_at: datetime | None
    read_at: datetime | None
    runs: int = 0
    rows: int = 0
    bytes: int = 0


def unused_plan(session: Session, listing: Listing, wanted: Wanted, now: datetime) -> Plan:
    """Return how to read what something wrote and nothing read since ``wanted.unused_since``; as ``plan``."""
    how = plan(session, listing, wanted, now)
    first = (now.astimezone(UTC) - timedelta(days=COUNTED_DAYS - 1)).date()

    def prepare(session: Session, rows: list[Any]) -> list[Any]:
        return _told(session, rows, first)

    written = how.select.where(LATEST.last_written_at.is_not(None))
    return replace(how, select=written, rest=[*how.rest, ~in_use()], prepare=prepare)


def unused_page(session: Session, listing: Listing, how: Plan) -> Page[Any]:
    """Return one page of the list, those written last first; at most five statements."""
    found: Page[Any] = keyset(how.select, listing, how.sorts, key=how.key, rest=how.rest, session=session)
    return replace(found, rows=how.prepare(session, found.rows))


def _told(session: Session, rows: list[Any], first: date) -> list[Unused]:
    groups = groups_of(session, [row[0].id for row in rows])
    said = said_about(session, {home: group.ids for home, group in groups.items()})
    found = session.execute(queries.costs(list(groups), first)) if groups else ()
    costs = {row[0]: [int(number or 0) for number in row[1:]] for row in found}
    return [
        Unused(
            *(dataset, storage, location),
            said[dataset.id],
            groups[dataset.id].written_at,
            groups[dataset.id].read_at,
            *costs.get(dataset.id, ()),
        )
        for dataset, storage, location, *_ in rows
    ]
