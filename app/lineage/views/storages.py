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
from app.web.found import Found
from app.web.guard import needs
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
    return found().answer("lineage/storages/index.html", types=db.session.scalars(places.types()).all())


@bp.get("/<int:storage_id>")
@needs("lineage.read")
def show(storage_id: int) -> ResponseReturnValue:
    """Show a storage and its datasets, as the list of datasets shows them."""
    session = db.session()
    opened = session.execute(places.storage(storage_id)).first()
    if opened is None:
        raise NotFound
    listing, now = Listing.from_args(request.args, sorts=SORTS, filters=INSIDE), utcnow()
    wanted = wanted_of(session, listing, now, storage=storage_id)
    if listing.format:
        return exported(listing, wanted, now)
    return page(
        "lineage/storages/show.html",
        storage=opened[0],
        location=opened[1],
        listing=listing,
        page=page_of(session, listing, wanted, now),
        places={},
    )


def found() -> Found:
    """Return the storages the URL asks for."""
    listing = Listing.from_args(request.args, sorts=("location",), filters=("type",))
    select = places.storages(text=listing.q, types=listing.all("type"))
    return Found(listing, select, places.STORAGE_SORTS, FIELDS, "storages", key=Storage.id)
