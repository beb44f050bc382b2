"""What every page shows around its content."""

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from app.refusal import Problem, Refused
from app.web.guard import public, unlogged
from app.web.identity import identity
from app.web.nav import navigation

THEMES = ("auto", "light", "dark")
A_YEAR = 31_536_000
_USER_LINKS: list[tuple[str, str, str, int]] = []


def user_link(label: str, endpoint: str, icon: str, position: int = 50) -> None:
    """Add a link to the menu of the account."""
    if endpoint not in {known[1] for known in _USER_LINKS}:
        _USER_LINKS.append((label, endpoint, icon, position))


def may(*names: str, app: str | None = None) -> bool:
    """Return whether the person asking holds one of the capabilities in the realm of the request; no statement."""
    standing = g.get("standing")
    return bool(standing and standing.holds(*names, app=app))


def context() -> dict[str, Any]:
    """Return the variables of the layout; without the database when that is what failed (``g.bare``)."""
    bare = g.get("bare", False)
    who = None if bare else identity()
    realms: Callable[[int], list[Any]] | None = current_app.extensions.get("headwater.realms_of")
    return {
        "nav": [] if bare else navigation(may),
        "realm": g.get("realm"),
        "realms": realms(who.user_id) if realms and who else [],
        "user": who,
        "user_links": _links(),
        "sign_in_url": current_app.extensions["headwater.sign_in_url"](""),
        "sign_out_url": _url("headwater.sign_out_endpoint"),
        "search_url": _url("headwater.search_endpoint") if "realm" in g else None,
        "banner": _banner(),
        "theme_url": url_for("theme"),
        "theme": request.cookies.get("theme") if request.cookies.get("theme") in THEMES else "auto",
    }


def _banner() -> str | None:
    makers: list[Callable[[], str | None]] = current_app.extensions.get("headwater.banners", [])
    return next((words for make in makers if (words := make())), None)


def _links() -> list[tuple[str, str, str]]:
    known = [link for link in sorted(_USER_LINKS, key=lambda link: link[3]) if link[1] in current_app.view_functions]
    return [(label, url_for(endpoint), icon) for label, endpoint, icon, _ in known]


def _url(extension: str) -> str | None:
    endpoint = current_app.extensions.get(extension)
    return url_for(endpoint) if endpoint in current_app.view_functions else None


@public("a choice of colours, kept in the browser")
@unlogged("kept in the browser, not in the database")
def theme() -> ResponseReturnValue:
    """Remember the theme in a cookie and go back to the page: 303."""
    chosen = request.form.get("to", "")
    if chosen not in THEMES:
        raise Refused(Problem("unknown_theme", f"Use one of {', '.join(THEMES)}.", "to", chosen[:100]))
    response = redirect(_back(), 303)
    response.set_cookie("theme", chosen, max_age=A_YEAR, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def _back() -> str:
    here = request.host_url
    return request.referrer if request.referrer and request.referrer.startswith(here) else "/"


def init(app: Flask) -> None:
    """Give every template the layout's variables."""
    app.context_processor(context)
    app.jinja_env.globals.update(may=may, csrf_token=generate_csrf)
    app.add_url_rule("/theme", "theme", theme, methods=["POST"])
