"""Impact: everything that depends on a dataset, a job or a column, or that it depends on, as a list."""

import json
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode

from flask import Flask, Response, g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.db import db, utcnow
from app.lineage.asked import Asked, asked, part
from app.lineage.effects import FIELDS, Found, chosen_states, effects, judged, shown
from app.lineage.graph.ask import params
from app.lineage.graph.reach.impact import Row, people, totals
from app.lineage.reads.search import search
from app.web.blueprints import realm_blueprint
from app.web.export import cell, line, plain
from app.web.guard import needs
from app.web.nav import nav_item
from app.web.page import page

bp = realm_blueprint("impact", __name__, "/lineage/impact")
GRAPH: Final = "graph.index"
COUNTED: Final = ("degree", "kind", "owner")
LISTED: Final = ("platform", "location", "tag", "quality", "activity")
MOST_VALUES: Final = 12
MOST_LETTERS: Final = 200
MOST_HITS: Final = 12


def init(app: Flask) -> None:
    """Register the navigation, and the way to the graph of the same question."""
    app.jinja_env.globals["graph_url"] = graph_url
    nav_item("Lineage", "Impact", "impact.index", ("lineage.read",), "zap", 30)


@bp.get("")
@needs("lineage.read")
def index() -> ResponseReturnValue:
    """List everything reachable from ``start``, nearest first, with sums by degree, kind and owner."""
    session, now = db.session(), utcnow()
    given = asked(request.args, now)
    if given.question is None:
        return page("lineage/impact/start.html", found=find(session, given.q), **begin(given.q, "start", []))
    found = effects(session, g.realm.id, given.question, given.how, now)
    rows = shown(session, given, found, now)
    if given.format:
        judged(session, rows, now)
        return exported(given, found, rows)
    here = part(given, rows)
    judged(session, here.rows, now)
    return page(
        "lineage/impact/index.html",
        given=given,
        found=found,
        names=found.names,
        part=here,
        sums={name: totals(found.rows, given.chosen, name, now) for name in COUNTED},
        lists={name: totals(found.rows, given.chosen, name, now)[:MOST_VALUES] for name in LISTED}
        | {"state": [(word, None) for word in chosen_states(found.rows)]},
        people=people(rows),
    )


def find(session: Session, words: str) -> Any:
    """Return datasets and jobs that match words, None without words."""
    return search(session, words[:MOST_LETTERS], kinds=("dataset", "job"), limit=MOST_HITS) if words else None


def begin(words: str, name: str, kept: list[tuple[str, str]]) -> dict[str, Any]:
    """Return what a page needs to offer things as the value of its parameter ``name``; ``kept`` are the others."""
    return {
        "words": words,
        "here": request.path,
        "kept": kept,
        "url_with": lambda token: f"{request.path}?{urlencode([*kept, (name, token)], safe=':,')}",
    }


def graph_url(given: Asked) -> str | None:
    """Return the picture of what a list asks, None without a start."""
    if given.question is None:
        return None
    pairs = params(given.question, depth=3) + ([("data", "column")] if given.question.column else [])
    return f"{url_for(GRAPH)}?{urlencode(pairs)}"


def exported(given: Asked, found: Found, rows: list[Row]) -> Response:
    """Answer all rows as CSV or JSON, streamed; nothing more is read from the database."""
    make, kind = (as_json, "application/json") if given.format == "json" else (as_csv, "text/csv; charset=utf-8")
    answer = Response(make(found, rows), content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="impact.{given.format}"'
    return answer


def told(row: Row) -> dict[str, object]:
    """Return a row as JSON has it."""
    return {name: plain(make(row)) for name, make in FIELDS.items()}


def head(found: Found) -> dict[str, object]:
    """Return what JSON says of the whole answer."""
    return {
        "start": [row.token for row in found.starts],
        "total": len(found.rows),
        "truncated": found.reach.truncated,
        "complete_to": found.reach.complete_to,
        "omitted": {"noise": found.noise},
    }


def as_csv(found: Found, rows: list[Row]) -> Iterator[str]:
    """Yield the rows as lines of CSV; an answer that was cut says so in a last line that begins with #."""
    yield line(list(FIELDS))
    for row in rows:
        yield line([cell(make(row)) for make in FIELDS.values()])
    if found.reach.truncated:
        yield line([f"# incomplete: stopped at {len(found.rows):,} nodes"])


def as_json(found: Found, rows: list[Row]) -> Iterator[str]:
    """Yield the rows as one JSON object, with what ``head`` says of the whole."""
    yield json.dumps(head(found))[:-1] + ', "items": ['
    for index, row in enumerate(rows):
        yield ("," if index else "") + json.dumps(told(row))
    yield '], "next": null}'
