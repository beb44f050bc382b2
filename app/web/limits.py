"""Input no column can hold is turned away before anything reads it."""

from flask import Flask, request
from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.routing import IntegerConverter

from app.web.identity import is_api

BIGGEST = 2**63 - 1


class RowId(IntegerConverter):
    """A number in a URL; beyond 64 bits no row has it, so it is simply not found."""

    def __init__(self, map, *args, **kwargs) -> None:  # type: ignore[no-untyped-def]  # noqa: A002, ANN001, ANN002, ANN003
        super().__init__(map, *args, **{"max": BIGGEST, **kwargs})


def check() -> None:
    """Refuse NUL characters: 404 in the path, 400 in the query or a form."""
    if "\x00" in request.path:
        raise NotFound
    values = list(request.args.values()) + list(request.args.keys())
    # Reading the form would use up the body of an API request that says it is one, as curl does unasked.
    if not is_api() and request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        values += list(request.form.values()) + list(request.form.keys())
    if any("\x00" in value for value in values):
        raise BadRequest("A value holds the character NUL, which nothing here can hold.")


def init(app: Flask) -> None:
    """Make whole numbers in URLs fit a row id."""
    app.url_map.converters["int"] = RowId
