"""Lists of what people hold and who is blocked, read alike by pages, by programs and into files."""

from flask import request

from app.db import utcnow
from app.realms import queries
from app.realms.fields import BLOCKED, ROW
from app.realms.models import CapGrant, Deactivated
from app.realms.queries.blocked import blocked as blocked_people
from app.realms.reads.blocked import with_what_they_hold
from app.web.found import Found
from app.web.listing import Listing

SORTS = {"granted": CapGrant.setat}


def grants() -> Found:
    """Return the grants the URL asks for: ``user``, ``cap``, ``app`` and ``state`` narrow, newest first."""
    listing = Listing.from_args(request.args, sorts=("-granted",), filters=("user", "cap", "app", "state"))
    select = queries.grants(
        user=listing.get("user") or listing.q,
        cap=listing.get("cap"),
        app=listing.get("app"),
        state=listing.get("state"),
        now=utcnow(),
    )
    return Found(listing, select, SORTS, ROW, "grants", key=CapGrant.id)


def blocked() -> Found:
    """Return the blocked people the URL asks for: ``user`` narrows, the latest first."""
    listing = Listing.from_args(request.args, sorts=("-deactat", "deactat"), filters=("user",))
    select = blocked_people(text=listing.q, user=listing.get("user"))
    sorts = {"deactat": Deactivated.deactat}
    prepare = with_what_they_hold
    return Found(listing, select, sorts, BLOCKED, "deactivations", key=Deactivated.id, prepare=prepare)
