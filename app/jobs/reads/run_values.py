"""Values that events carry, as people may see them: by the kind that the plan gives. Pure (specification 3.10)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from app.jobs.facets import web_link


@dataclass(frozen=True, slots=True)
class Promise:
    """A value that a plan tells of."""

    name: str
    kind: str
    units: str | None
    private: bool


@dataclass(frozen=True, slots=True)
class Value:
    """A value to show: its text with units, the link and its host if it is one, and whether it is as planned."""

    name: str
    text: str
    link: str | None = None
    host: str | None = None
    is_private: bool = False
    is_odd: bool = False


def values(
    metadata: Mapping[str, Any], promises: Sequence[Promise] = (), *, private: bool, is_planned: bool
) -> list[Value]:
    """Return what was reported, in its order; without ``private`` what the plan calls so is left out.

    ``is_planned`` tells whether a plan exists, so that a name it does not know is odd.
    """
    known = {promise.name: promise for promise in promises}
    found = [(name, value, known.get(name)) for name, value in metadata.items()]
    return [
        _value(name, value, promise, is_planned=is_planned)
        for name, value, promise in found
        if private or promise is None or not promise.private
    ]


def plain(value: object) -> str:
    """Return a JSON scalar as text: ``50``, ``0.9``, ``true``, text as it is."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _value(name: str, value: object, promise: Promise | None, *, is_planned: bool) -> Value:
    text = plain(value)
    if promise is None:
        return Value(name, text, is_odd=is_planned)
    if promise.kind == "link":
        link = web_link(value)
        host = urlsplit(link).hostname if link else None
        return Value(name, text, link, host, promise.private, is_odd=link is None)
    if promise.kind == "number":
        odd = not _is_number(value)
        units = f" {promise.units}" if promise.units and not odd else ""
        return Value(name, f"{text}{units}", is_private=promise.private, is_odd=odd)
    return Value(name, f"{text} {promise.units}" if promise.units else text, is_private=promise.private)


def _is_number(value: object) -> bool:
    if isinstance(value, bool):
        return False
    try:
        return abs(float(value)) < float("inf")  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return False
