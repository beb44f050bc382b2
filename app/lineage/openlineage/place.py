"""Where in a JSON text the value of a path stands."""

import json
import re
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import NamedTuple

STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
POSITION = re.compile(r"line (\d+) column (\d+)")
BLANK = re.compile(r"[ \t\r\n]*")
_scan = json.JSONDecoder().raw_decode


class Marked(NamedTuple):
    """A text in three parts; ``marked`` is what the path names, or the object that lacks it."""

    before: str
    marked: str
    after: str


def mark(text: str, path: str, detail: str = "") -> Marked:
    """Return the text split at the value of ``path`` (``$.inputs[0].name``), or at the place ``detail`` names."""
    place = POSITION.search(detail)
    if place and path == "$":
        at = _offset(text, int(place[1]), int(place[2]))
        return Marked(text[:at], text[at : at + 1], text[at + 1 :])
    try:
        start, end = _find(text, [name or int(index) for name, index in STEP.findall(path)])
    except (ValueError, IndexError, RecursionError):
        return Marked(text, "", "")
    return Marked(text[:start], text[start:end], text[end:])


def _offset(text: str, line: int, column: int) -> int:
    at = 0
    for _ in range(line - 1):
        at = text.find("\n", at) + 1
    return min(at + column - 1, max(len(text) - 1, 0))


def _find(text: str, steps: list[str | int]) -> tuple[int, int]:
    start = _skip(text, 0)
    for step in steps:
        found = _member(text, start, step) if isinstance(step, str) else _item(text, start, step)
        if found is None:
            # What lacks it: an object is marked at its brace, so that a page of text does not light up.
            return start, start + 1
        start = found
    return start, _scan(text, start)[1]


def _skip(text: str, at: int) -> int:
    match = BLANK.match(text, at)
    return match.end() if match else at


def _member(text: str, at: int, name: str) -> int | None:
    if text[at] != "{":
        return None
    at = _skip(text, at + 1)
    found = None
    while text[at] == '"':
        key, at = scanstring(text, at + 1)
        at = _skip(text, _skip(text, at) + 1)
        if key == name:
            found = at
        at = _skip(text, _scan(text, at)[1])
        if text[at] != ",":
            break
        at = _skip(text, at + 1)
    return found


def _item(text: str, at: int, index: int) -> int | None:
    if text[at] != "[":
        return None
    at = _skip(text, at + 1)
    for _ in range(index):
        at = _skip(text, _scan(text, at)[1])
        if text[at] != ",":
            return None
        at = _skip(text, at + 1)
    return at
