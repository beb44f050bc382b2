"""Sources: what dataSource facets name, and the namespaces of datasets that name none."""

from typing import Any
from urllib.parse import urlsplit

from app.lineage.marquez import paging, queries, shapes
from app.lineage.marquez.asked import FURTHEST, MOST, Ask, missing
from app.lineage.openlineage.masking import mask_uri
from app.lineage.show import shown_body

Json = dict[str, Any]


def listed(ask: Ask) -> Json:
    """Answer the sources by name."""
    return {"sources": paging.sliced(ask, list(every(ask).values()))}


def one(ask: Ask, name: str) -> Json:
    """Answer one source."""
    found = every(ask).get(name)
    if found is None:
        raise missing("Source", name)
    return found


def every(ask: Ask) -> dict[str, Json]:
    """Return up to 11,000 sources by name, in order; two statements."""
    found: dict[str, Json] = {}
    for name, location in ask.session.execute(queries.sourceless().limit(FURTHEST + MOST)):
        at = location.created_at
        found[name] = shapes.source(location.type, name, without_credentials(name), at, at)
    for body, first, last in ask.session.execute(queries.sources().limit(FURTHEST + MOST)):
        facet = shown_body(body)
        name, uri = facet.get("name"), facet.get("uri")
        if isinstance(name, str) and name:
            uri = uri if isinstance(uri, str) else ""
            found[name] = shapes.source(_scheme(uri or name), name, without_credentials(uri), first, last)
    return dict(sorted(found.items()))


def _scheme(uri: str) -> str:
    scheme, colon, _ = uri.removeprefix("jdbc:").partition(":")
    return scheme if colon and scheme.isascii() and scheme.replace("+", "").isalnum() else "custom"


def without_credentials(uri: str) -> str:
    """Return a URL without its user information, and any text without passwords."""
    head, slashes, rest = mask_uri(uri).partition("://")
    if not slashes:
        return head
    try:
        host = urlsplit(f"x://{rest}").netloc
    except ValueError:
        return f"{head}://{rest}"
    return f"{head}://{rest.replace(host, host.rpartition('@')[2], 1)}" if "@" in host else f"{head}://{rest}"
