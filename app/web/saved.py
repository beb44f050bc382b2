"""Saved views: what a list offers of the filters and orders that people gave a name.

The slice that keeps them answers by ``app.extensions["headwater.saved_views"]``; a view is opened by the URL of its
list, which says with ``saved`` whose query it is, so that a list that has changed leaves out what it no longer knows.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl, urlencode

from flask import Response, current_app, flash, g, redirect, request
from werkzeug.exceptions import HTTPException

from app.refusal import Refused
from app.web.listing import OF_A_PAGE, Listing
from app.web.safe import is_safe_method
from app.web.saved_view import Saved

MOST_FIELDS: Final = 200


Offer = Callable[[str, str], Saved]


def offering(listing: Listing) -> Listing:
    """Return the listing with what is saved of it: one statement; as it was outside realms and of one thing's rows."""
    offer: Offer | None = current_app.extensions.get("headwater.saved_views")
    if offer is None or "realm" not in g or request.view_args or not request.path.startswith("/r/"):
        return listing
    saved = offer(request.path.split("/", 3)[3], listing.url().partition("?")[2])
    return replace(listing, saved=replace(saved, left_out=listing.unknown))


def cleaned(query: str) -> str:
    """Return the query of a list without its page and form of output; raises ValueError if it cannot be one."""
    pairs = parse_qsl(query.lstrip("?"), max_num_fields=MOST_FIELDS)
    return urlencode([(name, value) for name, value in pairs if name not in OF_A_PAGE])


def endpoint_of(page: str) -> str | None:
    """Return the endpoint of a page of a realm by its path in there, None if there is no such page."""
    try:
        endpoint, values = current_app.url_map.bind("").match(f"/r/x/{page}", "GET")
    except HTTPException:
        return None
    return str(endpoint) if set(values) == {"realm"} else None


def without_what_no_longer_fits(error: Refused) -> Response | None:
    """Return the way to the list of a saved view without what it refuses, None where that is not what went wrong."""
    wrong = {problem.field for problem in error.problems} & set(request.args)
    if "saved" not in request.args or not is_safe_method() or not wrong:
        return None
    words = ", ".join(f"{name} {request.args[name]}" for name in sorted(filter(None, wrong)))
    flash(f"The saved view asks for {words}, which this list does not know; it was left out.", "warn")
    rest = [(name, value) for name, value in request.args.items(multi=True) if name not in wrong]
    return redirect(f"{request.script_root}{request.path}?{urlencode(rest)}", 302)  # type: ignore[return-value]
