"""Many events in one text: a JSON array, {"events": [...]}, one object, or a JSON text on each line."""

import json
from typing import Any

import msgspec

from app.lineage.openlineage.decode import decode, encode_sorted

BLANK = b" \t\r\n"
BOM = b"\xef\xbb\xbf"
LOOKED_AT = 50


class Wrapped(msgspec.Struct):
    """An object that carries events; anything else in it is ignored."""

    events: list[msgspec.Raw] | None = None


_array = msgspec.json.Decoder(list[msgspec.Raw])
_wrapped = msgspec.json.Decoder(Wrapped)
_ERRORS = (msgspec.DecodeError, msgspec.ValidationError, RecursionError, ValueError)


def split(raw: bytes) -> list[bytes]:
    """Return the bytes of each event in order; blank lines count for nothing, an empty text has no events.

    Raises BadEvent when the text cannot be read as a whole. A broken line is an event that will be refused by itself.
    """
    text = raw.removeprefix(BOM).strip(BLANK)
    if not text:
        return []
    if text[:1] == b"[":
        return _of_array(text)
    return _of_object(text)


def _of_array(text: bytes) -> list[bytes]:
    try:
        return [bytes(item) for item in _array.decode(text)]
    except _ERRORS:
        if _is_lines(text):
            return _lines(text)
    return [encode_sorted(item) for item in decode(text)]


def _of_object(text: bytes) -> list[bytes]:
    try:
        events = _wrapped.decode(text).events
    except _ERRORS:
        return _lines(text) if _is_lines(text) else _of_object_slowly(text)
    return [text] if events is None else [bytes(item) for item in events]


def _of_object_slowly(text: bytes) -> list[bytes]:
    value: Any = decode(text)
    if isinstance(value, dict) and isinstance(value.get("events"), list):
        return [encode_sorted(item) for item in value["events"]]
    return [text]


def _lines(text: bytes) -> list[bytes]:
    return [line for part in text.split(b"\n") if (line := part.strip(BLANK))]


def _is_lines(text: bytes) -> bool:
    """Return whether one of the first lines is an object by itself, which no line of a laid-out document is."""
    first = text.split(b"\n", LOOKED_AT)
    return len(first) > 1 and any(_is_object(line) for line in first[:LOOKED_AT])


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
