"""Unused data: what jobs write and nothing reads."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from flask import Flask, request
from flask.typing import ResponseReturnValue

from app.db import db, utcnow
from app.lineage.reads.listing import choices
from app.lineage.reads.unused import unused_page, unused_plan
from app.lineage.views.datasets import wanted_of
from app.web.blueprints import realm_blueprint
from app.web.export import export
from app.web.guard import needs
from app.web.listing import Listing
from app.web.nav import nav_item
from app.web.page import page

bp = realm_blueprint("unused", __name__, "/lineage/unused")
USUAL_DAYS: Final = 30
FIELDS: Final[dict[str, Any]] = {
    "id": lambda row: row.dataset.id,
    "platform": lambda row: row.location.type,
    "location": lambda row: row.location.name,
    "storage": lambda row: row.storage.name,
    "namespace": lambda row: row.dataset.namespace,
    "name": lambda row: row.dataset.name,
    "last_written_at": lambda row: row.written_at,
    "last_read_at": lambda row: row.read_at,
    "runs_30_days": lambda row: row.runs,
    "rows_30_days": lambda row: row.rows,
    "bytes_30_days": lambda row: row.bytes,
    "owners": lambda row: row.said.owners,
}


def init(app: Flask) -> None:
    """Register the navigation."""
    del app
    nav_item("Data", "Unused data", "unused.index", ("lineage.read",), "circle-slash", 80)


@bp.get("")
@needs("lineage.read")
def index() -> ResponseReturnValue:
    """List what was written and not read for ``unused`` days (30), with what its writes of 30 days cost."""
    listing = Listing.from_args(request.args, sorts=("-written",), filters=("platform", "owner", "unused"))
    session, now = db.session(), utcnow()
    wanted = wanted_of(session, listing, now)
    if wanted.unused_since is None:
        wanted = replace(wanted, unused_since=now - timedelta(days=USUAL_DAYS))
    how = unused_plan(session, listing, wanted, now)
    if listing.format:
        return export(
            listing, how.select, how.sorts, FIELDS, name="unused", rest=how.rest, key=how.key, prepare=how.prepare
        )
    return page(
        "lineage/unused/index.html",
        listing=listing,
        page=unused_page(session, listing, how),
        choices=choices(session),
        days=listing.get("unused", str(USUAL_DAYS)),
    )
