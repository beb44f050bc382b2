"""Pages of files taken in: the list, the upload, one with its progress."""

import json

from flask import Flask, current_app, flash, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.changes.actor import current_actor
from app.db import db, utcnow
from app.lineage.fields import IMPORTS
from app.lineage.imports import upload
from app.lineage.queries import imports as queries
from app.lineage.worker_uploads import wake
from app.refusal import Refused
from app.web.blueprints import realm_blueprint
from app.web.found import Found
from app.web.guard import needs
from app.web.kinds import entity_kind
from app.web.listing import Listing
from app.web.nav import nav_item
from app.web.page import page

bp = realm_blueprint("imports", __name__, "/lineage/imports")


def init(app: Flask) -> None:
    """Register navigation and the kind."""
    del app
    nav_item("Intake", "Imports", "imports.index", ("lineage.write",), "upload", 40)
    entity_kind("import", label="Import", endpoint="imports.show", arg="import_id")


@bp.get("")
@needs("lineage.write")
def index() -> ResponseReturnValue:
    """List files, newest first."""
    return _list()


def _list(status: int = 200, error: str = "") -> ResponseReturnValue:
    listing = Listing.from_args(request.args, sorts=("-created_at",), filters=("state",))
    select, rest = queries.imports(listing.get("state")), queries.narrower(listing.q)
    found = Found(listing, select, queries.SORTS, IMPORTS, "imports", rest=rest)
    return found.answer("lineage/imports/index.html", status, states=queries.STATES, error=error)


@bp.post("")
@needs("lineage.write")
def create() -> ResponseReturnValue:
    """Take an uploaded file: 303 to its progress, or 422 with the reason."""
    file = request.files.get("file")
    folder = current_app.config["SETTINGS"].data_dir / "imports"
    try:
        row = upload(db.session(), g.realm.id, file, folder, current_actor())
    except Refused as refusal:
        db.session.rollback()
        return _list(422, str(refusal))
    db.session.commit()
    _wake()
    flash(f"{row.name} is being taken in.")
    return redirect(url_for(".show", import_id=row.id), 303)


@bp.get("/<int:import_id>")
@needs("lineage.write")
def show(import_id: int) -> ResponseReturnValue:
    """Show how far a file is, its counts, and the first events that were refused."""
    row = db.session.scalar(queries.one(import_id))
    if row is None:
        raise NotFound
    if row.spooled and row.state in {"waiting", "running"} and (row.lease_until is None or row.lease_until < utcnow()):
        _wake()
    percent = 100.0 if row.state == "done" else 100 * row.offset / row.size if row.size else None
    return page(
        "lineage/imports/show.html",
        regions=("progress",),
        row=row,
        percent=percent,
        refused=json.loads(row.first_rejected),
    )


def _wake() -> None:
    wake(current_app._get_current_object(), g.realm.id)  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's documented way
