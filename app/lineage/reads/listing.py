"""A page of the list of datasets, its filters and what they can be set to."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.lineage.queries import listing as queries
from app.lineage.queries.listing import Wanted
from app.lineage.reads.listed import Listed, listed
from app.web.cursor import Cursor
from app.web.keyset import EXAMINED, Page, Rows, keyset
from app.web.listing import Listing

CHUNK: Final = 500
WORDS: Final = {"late": {"late"}, "fresh": {"fresh", "streaming"}, "unknown": {"unknown", "never"}}
Prepare = Callable[[Session, list[Any]], list[Listed]]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a list is read: what ``keyset`` takes, and what makes of its rows what is shown."""

    select: Rows
    sorts: dict[str, Any]
    key: Any
    rest: list[ColumnElement[bool]]
    prepare: Prepare


def plan(session: Session, listing: Listing, wanted: Wanted, now: datetime) -> Plan:
    """Return how to read the list; a statement if a filter is set whose hits are counted first.

    What finds up to 5,000 names is looked up by id. What finds more is checked row by row in the order of the list:
    it is met often, and no page has to gather it all.
    """
    select, sorts, key = queries.ordered(listing.column)
    select = queries.in_lists(select, wanted)
    rest, found = queries.narrower(wanted), queries.sieves(wanted)
    for sieve, number in zip(found, session.execute(queries.tallies(found)).one() if found else (), strict=True):
        if number > queries.MOST_HITS:
            rest.append(sieve.holds)
        else:
            select = queries.among(select, sieve.ids)
    return Plan(select, sorts, key, rest, _preparing(wanted, now))


def _preparing(wanted: Wanted, now: datetime) -> Prepare:
    words = {word for name in wanted.freshness for word in WORDS[name]}

    def prepare(session: Session, rows: list[Any]) -> list[Listed]:
        shown = listed(session, [row[:3] for row in rows], now)
        return [row for row in shown if row.fresh.word in words] if words else shown

    return prepare


def page_of(session: Session, listing: Listing, wanted: Wanted, now: datetime) -> Page[Listed]:
    """Return one page of datasets in at most five statements; one by freshness looks at up to 5,000, 500 at a time."""
    how = plan(session, listing, wanted, now)
    if wanted.freshness:
        return _sifted(session, listing, how)
    page: Page[Any] = keyset(how.select, listing, how.sorts, key=how.key, rest=how.rest, session=session)
    return replace(page, rows=how.prepare(session, page.rows))


def matching(session: Session, listing: Listing, wanted: Wanted, now: datetime, most: int) -> list[Listed]:
    """Return the datasets a list shows on all its pages, at most ``most``; by freshness those among the first 5,000."""
    whole = replace(listing, limit=most, cursor=None, direction="after")
    return page_of(session, whole, wanted, now).rows


def _sifted(session: Session, listing: Listing, how: Plan) -> Page[Listed]:
    """Return a page of rows that only their writes tell apart: freshness depends on the time of reading."""
    back = listing.direction == "before" and listing.cursor is not None
    found: list[Any] = []
    at, seen, more = replace(listing, limit=CHUNK), 0, True
    while more and seen < EXAMINED and len(found) <= listing.limit:
        page: Page[Any] = keyset(how.select, at, how.sorts, key=how.key, rest=how.rest, session=session)
        kept = {row.dataset.id: row for row in how.prepare(session, page.rows)}
        rows = [(kept[row[0].id], row[3:5]) for row in page.rows if row[0].id in kept]
        found = rows + found if back else found + rows
        seen += CHUNK
        further = page.prev if back else page.next
        more = further is not None
        at = replace(at, cursor=further)
    return _cut(listing, found, at.cursor if more else None, back=back)


def _cut(listing: Listing, found: list[Any], further: Cursor | None, *, back: bool) -> Page[Listed]:
    """Return the page of (row, place) pairs that were found; ``further`` is where looking goes on."""
    full = len(found) > listing.limit
    shown = found[-listing.limit :] if back else found[: listing.limit]
    ends = [Cursor.of(listing.sort, tuple(place)) for _, place in (shown[:1] + shown[-1:])]
    first, last = (ends[0], ends[-1]) if ends else (None, None)
    rows = [row for row, _ in shown]
    if back:
        return Page(rows, last, first if full else further, None, listing)
    stopped = further.values[0] if further is not None and not full else None
    if listing.column == "written" and stopped is not None:
        stopped = datetime.fromisoformat(stopped)
    return Page(rows, last if full else further, first if listing.cursor else None, stopped, listing)


def choices(session: Session) -> dict[str, list[str]]:
    """Return the values the list can be filtered by: platform, owner, tag; one statement."""
    found: dict[str, list[str]] = {"platform": [], "owner": [], "tag": []}
    for what, value in session.execute(queries.choices()):
        found[what].append(value)
    return found


def place_names(session: Session, wanted: Wanted) -> dict[str, str]:
    """Return what to write for the places a list is narrowed to (``location: 3``); no statement where it is not."""
    if not (wanted.locations or wanted.storages):
        return {}
    rows = session.execute(queries.names_of(wanted.locations, wanted.storages))
    return {f"{what}: {id_}": f"{what}: {name}" for what, id_, name in rows}
