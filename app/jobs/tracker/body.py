"""The body of a request: JSON, read whole before anything is locked."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, Final, NoReturn, TypeVar

from flask import request

from app.jobs.tracker.given import NO_DICT, REQUIRED, Given
from app.jobs.tracker.wrong import unfit, wrong

MOST_BYTES: Final = 4 * 1_048_576
View = TypeVar("View", bound=Callable[..., Any])


def arrived(view: View) -> View:
    """Let a view begin when the body is there, so that a slow sender stands in nobody's way; 413 beyond 4 MiB."""

    @wraps(view)
    def begin(*args: Any, **kwargs: Any) -> Any:
        request.max_content_length = MOST_BYTES
        request.get_data()
        return view(*args, **kwargs)

    return begin  # type: ignore[return-value]


def body() -> Given:
    """Return the body; raises Refused (422) for what is no JSON, or no object."""
    kind = request.mimetype
    if kind not in ("", "application/json") and not kind.endswith("+json"):
        raise unfit([wrong(("body",), *NO_DICT)])
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
