"""Schemas across datasets: the list, and one compared with another."""

from collections.abc import Callable

from flask import Flask, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.db import db
from app.jobs.asked import moment, number
from app.lineage.models import Schema
from app.lineage.queries import fields as queries
from app.lineage.reads.catalogue import ListedSchema, listed_schemas, opened_schema
from app.web.blueprints import realm_blueprint
from app.web.found import Found
from app.web.guard import needs
from app.web.kinds import entity_kind
from app.web.listing import Listing
from app.web.nav import nav_item
from app.web.page import page

bp = realm_blueprint("schemas", __name__, "/lineage/schemas")
FILTERS = ("column", "type", "since")
FIELDS: dict[str, Callable[[ListedSchema], object]] = {
    "id": lambda row: row.schema.id,
    "digest": lambda row: str(row.schema.digest),
    "fields": lambda row: len(row.fields),
    "columns": lambda row: [field.path for field in row.fields],
    "datasets": lambda row: row.use.datasets,
    "first_seen_at": lambda row: row.use.first_at,
    "last_seen_at": lambda row: row.use.last_at,
}


def init(app: Flask) -> None:
    """Register the navigation and the kind."""
    del app
    nav_item("Data", "Schemas", "schemas.index", ("lineage.read",), "braces", 30)
    entity_kind("schema", label="Schema", endpoint="schemas.show", arg="schema_id")


@bp.get("")
@needs("lineage.read")
def index() -> ResponseReturnValue:
    """List schemas, the newest first; ``q`` looks for words in names, types and descriptions of columns."""
    return found().answer("lineage/schemas/index.html")


@bp.get("/<int:schema_id>")
@needs("lineage.read")
def show(schema_id: int) -> ResponseReturnValue:
    """Show fields and datasets; ``against`` compares with another schema: what changed from that one to this."""
    against = number(request.args.get("against", ""), "against")
    opened = opened_schema(db.session(), schema_id, against)
    if opened is None:
        raise NotFound
    return page("lineage/schemas/show.html", opened=opened, schema=opened.schema)


def found() -> Found:
    """Return the schemas the URL asks for, with what uses them."""
    listing = Listing.from_args(request.args, sorts=("-newest",), filters=FILTERS)
    wanted = wanted_of(listing, "column")
    return Found(
        listing,
        queries.schemas(wanted),
        queries.SCHEMA_SORTS,
        FIELDS,
        "schemas",
        key=Schema.id,
        rest=queries.narrower_schemas(wanted),
        prepare=listed_schemas,
    )


def wanted_of(listing: Listing, name: str) -> queries.Wanted:
    """Return what the list's URL looks for; raises Refused on a time that is none."""
    return queries.Wanted(
        text=listing.q,
        name=listing.get(name),
        type=listing.get("type"),
        since=moment(listing.get("since"), "since"),
    )
