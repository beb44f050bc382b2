"""Live pages: one thread follows the change log, renders what changed once, and tells everyone who watches."""

from flask import Flask, current_app, g, request

from app.config import Settings
from app.db import db
from app.web.live import regions_of

MOST_STREAMS = 500
THREADS_LEFT = 32


def init(app: Flask) -> None:
    """Offer the stream of a page, and let pages with live regions know from which change on to ask."""
    from app.delivery.live import views
    from app.delivery.live.hub import Hub

    app.extensions["headwater.live"] = Hub(app, limit(app.config["SETTINGS"]))
    app.register_blueprint(views.bp)
    app.before_request(_note_newest)


def limit(settings: Settings) -> int:
    """Return how many streams a process holds: what the setting says, else what leaves threads for pages."""
    if settings.live_streams >= 0:
        return settings.live_streams
    return max(0, min(MOST_STREAMS, settings.web_threads - THREADS_LEFT))


def _note_newest() -> None:
    """Before a page is read, note the newest change: one that comes while it is read is told again by the stream."""
    from app.delivery.live.hub import Hub

    if request.method == "GET" and "realm" in g and "HX-Live" not in request.headers and regions_of(request.endpoint):
        hub: Hub = current_app.extensions["headwater.live"]
        g.live_after = hub.newest(db.session())
