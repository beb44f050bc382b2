"""Errors of the API as RFC 9457 documents."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Response, g, json, request

from app.refusal import Problem, Refused


@dataclass(frozen=True, slots=True)
class Trouble:
    """What went wrong with a request: everything a problem document says."""

    status: int
    code: str
    detail: str
    errors: tuple[Problem, ...]
    headers: dict[str, str] | None
    extra: Mapping[str, Any]


Dialect = Callable[[Trouble], Response]
_DIALECTS: dict[str, Dialect] = {}


def dialect(prefix: str, speak: Dialect) -> None:
    """Let an API that imitates another say what goes wrong below a path in the words of that one."""
    _DIALECTS[prefix] = speak


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: tuple[Problem, ...] = (),
    headers: dict[str, str] | None = None,
    **extra: Any,
) -> Response:
    """Return a problem document with ``code``, ``request_id`` and ``errors`` [{pointer, code, value, detail}]."""
    path = request.path
    for prefix, speak in _DIALECTS.items():
        if path == prefix or path.startswith(f"{prefix}/"):
            return speak(Trouble(status, code, detail, errors, headers, extra))
    document = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "errors": [_error(each) for each in errors],
        "request_id": g.get("request_id"),
        **extra,
    }
    return Response(json.dumps(document), status, headers, content_type="application/problem+json")


def of_refusal(refusal: Refused) -> Response:
    """Return the document of a refused action; its code is that of its first problem."""
    first = refusal.problems[0]
    return problem(refusal.status, first.code, str(refusal), errors=refusal.problems, **refusal.extra)


def _error(each: Problem) -> dict[str, object]:
    pointer = "" if each.field is None else each.field if each.field.startswith("/") else f"/{each.field}"
    return {"pointer": pointer, "code": each.code, "detail": each.detail, "value": each.value}
