"""The start page: into the realm one was in last, or the first one may enter."""

from flask import Blueprint, Response, g, redirect, request
from flask.typing import ResponseReturnValue

from app.realms.decision import realms_of
from app.web.guard import signed_in
from app.web.identity import identity
from app.web.page import page

bp = Blueprint("start", __name__)
LAST = "realm"
A_YEAR = 31_536_000


@bp.get("/")
@signed_in
def index() -> ResponseReturnValue:
    """Go to the realm of the last visit, else the first by name: 303; without any, a page that says so."""
    who = identity()
    realms = realms_of(who.user_id) if who else []
    if not realms:
        return page("realms/none.html")
    last = request.cookies.get(LAST)
    return redirect(next((url for name, _, url in realms if name == last), realms[0][2]), 303)


@bp.after_app_request
def remember(response: Response) -> Response:
    """Keep the realm of this page for the next visit of the start page."""
    here = g.realm.shortname if "realm" in g and "realm_name" in g else None
    if here and request.cookies.get(LAST) != here:
        response.set_cookie(LAST, here, max_age=A_YEAR, httponly=True, samesite="Lax", secure=request.is_secure)
    return response
