"""CSV and JSON of exactly what a list's URL shows."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import chain
from typing import Any

from flask import Response, current_app, g, stream_with_context
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.web.keyset import Page, Rows, keyset
from app.web.listing import Listing

MOST_ROWS = 100_000
CHUNK = 1_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")
Fields = Mapping[str, Callable[[Any], object]]


def export(
    listing: Listing,
    select: Rows,
    columns: Mapping[str, Any],
    fields: Fields,
    *,
    name: str = "export",
    rest: Sequence[ColumnElement[bool]] = (),
    key: Any = None,
    prepare: Callable[[Session, list[Any]], list[Any]] | None = None,
) -> Response:
    """Stream every row the filters show, from the page's place on, as ``?format=`` says.

    ``fields`` maps a column title to what makes its value from a row; the other arguments are those of ``keyset``.
    ``prepare`` turns the rows of a chunk into what ``fields`` reads, in statements whose number does not grow.
    At 100,000 rows it stops: JSON says where to go on in ``next``, CSV in a last line that begins with #.
    """
    # The session of the request ends with it, before the answer is streamed.
    session = Session(current_app.extensions["headwater.read_engine"], info={"realm_id": g.realm.id})

    def pages() -> Iterator[Page[Any]]:
        at = replace(listing.starting(listing.cursor if listing.direction == "after" else None), limit=CHUNK)
        for _ in range(MOST_ROWS // CHUNK):
            page = keyset(select, at, columns, key=key, rest=rest, session=session)
            yield replace(page, rows=prepare(session, page.rows)) if prepare else page
            if page.next is None:
                return
            at = at.starting(page.next)

    make, kind = (_json, "application/json") if listing.format == "json" else (_csv, "text/csv; charset=utf-8")
    found = pages()
    # What is wrong with the request shows on the first chunk, while an error can still be answered.
    first = next(found)
    response = Response(stream_with_context(make(chain([first], found), fields)), content_type=kind)
    response.call_on_close(session.close)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{listing.format or "csv"}"'
    return response


def _csv(pages: Iterator[Page[Any]], fields: Fields) -> Iterator[str]:
    head = line(list(fields))
    page: Page[Any] = Page()
    for page in pages:
        yield head + "".join(line([cell(make(row)) for make in fields.values()]) for row in page)
        head = ""
    if page.next is not None and page.listing is not None:
        more = page.listing.url(after=page.next.encode(), format="csv")
        yield line([f"# stopped after {MOST_ROWS:,} rows, more under {more}"])


def _json(pages: Iterator[Page[Any]], fields: Fields) -> Iterator[str]:
    page: Page[Any] = Page()
    yield '{"items":['
    comma = ""
    for page in pages:
        rows = ",".join(json.dumps({name: plain(make(row)) for name, make in fields.items()}) for row in page)
        # A search may end a chunk without a hit.
        if rows:
            yield comma + rows
            comma = ","
    yield f'],"next":{json.dumps(page.next.encode() if page.next else None)}}}'


def line(cells: Sequence[object]) -> str:
    """Return a line of CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue()


def plain(value: object) -> object:
    """Return a value as JSON has it; times in UTC with a Z."""
    if value is None or isinstance(value, bool | int | float | str | list | dict):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)


def cell(value: object) -> str:
    """Return a value as a CSV cell; text a spreadsheet would run as a formula gets an apostrophe in front.

    Several names stand in one cell with semicolons between them; what has members of its own is JSON.
    """
    given = plain(value)
    if given is None:
        return ""
    if isinstance(given, list) and not any(isinstance(one, list | dict) for one in given):
        given = "; ".join(str(plain(one)) for one in given)
    if isinstance(given, list | dict):
        return json.dumps(given)
    text = str(given)
    return f"'{text}" if isinstance(given, str) and text.startswith(FORMULA) else text
