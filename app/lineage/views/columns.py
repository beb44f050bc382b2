"""Columns across datasets: every name with every type it has."""

from collections.abc import Callable

from flask import Flask, request
from flask.typing import ResponseReturnValue

from app.lineage.models import SchemaField
from app.lineage.queries import fields as queries
from app.lineage.reads.catalogue import ListedField, listed_fields
from app.lineage.views.schemas import wanted_of
from app.web.blueprints import realm_blueprint
from app.web.found import Found
from app.web.guard import needs
from app.web.listing import Listing
from app.web.nav import nav_item

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
    return found().answer("lineage/columns/index.html")


def found() -> Found:
    """Return the columns the URL asks for, with what uses them."""
    listing = Listing.from_args(request.args, sorts=("name", "-name"), filters=FILTERS)
    wanted = wanted_of(listing, "name")
    return Found(
        listing,
        queries.fields(wanted),
        queries.FIELD_SORTS,
        FIELDS,
        "columns",
        key=SchemaField.id,
        rest=queries.narrower_fields(wanted),
        prepare=listed_fields,
    )
