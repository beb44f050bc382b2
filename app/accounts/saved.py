"""Saved views as pages and programs read them, and what lists offer of them."""

from collections.abc import Callable
from typing import Final
from urllib.parse import quote

from flask import g, request, url_for

from app.accounts import queries
from app.accounts.actions.saved import Owner
from app.accounts.models import SavedView
from app.db import db
from app.web.capabilities import capabilities
from app.web.found import Found
from app.web.identity import identity
from app.web.listing import Listing
from app.web.saved_view import Saved, SavedLink
from app.web.shell import may

MOST_LINKS: Final = 60


def url_of(view: SavedView) -> str:
    """Return the address of the list with what the view asks for."""
    return f"{request.script_root}/r/{quote(g.realm.shortname)}/{view.path}"


SORTS = {"created": SavedView.created_at}
FIELDS: dict[str, Callable[[SavedView], object]] = {
    "id": lambda view: view.id,
    "page": lambda view: view.page,
    "name": lambda view: view.name,
    "query": lambda view: view.query,
    "shared": lambda view: view.shared,
    "pinned": lambda view: view.pinned,
    "owner": lambda view: view.user.name,
    "url": url_of,
    "created_at": lambda view: view.created_at,
}


def found() -> Found:
    """Return the saved views the URL asks for: one's own and those others share."""
    listing = Listing.from_args(request.args, sorts=("-created", "created"), filters=("page",))
    select_ = queries.saved_views(owner().user_id, page=listing.get("page"), text=listing.q)
    return Found(listing, select_, SORTS, FIELDS, "saved-views", key=SavedView.id)


def offer(page: str, query: str) -> Saved:
    """Return what a list offers: one statement, first one's own views, then those others share, by name."""
    mine = owner()
    order = ((SavedView.user_id != mine.user_id), SavedView.name, SavedView.id)
    views = db.session.scalars(queries.saved_views(mine.user_id, page=page).order_by(*order).limit(MOST_LINKS))
    links = [
        SavedLink(
            view.name,
            url_of(view),
            view.query,
            view.user.display_name if view.user_id != mine.user_id else "",
            view.shared,
            view.pinned,
        )
        for view in views
    ]
    urls = url_for("saved_views.create"), url_for("saved_views.index", page=page)
    return Saved(page, query, links, *urls, mine.may_share)


def owner() -> Owner:
    """Return the account of the request as an owner of views."""
    who = identity()
    return Owner(who.user_id if who else 0, may_share())


def may_share() -> bool:
    """Return whether the account may put a view before everyone: who may write anything in the realm, or grants."""
    return may("auth", *(name for name in capabilities() if name.endswith(".write")))
