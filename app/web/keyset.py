"""One page of a list by keyset, in both directions, reading at most 5,000 rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, inspect, literal, or_, tuple_
from sqlalchemy.orm import Session

from app.db import db
from app.web.cursor import Cursor
from app.web.listing import Listing

EXAMINED = 5_000
Row = TypeVar("Row")
Columns = tuple[ColumnElement[Any], ...]
Rows = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """The rows of one page; ``next`` and ``prev`` are cursors, ``searched_back_to`` is where a search stopped early."""

    rows: list[Row] = field(default_factory=list)
    next: Cursor | None = None
    prev: Cursor | None = None
    searched_back_to: object = None
    listing: Listing | None = None

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def next_url(self) -> str | None:
        """Return the URL of the next page, None on the last."""
        return self.listing.url(after=self.next.encode()) if self.next and self.listing else None

    @property
    def prev_url(self) -> str | None:
        """Return the URL of the page before, None on the first."""
        return self.listing.url(before=self.prev.encode()) if self.prev and self.listing else None

    @property
    def note(self) -> str:
        """Return words on a search that stopped at its limit."""
        place = self.searched_back_to
        if place is None:
            return ""
        text = f"{place:%Y-%m-%d %H:%M:%S} UTC" if isinstance(place, datetime) else str(place)
        return f"Searched back to {text}"


def keyset(
    select: Rows,
    listing: Listing,
    columns: Mapping[str, Any],
    *,
    key: Any = None,
    rest: Sequence[ColumnElement[bool]] = (),
    session: Session | None = None,
) -> Page[Any]:
    """Return one page of ``select`` in the listing's order: one statement, two when ``rest`` ends a page early.

    ``columns`` maps names of sorts to columns (indexed as realm_id, column, key); ``key`` is unique and breaks ties,
    by default the primary key of what is selected. ``select`` has the filters that indexes answer; ``rest`` are the
    others, looked at on at most 5,000 rows a page. A select of one entity gives entities, others give rows.
    Nulls come last. Raises Refused ``bad_cursor``.
    """
    run = session or db.session()
    order: Columns = (columns[listing.column], key if key is not None else _primary_key(select))
    back = listing.direction == "before" and listing.cursor is not None
    walk = _Walk(order, down=listing.downwards != back, back=back)
    statement = walk.from_place(select.order_by(None), listing.cursor)
    ordered = walk.ordered(walk.narrowed(statement, rest))
    found = run.execute(ordered.add_columns(*order).limit(listing.limit + 1)).all()
    more, found = len(found) > listing.limit, found[: listing.limit]
    places = [tuple(row[-len(order) :]) for row in found]
    rows = [row[0] if len(row) == len(order) + 1 else row[: -len(order)] for row in found]
    stop = walk.stopped_at(run, statement) if rest and not more else None
    if back:
        return _page(listing, rows[::-1], places[::-1], has_next=True, has_prev=more or stop is not None, stop=None)
    return _page(listing, rows, places, has_next=more, has_prev=listing.cursor is not None, stop=stop)


def _page(
    listing: Listing,
    rows: list[Any],
    places: list[tuple[Any, ...]],
    *,
    has_next: bool,
    has_prev: bool,
    stop: tuple[Any, ...] | None,
) -> Page[Any]:
    last = stop or (places[-1] if places and has_next else None)
    back = places[0] if places and has_prev else None
    return Page(
        rows=rows,
        next=Cursor.of(listing.sort, last) if last else None,
        prev=Cursor.of(listing.sort, back) if back else None,
        searched_back_to=stop[0] if stop else None,
        listing=listing,
    )


def _primary_key(select: Rows) -> ColumnElement[Any]:
    entity = select.column_descriptions[0]["entity"]
    name = inspect(entity).mapper.primary_key[-1].key
    found: ColumnElement[Any] = getattr(entity, name)
    return found


@dataclass(frozen=True, slots=True)
class _Walk:
    """A way through a list: its columns (value, unique key), and whether it goes down, and back towards the start."""

    order: Columns
    down: bool
    back: bool

    @property
    def has_nulls(self) -> bool:
        return bool(getattr(self.order[0], "nullable", False))

    def ordered(self, select: Rows) -> Rows:
        value, key = (column.desc() if self.down else column.asc() for column in self.order)
        if self.has_nulls:
            value = value.nulls_first() if self.back else value.nulls_last()
        return select.order_by(value, key)

    def from_place(self, select: Rows, cursor: Cursor | None) -> Rows:
        if cursor is None:
            return select
        value, key = cursor.read(self.order)
        if self.has_nulls:
            return select.where(self._beyond(value, key))
        place = tuple_(*(literal(given, column.type) for given, column in zip((value, key), self.order, strict=True)))
        return select.where(tuple_(*self.order) < place if self.down else tuple_(*self.order) > place)

    def _beyond(self, value: Any, key: Any) -> ColumnElement[bool]:
        column, unique = self.order
        further = unique < key if self.down else unique > key
        if value is None:
            same = and_(column.is_(None), further)
            return or_(same, column.is_not(None)) if self.back else same
        ahead = or_(column < value if self.down else column > value, and_(column == value, further))
        return ahead if self.back else or_(ahead, column.is_(None))

    def narrowed(self, select: Rows, rest: Sequence[ColumnElement[bool]]) -> Rows:
        if not rest:
            return select
        keys = self.ordered(select.with_only_columns(self.order[1])).limit(EXAMINED).subquery()
        return select.where(self.order[1].in_(keys.select()), *rest)

    def stopped_at(self, session: Session, select: Rows) -> tuple[Any, ...] | None:
        """Return the place of the 5,000th row looked at, None when there were fewer."""
        seen = session.execute(self.ordered(select.with_only_columns(*self.order)).limit(EXAMINED)).all()
        return tuple(seen[-1]) if len(seen) == EXAMINED else None
