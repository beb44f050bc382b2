"""Storages: databases, buckets and file systems inside locations."""

from typing import Any, Final

from flask import Flask, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.db import db, utcnow
from app.lineage.models import Storage
from app.lineage.queries import places
from app.lineage.reads.listing import page_of
from app.lineage.views.datasets import FILTERS, SORTS, exported, wanted_of
from app.web.blueprints import realm_blueprint
from app.web.export import export
from app.web.guard import needs
from app.web.keyset import keyset
from app.web.kinds import entity_kind
from app.web.listing import Listing
from app.web.nav import nav_item
from app.web.page import page

bp = realm_blueprint("storages", __name__, "/lineage/storages")
INSIDE: Final = tuple(name for name in FILTERS if name not in {"storage", "location", "platform"})
FIELDS: Final[dict[str, Any]] = {
    "id": lambda row: row[0].id,
    "type": lambda row: row[1].type,
    "location": lambda row: row[1].name,
    "name": lambda row: row[0].name,
    "datasets": lambda row: row[2],
    "last_written_at": lambda row: row[3],
}


def init(app: Flask) -> None:
    """Register the navigation and the kind."""
    del app
    nav_item("Data", "Storages", "storages.index", ("lineage.read",), "hard-drive", 40)
    entity_kind("storage", label="Storage", endpoint="storages.show", arg="storage_id")


@bp.get("")
@needs("lineage.read")
def index() -> ResponseReturnValue:
    """List storages by location."""
    listing = Listing.from_args(request.args, sorts=("location",), filters=("type",))
    select = places.storages(text=listing.q, types=listing.all("type"))
    if listing.format:
        return export(listing, select, places.STORAGE_SORTS, FIELDS, name="storages", key=Storage.id)
    rows = keyset(select, listing, places.STORAGE_SORTS, key=Storage.id)
    types = db.session.scalars(places.types()).all()
    return page("lineage/storages/index.html", listing=listing, rows=rows, types=types)


@bp.get("/<int:storage_id>")
@needs("lineage.read")
def show(storage_id: int) -> ResponseReturnValue:
    """Show a storage and its datasets, as the list of datasets shows them."""
    session = db.session()
    found = session.execute(places.storage(storage_id)).first()
    if found is None:
        raise NotFound
    listing, now = Listing.from_args(request.args, sorts=SORTS, filters=INSIDE), utcnow()
    wanted = wanted_of(session, listing, now, storage=storage_id)
    if listing.format:
        return exported(listing, wanted, now)
    return page(
        "lineage/storages/show.html",
        storage=found[0],
        location=found[1],
        listing=listing,
        page=page_of(session, listing, wanted, now),
        places={},
    )
