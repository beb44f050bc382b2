"""JSON of lists and rows, with the same fields as their export."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, jsonify

from app.web.export import plain
from app.web.keyset import Page

Fields = Mapping[str, Callable[[Any], object]]


def items(page: Page[Any], fields: Fields) -> Response:
    """Answer {"items": [...], "next": cursor or null} for a page of a list."""
    rows = [{name: plain(make(row)) for name, make in fields.items()} for row in page]
    return jsonify({"items": rows, "next": page.next.encode() if page.next else None})


def shown(row: object, fields: Fields) -> Response:
    """Answer one row."""
    return jsonify({name: plain(make(row)) for name, make in fields.items()})
