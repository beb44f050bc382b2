"""The place in a list where a page starts: the sorted value and the key of a row, as opaque text."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement

from app.refusal import Problem, Refused

BIGGEST = 2**63


@dataclass(frozen=True, slots=True)
class Cursor:
    """``values`` are JSON values in the order of the sort: the column, then the key."""

    sort: str
    values: tuple[Any, ...]

    def encode(self) -> str:
        """Return the text that goes into a URL."""
        text = json.dumps([self.sort, *self.values], separators=(",", ":"))
        return urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, sort: str) -> "Cursor":
        """Read the text of a URL; raises Refused ``bad_cursor`` if it is not ours or belongs to another sort."""
        try:
            given = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (ValueError, RecursionError):
            raise bad_cursor() from None
        match given:
            case [str(name), *values] if name == sort and values:
                return cls(sort, tuple(values))
        raise bad_cursor()

    @classmethod
    def of(cls, sort: str, values: tuple[Any, ...]) -> "Cursor":
        """Make a cursor from the values of a row."""
        return cls(sort, tuple(_plain(value) for value in values))

    def read(self, columns: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the values as the columns hold them; raises Refused ``bad_cursor`` where they do not fit."""
        if len(columns) != len(self.values):
            raise bad_cursor()
        try:
            return tuple(_typed(value, column) for value, column in zip(self.values, columns, strict=True))
        except (ValueError, TypeError):
            raise bad_cursor() from None


def bad_cursor() -> Refused:
    """Return the refusal of a cursor that is not ours."""
    return Refused(Problem("bad_cursor", "This place in the list is not known; start from its first page.", "after"))


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _typed(value: object, column: ColumnElement[Any]) -> object:
    if value is None:
        return None
    kind = column.type.python_type
    if kind is datetime:
        moment = datetime.fromisoformat(str(value))
        if moment.tzinfo is None:
            raise ValueError("a time needs a zone")
        return moment
    if kind is UUID:
        return UUID(str(value))
    if kind is int and (type(value) is not int or not -BIGGEST <= value < BIGGEST):
        raise ValueError("not a row id")
    if kind is str and (not isinstance(value, str) or "\x00" in value):
        raise ValueError("not a text")
    return kind(value)
