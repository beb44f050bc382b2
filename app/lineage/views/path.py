"""The path between two things: the shortest ways data takes from one to the other, as text and as a picture."""

from typing import Any
from urllib.parse import urlencode

from flask import Flask, g, request, url_for
from flask.typing import ResponseReturnValue

from app.db import db, utcnow
from app.lineage.graph.draw.model import Links
from app.lineage.graph.draw.picture import Picture, drawn
from app.lineage.graph.model import Subgraph
from app.lineage.views.graph_shown import node_url
from app.lineage.views.impact import begin, find
from app.lineage.ways import ENDS, ask, end, ways
from app.web.blueprints import realm_blueprint
from app.web.guard import needs
from app.web.nav import nav_item
from app.web.page import page

bp = realm_blueprint("path", __name__, "/lineage/path")


def init(app: Flask) -> None:
    """Register the navigation."""
    del app
    nav_item("Lineage", "Path", "path.index", ("lineage.read",), "route", 40)


@bp.get("")
@needs("lineage.read")
def index() -> ResponseReturnValue:
    """Show up to five shortest ways from one thing to another; with ``all=1`` everything on any way."""
    session, now = db.session(), utcnow()
    asked = ask(request.args, now, also=("q",))
    missing = [name for name, token in zip(ENDS, asked.ends, strict=True) if token is None]
    if missing:
        words = request.args.get("q", "").strip()
        known = [end(session, g.realm.id, asked, index, now) for index in (0, 1) if asked.ends[index] is not None]
        names = [around.names.named((spot.kind[0], spot.id)) for around, spot in known]
        given = begin(words, missing[0], asked.pairs())
        return page("lineage/path/start.html", found=find(session, words), missing=missing, names=names, **given)
    answer = ways(session, g.realm.id, asked, now)

    def url(**changes: str | None) -> str:
        return f"{request.path}?{urlencode(asked.pairs(**changes), safe=':,')}"

    return page("lineage/path/show.html", asked=asked, ways=answer, url=url, picture=picture(answer.picture))


def picture(graph: Subgraph) -> Picture | None:
    """Return the picture of a route, in which a box leads to its page; None where there is nothing to draw."""
    if not graph.lines:
        return None

    def change(**changes: Any) -> str:
        node = graph.nodes.get(changes.get("select") or next(iter(graph.nodes)))
        return (node_url(node) if node is not None else None) or url_for("graph.index")

    return drawn(graph, Links(change, node_url))
