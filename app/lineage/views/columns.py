"""Columns across datasets: every name with every type it has."""

from collections.abc import Callable
from typing import Any

from flask import Flask, request
from flask.typing import ResponseReturnValue

from app.db import db
from app.lineage.models import SchemaField
from app.lineage.queries import fields as queries
from app.lineage.reads.catalogue import ListedField, listed_fields
from app.lineage.views.schemas import wanted_of
from app.web.blueprints import realm_blueprint
from app.web.export import export
from app.web.guard import needs
from app.web.keyset import Page, keyset
from app.web.listing import Listing
from app.web.nav import nav_item
from app.web.page import page

bp = realm_blueprint("columns", __name__, "/lineage/columns")
FILTERS = ("name", "type", "since")
FIELDS: dict[str, Callable[[ListedField], object]] = {
    "name": lambda row: row.field.name,
    "type": lambda row: row.field.type,
    "datasets": lambda row: row.use.datasets,
    "first_seen_at": lambda row: row.use.first_at,
    "last_seen_at": lambda row: row.use.last_at,
}


def init(app: Flask) -> None:
    """Register the navigation."""
    del app
    nav_item("Data", "Columns", "columns.index", ("lineage.read",), "columns-3", 20)


@bp.get("")
@needs("lineage.read")
def index() -> ResponseReturnValue:
    """List columns by name; ``q`` looks inside names, ``name`` and ``type`` ask for them exactly."""
    listing = Listing.from_args(request.args, sorts=("name", "-name"), filters=FILTERS)
    wanted = wanted_of(listing, "name")
    select, rest = queries.fields(wanted), queries.narrower_fields(wanted)
    if listing.format:
        prepare: Any = listed_fields
        return export(
            listing, select, queries.FIELD_SORTS, FIELDS, name="columns", rest=rest, key=SchemaField.id, prepare=prepare
        )
    rows: Page[Any] = keyset(select, listing, queries.FIELD_SORTS, key=SchemaField.id, rest=rest)
    return page("lineage/columns/index.html", listing=listing, page=rows, rows=listed_fields(db.session(), rows))
