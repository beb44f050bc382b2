"""Facets as pages show them: sorted, measured, the well-known ones as tables. Pure."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

INTERNAL = ("job:producer",)
PLUMBING = ("_producer", "_schemaURL", "_deleted")
LONGEST_LINK = 4_096


_cleaners: list[Callable[[Any], Any]] = []


def clean_with(cleaner: Callable[[Any], Any]) -> None:
    """Let a higher slice take secrets out of every facet before it is shown."""
    if cleaner not in _cleaners:
        _cleaners.append(cleaner)


def shown(name: str, body: Any) -> Any:
    """Return the body of a stored facet as people may see it."""
    bare = name.removeprefix("job:")
    value = {bare: body}
    for cleaner in _cleaners:
        value = cleaner(value)
    return value[bare]


def shown_index(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return a run's index of facets (name -> [time, arrival, body]) as people may see it."""
    if not _cleaners:
        return dict(stored)
    return {name: [at, arrival, shown(name, body)] for name, (at, arrival, body) in stored.items()}


@dataclass(frozen=True, slots=True)
class FacetView:
    """One facet: its name, whose it is, its content without plumbing, and its size in bytes as sent."""

    name: str
    of: str
    body: Any
    size: int
    schema: str | None


def views(facets: Mapping[str, Any]) -> list[FacetView]:
    """Return facets by name from the stored index (name -> [time, arrival, body]); deleted ones are left out."""
    found = []
    for name, (_, _, body) in sorted(facets.items()):
        if name in INTERNAL or (isinstance(body, dict) and body.get("_deleted") is True):
            continue
        found.append(view(name.removeprefix("job:"), "job" if name.startswith("job:") else "run", body))
    return found


def view(name: str, of: str, body: object) -> FacetView:
    """Return one facet for a page."""
    size = len(json.dumps(body, ensure_ascii=False).encode(errors="replace"))
    if not isinstance(body, dict):
        return FacetView(name, of, body, size, None)
    shown = {key: value for key, value in body.items() if key not in PLUMBING}
    schema = body.get("_schemaURL")
    return FacetView(name, of, shown, size, schema if isinstance(schema, str) else None)


def bodies(facets: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the contents of facets that are objects and not deleted."""
    return {
        name: body
        for name, (_, _, body) in facets.items()
        if isinstance(body, dict) and body.get("_deleted") is not True
    }


def pairs(body: Mapping[str, Any] | None, member: str) -> list[tuple[str, str]]:
    """Return (name, value) of a facet that lists them (environment variables, execution parameters)."""
    rows = body.get(member) if body else None
    if not isinstance(rows, list):
        return []
    found = []
    for row in rows:
        if isinstance(row, dict) and (name := row.get("name", row.get("key"))) is not None:
            value = row.get("value")
            found.append((str(name), value if isinstance(value, str) else json.dumps(value)))
    return found


def tags(body: Mapping[str, Any] | None) -> list[tuple[str, str]]:
    """Return (key, value) of a tags facet; the value may be empty."""
    rows = body.get("tags") if body else None
    if not isinstance(rows, list):
        return []
    return [(str(row["key"]), str(row.get("value") or "")) for row in rows if isinstance(row, dict) and row.get("key")]


def web_link(url: object) -> str | None:
    """Return the URL if a browser may follow it: http or https, with a host."""
    if not isinstance(url, str) or len(url) > LONGEST_LINK:
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    return url.strip() if parts.scheme.lower() in {"http", "https"} and parts.netloc else None


@dataclass(frozen=True, slots=True)
class Message:
    """An error as a page shows it: its first line, the other lines, the trace, the language."""

    first: str
    rest: str
    trace: str
    language: str

    @property
    def whole(self) -> str:
        """Return everything, for copying."""
        return "\n".join(part for part in (self.first, self.rest, self.trace) if part)


def message(body: Mapping[str, Any] | None, reason: str | None) -> Message | None:
    """Return the error of a run from its errorMessage facet, else from the reason that was kept; None without both."""
    words = (text(body, "message") or reason or "").strip()
    trace = text(body, "stackTrace") or ""
    if not words and not trace:
        return None
    first, _, rest = (words or trace).partition("\n")
    return Message(first.strip(), rest.strip("\n"), trace if words else "", text(body, "programmingLanguage") or "")


def text(body: Mapping[str, Any] | None, member: str) -> str | None:
    """Return a member that is text and not empty."""
    value = body.get(member) if body else None
    return value if isinstance(value, str) and value else None


def number(body: Mapping[str, Any] | None, member: str) -> int | None:
    """Return a member that is a whole number."""
    value = body.get(member) if body else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
