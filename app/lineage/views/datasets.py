"""The list of datasets."""

from collections.abc import Callable
from typing import Any, Final

from flask import Flask, request
from flask.typing import ResponseReturnValue

from app.db import db, utcnow
from app.lineage.models import Dataset
from app.lineage.queries import datasets as queries
from app.lineage.reads.listed import Listed, choices, listed
from app.refusal import Problem, Refused
from app.web.blueprints import realm_blueprint
from app.web.export import export
from app.web.guard import needs
from app.web.keyset import Page, Rows, keyset
from app.web.kinds import entity_kind
from app.web.listing import Listing
from app.web.nav import nav_item
from app.web.page import page

bp = realm_blueprint("datasets", __name__, "/lineage/datasets")
FILTERS: Final = ("platform", "location", "storage", "owner", "tag", "quality", "state", "type")
SORTS: Final = ("-written", "name")
BIGGEST: Final = 2**62
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
    nav_item("Lineage", "Datasets", "datasets.index", ("lineage.read",), "table-2", 20)
    entity_kind("dataset", label="Dataset", endpoint="dataset.show", arg="dataset_id")


@bp.get("")
@needs("lineage.read")
def index() -> ResponseReturnValue:
    """List datasets, those written last first; ``q`` looks for words, a group of names shows once."""
    listing = Listing.from_args(request.args, sorts=SORTS, filters=FILTERS)
    wanted, session = wanted_of(listing), db.session()
    (select, sorts, key), rest = ordered(listing, wanted), queries.narrower(wanted)
    if listing.format:
        return export(listing, select, sorts, FIELDS, name="datasets", rest=rest, key=key, prepare=prepared)
    rows: Page[Any] = keyset(select, listing, sorts, key=key, rest=rest)
    return page(
        "lineage/datasets/index.html",
        listing=listing,
        page=rows,
        rows=listed(session, rows, utcnow()),
        choices=choices(session),
    )


def ordered(listing: Listing, wanted: queries.Wanted) -> tuple[Rows, dict[str, Any], Any]:
    """Return the selection, its sorts and its key: by name, or by the last write under any name."""
    if listing.column == "name":
        return queries.by_name(wanted), {"name": Dataset.sort_name}, Dataset.id
    return queries.by_write(wanted), {"written": queries.LATEST.last_written_at}, queries.LATEST.id


def prepared(session: Any, rows: list[Any]) -> list[Listed]:
    """Return the rows of an export as the list shows them."""
    return listed(session, rows, utcnow())


def wanted_of(listing: Listing) -> queries.Wanted:
    """Return what the list's URL looks for; raises Refused on a filter it has not."""
    known = {"quality": queries.QUALITIES, "state": queries.STATES}
    for name, values in known.items():
        if listing.get(name) and listing.get(name) not in values:
            raise Refused(Problem(f"unknown_{name}", f"Use one of {', '.join(values)}.", name, listing.get(name)[:100]))
    return queries.Wanted(
        text=listing.q,
        platform=listing.get("platform"),
        location=_number(listing, "location"),
        storage=_number(listing, "storage"),
        owner=listing.get("owner"),
        tag=listing.get("tag"),
        quality=listing.get("quality"),
        state=listing.get("state"),
        type=listing.get("type"),
    )


def _number(listing: Listing, name: str) -> int | None:
    text = listing.get(name)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and int(text[:20]) < BIGGEST):
        raise Refused(Problem("bad_number", "Use the number of a thing.", name, text[:100]))
    return int(text)
