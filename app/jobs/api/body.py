"""Bodies as values: JSON, fields of a form, or lines of JSON."""

import re
from typing import Any, TypeVar

import msgspec
from flask import request

from app.refusal import Problem, Refused

MOST_BYTES = 4 * 1_048_576
FORMS = frozenset(("application/x-www-form-urlencoded", "multipart/form-data"))
LINES = frozenset(("application/x-ndjson", "application/ndjson", "application/jsonl"))
PREFIX = "metadata."
Kind = TypeVar("Kind")
_AT = re.compile(r" - at `\$([^`]*)`$")


def body(kind: type[Kind]) -> Kind:
    """Return the body as a value of ``kind``; nothing at all is an empty object.

    Raises Refused: 413 beyond 4 MiB, 422 ``bad_json``, 422 ``bad_body`` with a pointer to what is wrong.
    """
    given, is_text = parsed()
    return as_kind(given, kind, is_text=is_text)


def as_kind(given: Any, kind: type[Kind], *, is_text: bool = False) -> Kind:
    """Return a value of JSON (``is_text``: of a form) as ``kind``; raises Refused 422 ``bad_body``."""
    try:
        return msgspec.convert(given, kind, strict=not is_text)
    except msgspec.ValidationError as error:
        words = str(error)
        place = _AT.search(words)
        raise Refused(Problem("bad_body", _AT.sub("", words), _pointer(place[1] if place else ""))) from None


def parsed() -> tuple[Any, bool]:
    """Return the body as JSON has it, and whether it came as text of a form."""
    if (request.content_length or 0) > MOST_BYTES:
        raise Refused(Problem("too_large", "The body has at most 4 MiB."), status=413)
    data = request.get_data()
    if len(data) > MOST_BYTES:
        raise Refused(Problem("too_large", "The body has at most 4 MiB."), status=413)
    if request.mimetype in LINES:
        return [_line(line) for line in data.splitlines() if line.strip()], False
    # curl -d says it sends a form, whatever it sends.
    if request.mimetype in FORMS and data.lstrip()[:1] not in (b"{", b"["):
        return _form(), True
    return (_json(data) if data.strip() else {}), False


def _json(data: bytes) -> Any:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(Problem("bad_json", f"The body is no JSON: {error}")) from None


def _line(data: bytes) -> Any:
    """Return one line; one that is no JSON is refused in its place."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _form() -> dict[str, Any]:
    given: dict[str, Any] = {}
    metadata: dict[str, Any] = {}
    for name, value in request.form.items():
        if name.startswith(PREFIX):
            metadata[name.removeprefix(PREFIX)] = _scalar(value)
        elif name == "metadata":
            metadata |= _object(value)
        else:
            given[name] = value
    return given | ({"metadata": metadata} if metadata else {})


def _object(text: str) -> dict[str, Any]:
    found = _json(text.encode("utf-8", "replace")) if text.strip() else {}
    if not isinstance(found, dict):
        raise Refused(Problem("bad_body", "Use a JSON object.", "metadata"))
    return found


def _scalar(text: str) -> object:
    """Return a number, true or false as such, all else as text."""
    try:
        found = msgspec.json.decode(text.encode("utf-8", "replace"))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return text
    return found if isinstance(found, bool | int | float) else text


def _pointer(path: str) -> str:
    return re.sub(r"\[(\d+)\]", r"/\1", path.replace("[...]", "")).replace(".", "/") or "/"
