"""A page on what comes in, and on how to point clients here."""

from flask import Flask, request
from flask.typing import ResponseReturnValue

from app.db import db, utcnow
from app.lineage.reads.intake import lately
from app.web.blueprints import realm_blueprint
from app.web.guard import needs
from app.web.nav import nav_item
from app.web.page import page

bp = realm_blueprint("ingestion", __name__, "/lineage/ingestion")


def init(app: Flask) -> None:
    """Register the navigation."""
    del app
    nav_item("Intake", "Ingestion", "ingestion.show", ("lineage.read",), "activity", 10)


@bp.get("")
@needs("lineage.read")
def show() -> ResponseReturnValue:
    """Show rates, duplicates and refusals of the last 24 hours by sender, and the set-up of each client."""
    server = request.host_url.rstrip("/")
    return page("lineage/ingestion/show.html", lately=lately(db.session(), utcnow()), server=server)
