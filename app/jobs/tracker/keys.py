"""What a client asks first: whether its key is any good."""

from flask.typing import ResponseReturnValue

from app.jobs.tracker.answers import PLAIN, ROOT, told
from app.web.blueprints import api_blueprint
from app.web.guard import needs

bp = api_blueprint("tracker_keys", __name__, ROOT)


@bp.get("/api-keys/protected", **PLAIN)
@needs("jobs.write", "jobs.read")
def protected() -> ResponseReturnValue:
    """Answer that the key works."""
    return told("Authorized!")
