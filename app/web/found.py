"""A list as its URL asks for it, read alike by its page, by programs and into its file."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Response
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.db import db
from app.web.export import Fields, export
from app.web.keyset import Page, Rows, keyset
from app.web.listing import Listing
from app.web.page import page


@dataclass(frozen=True, slots=True)
class Found:
    """The rows a listing asks for; what the fields mean, ``export`` and ``keyset`` say."""

    listing: Listing
    select: Rows
    sorts: Mapping[str, Any]
    fields: Fields
    name: str
    key: Any = None
    rest: Sequence[ColumnElement[bool]] = ()
    prepare: Callable[[Session, list[Any]], list[Any]] | None = None

    def answer(self, template: str, status: int = 200, **context: Any) -> Response:
        """Return the file where the URL asks for one, else the page with ``listing`` and ``rows``."""
        if self.listing.format:
            return self.file()
        return page(template, status, listing=self.listing, rows=self.page(), **context)

    def file(self) -> Response:
        """Return the file of exactly what the list's URL shows."""
        return export(
            self.listing,
            self.select,
            self.sorts,
            self.fields,
            name=self.name,
            rest=self.rest,
            key=self.key,
            prepare=self.prepare,
        )

    def page(self) -> Page[Any]:
        """Return one page of the rows, prepared as those of the file are."""
        rows = keyset(self.select, self.listing, self.sorts, key=self.key, rest=self.rest)
        return replace(rows, rows=self.prepare(db.session(), rows.rows)) if self.prepare else rows
