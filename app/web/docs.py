"""The API for people who write programs: the document for tools, and a page to read."""

import json
from collections import defaultdict
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import urlencode

from flask import Flask, current_app, jsonify, request
from flask.typing import ResponseReturnValue

from app.web.described import Chapter, chapters, describe
from app.web.guard import public
from app.web.identity import DOCS
from app.web.listing import Listing
from app.web.openapi import Endpoint, document, endpoints
from app.web.page import page
from app.web.shell import user_link

PARTS = (
    "Sending events",
    "Datasets",
    "Graph",
    "Search and names",
    "Jobs and runs",
    "Other lists",
    "What came in",
    "Changes",
)
ORDER = {name: place for place, name in enumerate(PARTS)}
LONGEST = 200
REASON = "how to ask is no secret; what is answered is"


@public(REASON)
def openapi() -> ResponseReturnValue:
    """Answer this API as an OpenAPI 3.1 document."""
    return jsonify(document(current_app, _version()))


@public(REASON)
def show() -> ResponseReturnValue:
    """Show every endpoint: what it does, needs, takes and answers; ``q`` leaves out the others."""
    listing = Listing(request.script_root + DOCS, q=request.args.get("q", "").strip()[:LONGEST])
    words = listing.q.lower().split()
    found = [one for one in endpoints(current_app) if all(word in _text(one) for word in words)]
    groups: dict[str, list[Endpoint]] = defaultdict(list)
    for one in found:
        groups[one.told.group].append(one)
    return page(
        "docs/index.html",
        listing=listing,
        groups=sorted(groups.items(), key=lambda group: ORDER.get(group[0], len(ORDER))),
        chapters=[each for each in chapters() if not listing.is_narrowed or _mentioned(each, words)],
        server=request.host_url.rstrip("/") + request.script_root,
        total=len(endpoints(current_app)),
    )


def _text(one: Endpoint) -> str:
    return " ".join([one.method, one.path, one.words, one.told.group, *one.needs, *one.told.query]).lower()


def _mentioned(chapter: Chapter, words: list[str]) -> bool:
    text = f"{chapter.title} {chapter.text}".lower()
    return all(word in text for word in words)


def curl(one: Endpoint, server: str) -> str:
    """Return a command that asks an endpoint, with the values of its examples."""
    path = one.path
    for name, kind, _ in one.arguments:
        path = path.replace(f"{{{name}}}", "17" if kind == "integer" else "01941f29-7c00-7000-8000-000000000001")
    query = urlencode(one.told.required, safe=":/")
    url = f"{server}{path}?{query}" if query else f"{server}{path}"
    lines = [f"curl '{url}'"]
    if one.mark.kind != "public":
        lines.append('  -H "Authorization: Bearer $HEADWATER_KEY"')
    if one.method != "GET":
        lines[0] = f"curl -X {one.method} '{url}'"
    if one.told.body is not None:
        body = json.dumps(one.told.body, ensure_ascii=False)
        lines.append(f"  -H 'Content-Type: application/json' -d '{body}'")
    return " \\\n".join(lines)


def pretty(value: Any) -> str:
    """Return an example as text: JSON indented, text as it is."""
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def _version() -> str:
    try:
        return version("headwater")
    except PackageNotFoundError:
        return "0"


def init(app: Flask) -> None:
    """Register both, and what templates need."""
    describe("openapi", "This document", answer={"openapi": "3.1.0", "info": {"title": "Headwater"}, "paths": {}})
    app.add_url_rule("/api/v1/openapi.json", "openapi", openapi)
    app.add_url_rule(DOCS, "docs", show)
    user_link("API", "docs", "braces", 80)
    app.jinja_env.filters.update(curl=curl, pretty=pretty)
