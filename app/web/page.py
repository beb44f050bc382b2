"""One URL, one answer: the whole page, or the region of it that was asked for."""

from http import HTTPStatus
from typing import Any

from flask import Response, current_app, g, get_flashed_messages, make_response, render_template, request

from app.web.listing import Listing
from app.web.live import Rendering, live_targets
from app.web.saved import offering


def page(template: str, status: int = 200, *, regions: tuple[str, ...] = (), **context: Any) -> Response:
    """Render the template, or its sibling ``_<region>.html`` when htmx asks for one of ``regions``.

    ``results`` is a region of every page that has the partial; any other target gets the whole page.
    """
    folder, g.is_page = template.rpartition("/")[0], status == HTTPStatus.OK
    rendering: Rendering | None = g.get("rendering")
    if rendering is not None:
        rendering.html = {name: render_template(f"{folder}/_{name}.html", **context) for name in rendering.targets}
        return make_response("")
    if isinstance(listing := context.get("listing"), Listing) and g.is_page:
        context["listing"] = offering(listing)
    region = request.headers.get("HX-Target", "").rpartition("#")[2].partition("-")[0]
    wanted = region in (*regions, "results", *live_targets()) and "HX-Boosted" not in request.headers
    names = [f"{folder}/_{region}.html"] if wanted else []
    chosen = current_app.jinja_env.select_template([*names, template])
    html = render_template(chosen, **context)
    if chosen.name != template:
        html += _beside_a_region(context.get("listing"))
    response = make_response(html, status)
    response.vary.update(("HX-Target", "HX-Boosted", "HX-Live", "Cookie"))
    if "HX-Live" in request.headers:
        if g.get("is_final"):
            response.headers["HX-Final"] = "1"
        response.add_etag(weak=True)
        response.make_conditional(request)
    return response


def _beside_a_region(listing: Listing | None) -> str:
    """Return what a swapped region brings along: messages, saved views, and the stream of the page's new URL."""
    if "HX-Live" in request.headers:
        return ""
    html = render_template("layouts/_flash.html", out_of_band=True) if get_flashed_messages() else ""
    if listing is not None and listing.saved:
        html += render_template("layouts/_saved.html", listing=listing, out_of_band=True)
    return html + (render_template("layouts/_live.html", out_of_band=True) if live_targets() else "")
