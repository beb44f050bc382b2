"""The body of a request: JSON."""

import json
from typing import Any, Final, NoReturn

from flask import request

from app.jobs.tracker.given import NO_DICT, REQUIRED, Given
from app.jobs.tracker.wrong import unfit, wrong
from app.refusal import Problem, Refused

MOST_BYTES: Final = 4 * 1_048_576


def body() -> Given:
    """Return the body; raises Refused: 422 for what is no JSON, or no object, 413 beyond 4 MiB."""
    kind = request.mimetype
    if kind not in ("", "application/json") and not kind.endswith("+json"):
        raise unfit([wrong(("body",), *NO_DICT)])
    if (request.content_length or 0) > MOST_BYTES or len(request.get_data()) > MOST_BYTES:
        raise Refused(Problem("too_large", "The body has at most 4 MiB."), status=413)
    data = request.get_data()
    if not data.strip():
        raise unfit([wrong(("body",), *REQUIRED)])
    given = Given(_parsed(data))
    given.check()
    return given


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise unfit([wrong(("body", error.pos), str(error), "value_error.jsondecode")]) from None
    except (ValueError, RecursionError) as error:
        words = "too deeply nested" if isinstance(error, RecursionError) else str(error)
        raise unfit([wrong(("body", 0), words[:200], "value_error.jsondecode")]) from None


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number of JSON")
