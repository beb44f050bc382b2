"""Which apps a person sees, and the one a URL names."""

from werkzeug.exceptions import NotFound

from app.db import db
from app.realms.capabilities import Standing
from app.realms.models import App
from app.realms.queries import apps as queries
from app.web.guard import Denied, Verdict
from app.web.whole import whole

LARGEST_ID = 2**63 - 1


def seen_apps(standing: Standing) -> frozenset[str] | None:
    """Return the apps somebody holds something on, in lower case; None for all.

    Root and report see all of them, and so does auth, which grants capabilities on each.
    """
    if standing.holds("root", "report", "auth"):
        return None
    return frozenset(held.app for held in standing.held if held.app and standing.holds(held.cap, app=held.app))


def found_app(name: str, standing: Standing) -> App:
    """Return the app of a name in any case or of a number; raises NotFound, and Denied where it is not for them."""
    number = whole(name, LARGEST_ID)
    app = db.session.scalar(queries.app_named(name) if number is None else queries.app_by_id(number))
    if app is None:
        raise NotFound
    seen = seen_apps(standing)
    if seen is not None and app.shortnamelc not in seen:
        raise Denied(Verdict("capability", "report", app.shortname, detail="This needs report, or a grant on the app."))
    return app
