"""The one stream of a page."""

from http import HTTPStatus

from flask import Response, current_app, g, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from app.db import db
from app.delivery.live.hub import Full, Hub
from app.delivery.live.rights import may_watch
from app.delivery.live.watcher import Watcher
from app.web.blueprints import realm_blueprint
from app.web.errors import answer as refused
from app.web.guard import member
from app.web.identity import identity
from app.web.live import keys_of
from app.web.whole import whole

bp = realm_blueprint("live", __name__, "/live")
BUSY_S = 10
BIGGEST = 2**63 - 1
CONNECTIONS = ("gunicorn.socket", "werkzeug.socket")


@bp.get("")
@member
def stream() -> ResponseReturnValue:
    """Send the regions of ``regions`` whenever they change after the change ``after``, or ``Last-Event-ID``.

    404 for a region that is not there or not for this person; 503 when too many streams are open.
    """
    keys, who = keys_of(request.query_string), identity()
    if keys is None or who is None or not may_watch(g.standing, keys):
        raise NotFound
    sock = next((request.environ[name] for name in CONNECTIONS if name in request.environ), None)
    watcher = Watcher(who, g.realm, keys, sock)
    hub: Hub = current_app.extensions["headwater.live"]
    try:
        is_there = hub.join(watcher, _after(), request.root_url, db.session())
    except Full:
        return refused(HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": str(BUSY_S)})
    if not is_there:
        raise NotFound
    answer = Response(watcher.stream(), mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})
    answer.headers["Cache-Control"] = "no-store"
    answer.call_on_close(lambda: hub.leave(watcher))
    return answer


def _after() -> int | None:
    """Return the change after which to tell; None when it is no number we could have given."""
    text = request.headers.get("Last-Event-ID") or request.args.get("after", "")
    return whole(text, BIGGEST) if text else None
