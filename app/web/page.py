"""One URL, one answer: the whole page, or the region of it that was asked for."""

from typing import Any

from flask import Response, current_app, get_flashed_messages, make_response, render_template, request


def page(template: str, status: int = 200, *, regions: tuple[str, ...] = (), **context: Any) -> Response:
    """Render the template, or its sibling ``_<region>.html`` when htmx asks for one of ``regions``.

    ``results`` is a region of every page that has the partial; any other target gets the whole page.
    """
    target = request.headers.get("HX-Target", "").rpartition("#")[2]
    region = target.partition("-")[0]
    wanted = region in (*regions, "results") and "HX-Boosted" not in request.headers
    names = [f"{template.rpartition('/')[0]}/_{region}.html"] if wanted else []
    chosen = current_app.jinja_env.select_template([*names, template])
    html = render_template(chosen, **context)
    if chosen.name != template and get_flashed_messages():
        html += render_template("layouts/_flash.html", out_of_band=True)
    response = make_response(html, status)
    response.vary.update(("HX-Target", "HX-Boosted", "Cookie"))
    return response
