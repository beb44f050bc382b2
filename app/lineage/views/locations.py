"""Locations: the systems that hold data or run jobs."""

from typing import Any, Final

from flask import Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.db import db, utcnow
from app.lineage.queries import listing as datasets
from app.lineage.queries import places
from app.lineage.reads.listed import listed
from app.lineage.reads.places import with_addresses
from app.locations.models import Location
from app.web.blueprints import realm_blueprint
from app.web.found import Found
from app.web.guard import needs
from app.web.kinds import entity_kind
from app.web.listing import Listing
from app.web.nav import nav_item
from app.web.page import page

bp = realm_blueprint("locations", __name__, "/locations")
SHOWN: Final = 20
FIELDS: Final[dict[str, Any]] = {
    "id": lambda row: row[0].id,
    "type": lambda row: row[0].type,
    "name": lambda row: row[0].name,
    "addresses": lambda row: row[5],
    "external_id": lambda row: row[0].external_id,
    "storages": lambda row: row[1],
    "datasets": lambda row: row[2],
    "jobs": lambda row: row[3],
    "last_written_at": lambda row: row[4],
}


def init(app: Flask) -> None:
    """Register the navigation and the kind."""
    del app
    nav_item("Data", "Locations", "locations.index", ("lineage.read",), "map-pin", 50)
    entity_kind("location", label="Location", endpoint="locations.show", arg="location_id")


@bp.get("")
@needs("lineage.read")
def index() -> ResponseReturnValue:
    """List locations by name; ``q`` looks for words in names, types and addresses."""
    return found().answer("locations/index.html", types=db.session.scalars(places.types()).all())


@bp.get("/<int:location_id>")
@needs("lineage.read")
def show(location_id: int) -> ResponseReturnValue:
    """Show addresses, storages, datasets and jobs; a merged location answers 303 to the one it went into."""
    session = db.session()
    location = session.scalar(places.location(location_id))
    if location is None:
        raise NotFound
    if location.merged_into_id is not None:
        return redirect(url_for(".show", location_id=location.merged_into_id), 303)
    return page(
        "locations/show.html",
        location=location,
        addresses=session.scalars(places.addresses(location_id)).all(),
        storages=session.execute(
            places.storages(location=location_id).order_by(Location.sort_name).limit(places.MOST)
        ).all(),
        datasets=listed(session, session.execute(datasets.at_location(location_id, SHOWN)), utcnow()),
        jobs=session.scalars(places.jobs_at(location_id)).all(),
    )


def found() -> Found:
    """Return the locations the URL asks for, with their addresses."""
    listing = Listing.from_args(request.args, sorts=("name",), filters=("type",))
    select = places.locations(text=listing.q, types=listing.all("type"))
    return Found(listing, select, places.LOCATION_SORTS, FIELDS, "locations", key=Location.id, prepare=with_addresses)
