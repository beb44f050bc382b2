"""Bodies of API requests as values."""

import re
from typing import TypeVar

import msgspec
from flask import request

from app.refusal import Problem, Refused

MOST_BYTES = 1_048_576
Kind = TypeVar("Kind")
_AT = re.compile(r" - at `\$([^`]*)`$")


def decoded(kind: type[Kind]) -> Kind:
    """Return the JSON body as a value of ``kind`` (a msgspec Struct).

    Raises Refused: 413 beyond 1 MiB, 422 ``bad_json`` for no JSON, 422 ``bad_body`` with a pointer to what is wrong.
    """
    body = request.get_data(cache=False) if (request.content_length or 0) <= MOST_BYTES else b"x" * (MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise Refused(Problem("too_large", "The body has at most 1 MiB."), status=413)
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        words = str(error)
        place = _AT.search(words)
        raise Refused(Problem("bad_body", _AT.sub("", words), _pointer(place[1] if place else ""))) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Refused(Problem("bad_json", f"The body is no JSON: {error}")) from None


def _pointer(path: str) -> str:
    return re.sub(r"\[(\d+)\]", r"/\1", path.replace("[...]", "")).replace(".", "/") or "/"
