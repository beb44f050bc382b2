"""The list of grants as a URL asks for it, read alike by its page, by programs and into its file."""

from flask import request

from app.db import utcnow
from app.realms import queries
from app.realms.fields import ROW
from app.realms.models import CapGrant
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
