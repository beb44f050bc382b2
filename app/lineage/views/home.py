"""Where lineage begins: search, what was written lately, what is late or fails; how to set up a client."""

from typing import Final

from flask import Flask, request
from flask.typing import ResponseReturnValue

from app.db import db, utcnow
from app.lineage.queries import places
from app.lineage.reads import attention
from app.web.blueprints import realm_blueprint
from app.web.guard import needs
from app.web.nav import nav_item
from app.web.page import page

bp = realm_blueprint("lineage", __name__, "/lineage")
RECENT: Final = 10


def init(app: Flask) -> None:
    """Register the navigation."""
    del app
    nav_item("Lineage", "At a glance", "lineage.home", ("lineage.read",), "waypoints", 10)


@bp.get("")
@needs("lineage.read")
def home() -> ResponseReturnValue:
    """Show the way in; an empty realm shows how to send the first event."""
    session, now = db.session(), utcnow()
    sizes = tuple(session.execute(places.sizes()).one())
    if not any(sizes):
        return page("lineage/home/empty.html", server=request.host_url.rstrip("/"))
    return page(
        "lineage/home/show.html",
        sizes=dict(zip(("datasets", "jobs", "storages", "locations"), sizes, strict=True)),
        platforms=session.execute(places.platforms()).all(),
        recent=attention.recent(session, now, RECENT),
        late=attention.late(session, now),
        failing=attention.failing(session, now),
    )
