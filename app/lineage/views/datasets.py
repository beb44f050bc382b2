"""The list of datasets."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.db import db, utcnow
from app.lineage.queries.listing import FRESHNESS, QUALITIES, STATES, Wanted
from app.lineage.reads.asking import words_of
from app.lineage.reads.listed import Listed
from app.lineage.reads.listing import choices, page_of, place_names, plan
from app.refusal import Problem, Refused
from app.web.blueprints import realm_blueprint
from app.web.export import export
from app.web.guard import needs
from app.web.kinds import entity_kind
from app.web.listing import Listing
from app.web.live import about
from app.web.nav import nav_item
from app.web.page import page
from app.web.whole import whole

bp = realm_blueprint("datasets", __name__, "/lineage/datasets")
FILTERS: Final = (
    *("platform", "location", "storage", "owner", "tag", "column"),
    *("freshness", "quality", "state", "type", "unused"),
)
SORTS: Final = ("-written", "name")
BIGGEST: Final = 2**62
MOST_DAYS: Final = 10_000
FIELDS: dict[str, Callable[[Listed], object]] = {
    "id": lambda row: row.dataset.id,
    "platform": lambda row: row.location.type,
    "location": lambda row: row.location.name,
    "storage": lambda row: row.storage.name,
    "namespace": lambda row: row.dataset.namespace,
    "name": lambda row: row.dataset.name,
    "label": lambda row: row.dataset.label,
    "format": lambda row: row.dataset.format,
    "type": lambda row: row.dataset.type,
    "last_written_at": lambda row: row.written_at,
    "freshness": lambda row: row.fresh.word,
    "rows": lambda row: row.rhythm.rows,
    "readers": lambda row: row.readers,
    "writers": lambda row: row.writers,
    "quality": lambda row: row.quality,
    "owners": lambda row: row.said.owners,
    "tags": lambda row: row.said.tags,
}


def init(app: Flask) -> None:
    """Register the navigation and the kind."""
    del app
    nav_item("Data", "Datasets", "datasets.index", ("lineage.read",), "table-2", 10)
    entity_kind("dataset", label="Dataset", endpoint="dataset.show", arg="dataset_id")


@bp.get("")
@needs("lineage.read")
def index() -> ResponseReturnValue:
    """List datasets, those written last first; ``q`` looks for words, a group of names shows once."""
    about("dataset")
    listing = Listing.from_args(request.args, sorts=SORTS, filters=FILTERS)
    session, now = db.session(), utcnow()
    wanted = wanted_of(session, listing, now)
    if listing.format:
        return exported(listing, wanted, now)
    return page(
        "lineage/datasets/index.html",
        listing=listing,
        page=page_of(session, listing, wanted, now),
        choices=choices(session),
        places=place_names(session, wanted),
    )


def exported(listing: Listing, wanted: Wanted, now: datetime) -> Response:
    """Return the file of exactly what the list's URL shows."""
    how = plan(db.session(), listing, wanted, now)
    return export(
        listing, how.select, how.sorts, FIELDS, name="datasets", rest=how.rest, key=how.key, prepare=how.prepare
    )


def wanted_of(session: Session, listing: Listing, now: datetime, *, storage: int | None = None) -> Wanted:
    """Return what the list's URL looks for, perhaps in one storage; one statement if it looks for words.

    Raises Refused on a filter the list has not.
    """
    known = {"quality": QUALITIES, "state": STATES, "freshness": FRESHNESS}
    for name, values in known.items():
        for given in set(listing.all(name)) - set(values):
            raise Refused(Problem(f"unknown_{name}", f"Use one of {', '.join(values)}.", name, given[:100]))
    days = _numbers(listing, "unused", MOST_DAYS)
    return Wanted(
        words=words_of(session, listing.q, "dataset", columns=listing.all("column")),
        platforms=listing.all("platform"),
        locations=_numbers(listing, "location"),
        storages=_numbers(listing, "storage") if storage is None else (storage,),
        owners=listing.all("owner"),
        tags=listing.all("tag"),
        qualities=listing.all("quality"),
        states=listing.all("state"),
        types=listing.all("type"),
        freshness=listing.all("freshness"),
        unused_since=now - timedelta(days=max(days)) if days else None,
    )


def _numbers(listing: Listing, name: str, biggest: int = BIGGEST) -> tuple[int, ...]:
    found = []
    for text in listing.all(name):
        number = whole(text, biggest - 1)
        if number is None:
            raise Refused(Problem("bad_number", f"Use a number below {biggest:,}.", name, text[:100]))
        found.append(number)
    return tuple(found)
