"""What programs are told about our API beside what routes say themselves: parameters, bodies, answers, chapters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

JSON = "application/json"
PAGED = {
    "sort": "The column to sort by; a dash before it runs downwards.",
    "limit": "How many rows a page has, 1 to 200.",
    "after": "The cursor `next` of the page before.",
    "before": "A cursor, to walk back.",
}


@dataclass(frozen=True, slots=True)
class Described:
    """One endpoint: its group, query parameters in words, and examples of body and answer (any JSON value or text).

    ``status`` is that of the answer, ``kind`` its media type; ``path`` says in words what path arguments are;
    ``required`` are query parameters that must be given, each with an example.
    """

    group: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    answer: Any = None
    status: int = 200
    kind: str = JSON
    path: Mapping[str, str] = field(default_factory=dict)
    required: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the documentation that is not of our own API: words, a command, and rows of (method, path, words)."""

    title: str
    text: str
    command: str
    rows: Sequence[tuple[str, str, str]]


_DESCRIBED: dict[str, Described] = {}
_CHAPTERS: dict[str, Chapter] = {}
UNDESCRIBED = Described("Other")


def describe(
    endpoint: str,
    group: str,
    *,
    query: Mapping[str, str] | None = None,
    paged: bool = False,
    body: Any = None,
    answer: Any = None,
    status: int = 200,
    kind: str = JSON,
    path: Mapping[str, str] | None = None,
    required: Mapping[str, str] | None = None,
) -> None:
    """Say what a route cannot say itself; ``paged`` adds the parameters of every list."""
    told = {**(query or {}), **(PAGED if paged else {})}
    _DESCRIBED[endpoint] = Described(group, told, body, answer, status, kind, path or {}, required or {})


def described(endpoint: str) -> Described:
    """Return what was said of an endpoint; nothing but a group where nobody said anything."""
    return _DESCRIBED.get(endpoint, UNDESCRIBED)


def chapter(title: str, text: str, command: str, rows: Sequence[tuple[str, str, str]]) -> None:
    """Add a chapter after the endpoints."""
    _CHAPTERS[title] = Chapter(title, text, command, rows)


def chapters() -> list[Chapter]:
    """Return the chapters in the order they were added."""
    return list(_CHAPTERS.values())
