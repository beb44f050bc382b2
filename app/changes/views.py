"""Pages of the change log: search, one row, the timeline of one thing."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.changes import queries, search
from app.changes.models import Change
from app.db import db
from app.web.blueprints import realm_blueprint
from app.web.found import Found
from app.web.guard import needs
from app.web.kinds import kinds, label_of, url_of
from app.web.page import page

bp = realm_blueprint("changes", __name__, "/changes")
NAMES = (
    *("id", "at", "who", "via", "verb", "kind", "entity_id", "label"),
    *("fields", "row", "request_id", "remote_addr"),
)
FIELDS: dict[str, Callable[[Any], object]] = {name: attrgetter(name) for name in NAMES}


@bp.get("")
@needs("report", "auth", "root")
def index() -> ResponseReturnValue:
    """List changes newest first; filters of the URL hold together, ``q`` looks for words in labels."""
    return found().answer("changes/index.html", kinds=kinds(), label_of=label_of, url_of=url_of)


def found() -> Found:
    """Return the changes the URL asks for."""
    listing = search.listing()
    select = queries.changes(search.wanted(listing))
    rest = queries.narrower(
        text=listing.q, verb=listing.get("verb"), via=listing.get("via"), address=listing.get("address")
    )
    return Found(listing, select, queries.SORTS, FIELDS, "changes", rest=rest)


@bp.get("/row/<int:change_id>")
@needs("report", "auth", "root")
def row(change_id: int) -> ResponseReturnValue:
    """Show one change whole, and what else its request changed."""
    change = db.session.scalar(queries.change(change_id))
    if change is None:
        raise NotFound
    others = _others(change)
    return page("changes/row.html", change=change, others=others, label_of=label_of, url_of=url_of)


@bp.get("/<kind>/<path:entity_id>")
@needs("report", "auth", "root")
def timeline(kind: str, entity_id: str) -> ResponseReturnValue:
    """Show what happened to one thing, newest first; of a user also what they did with ``?did=1``."""
    listing = search.listing()
    did = kind == "user" and request.args.get("did") == "1"
    wanted = queries.Wanted(who=entity_id) if did else queries.Wanted(kind=kind, entity_id=entity_id)
    select = queries.changes(wanted)
    asked = Found(listing, select, queries.SORTS, FIELDS, f"changes-{kind}")
    if listing.format:
        return asked.file()
    rows = asked.page()
    label = rows.rows[0].label if rows.rows and not did else entity_id
    return page(
        "changes/timeline.html",
        regions=("timeline",),
        listing=listing,
        rows=rows,
        kind=kind,
        entity_id=entity_id,
        label=label,
        label_of=label_of,
        url_of=url_of,
    )


def _others(change: Change) -> list[Change]:
    if change.request_id is None:
        return []
    return [each for each in db.session.scalars(queries.of_request(change.request_id)) if each.id != change.id]
