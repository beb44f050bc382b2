"""Who may do what, and why: people by capabilities, or one question with every line of its answer."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Response, g, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app.accounts.models import User
from app.db import db, utcnow
from app.realms import access
from app.realms.decision import who_can_grant
from app.realms.models import App
from app.realms.queries.people import people
from app.realms.reads.matrix import Line, lines
from app.web.blueprints import realm_blueprint
from app.web.capabilities import capabilities
from app.web.found import Found
from app.web.guard import Denied, Verdict, member
from app.web.identity import identity
from app.web.listing import Listing
from app.web.page import page
from app.web.shell import may

bp = realm_blueprint("access", __name__, "/realms/access")
FILTERS = ("user", "cap", "app", "at")
SORTS = {"name": User.name}


@bp.get("")
@member
def index() -> ResponseReturnValue:
    """Show the matrix; with ``?user=`` and ``?cap=`` answer whether they may, on ``app``, at ``at``, and why.

    Everybody may ask about themselves; asking about others needs auth or report.
    """
    listing = Listing.from_args(request.args, sorts=("name",), filters=FILTERS)
    only = own_name(listing.get("user"))
    if listing.get("user") and listing.get("cap") and not listing.format:
        return _question(listing)
    found = _matrix(listing, only)
    return found.answer("realms/access/index.html", caps=_caps(listing), only=only, **_choices())


def own_name(asked: str) -> str:
    """Return the account one is limited to, empty without a limit; raises Denied when another one is asked for."""
    if may("auth", "report"):
        return ""
    who = identity()
    own = who.name if who else ""
    if asked.strip().lower() not in ("", own):
        words = "Without auth or report you see only your own."
        raise Denied(Verdict("capability", "report", None, who_can_grant("report"), words))
    return own


def _question(listing: Listing) -> Response:
    at = access.moment(listing.get("at"))
    asked = access.Question(listing.get("user"), listing.get("cap"), listing.get("app"), at)
    answer = access.answer(db.session(), asked)
    return page("realms/access/answer.html", answer=answer, listing=listing, grant_url=_timeline, **_choices())


def _matrix(listing: Listing, only: str) -> Found:
    caps, app = _caps(listing), listing.get("app").strip().lower() or None
    at = access.moment(listing.get("at")) or utcnow()
    select_ = people(text=listing.q, name=only or listing.get("user"))
    fields: dict[str, Callable[[Line], object]] = {"user": lambda line: line.user.name}
    fields |= {cap: partial(_told, place=place) for place, cap in enumerate(caps)}
    prepare = lines(g.realm, caps, app, at)
    return Found(listing, select_, SORTS, fields, "access", key=User.id, prepare=prepare)


def _told(line: Line, place: int) -> str:
    cell = line.cells[place]
    return cell.by if cell.allow else cell.reason


def _caps(listing: Listing) -> list[str]:
    asked = listing.get("cap").strip().lower()
    return [name for name in capabilities() if asked in ("", name)]


def _timeline(grant_id: int) -> str:
    return url_for("changes.timeline", kind="capgrant", entity_id=str(grant_id))


def _choices() -> dict[str, Any]:
    apps = db.session.scalars(select(App).order_by(App.shortnamelc))
    return {
        "every_cap": [(name, name) for name in capabilities()],
        "apps": [(app.shortnamelc, app.shortname) for app in apps],
    }
