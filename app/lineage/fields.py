"""What lists of events, rejections and imports show in JSON and CSV: title -> value of a row."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from app.web.answers import Fields


def _of(place: int, name: str) -> Callable[[Any], object]:
    return lambda row: getattr(row[place], name, None)


EVENTS: Fields = {
    **{name: _of(0, name) for name in ("id", "received_at", "event_time", "kind", "event_type")},
    "run": _of(3, "id"),
    "run_reported": _of(3, "reported_id"),
    **{f"job_{name}": _of(1, name) for name in ("namespace", "name")},
    **{f"dataset_{name}": _of(2, name) for name in ("namespace", "name")},
    **{name: _of(0, name) for name in ("producer", "source", "source_ref", "key", "size")},
}
REJECTIONS: Fields = {
    name: attrgetter(name)
    for name in (
        *("id", "received_at", "source", "source_ref", "key", "code", "path", "detail", "size", "cut"),
        *("replayed_at", "replayed_event"),
    )
}
IMPORTS: Fields = {
    name: attrgetter(name)
    for name in (
        *("id", "name", "state", "size", "offset", "position", "accepted", "duplicates", "rejected"),
        *("error", "created_by", "created_at", "updated_at"),
    )
}
