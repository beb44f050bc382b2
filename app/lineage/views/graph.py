"""The graph: what feeds a thing and what it feeds, as a picture, as a table, and as files."""

from typing import Final
from urllib.parse import urlencode

from flask import Flask, g, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from app.db import db, utcnow
from app.lineage.graph.answer import told
from app.lineage.graph.ask import question
from app.lineage.graph.subgraph import answered
from app.lineage.reads import attention
from app.lineage.reads.search import search
from app.lineage.views import graph_since
from app.lineage.views.graph_files import FORMATS, exported
from app.lineage.views.graph_panel import panel
from app.lineage.views.graph_shown import Shown, as_given, links
from app.lineage.views.graph_small import graph_of
from app.refusal import Problem, Refused
from app.web.blueprints import realm_blueprint
from app.web.guard import needs
from app.web.live import final
from app.web.nav import nav_item
from app.web.page import page

bp = realm_blueprint("graph", __name__, "/lineage/graph")
RECENT: Final = 8
LONGEST: Final = 200
OWN: Final = {"as": ("picture", "table"), "format": (*FORMATS, "json")}
FIND: Final = "find"


def init(app: Flask) -> None:
    """Register the navigation and what templates need to draw."""
    nav_item("Lineage", "Graph", "graph.index", ("lineage.read",), "git-fork", 20)
    graph_since.init()
    app.jinja_env.globals["graph_of"] = graph_of
    app.jinja_env.filters["as_given"] = as_given


@bp.get("")
@needs("lineage.read")
def index() -> ResponseReturnValue:
    """Draw what ``start`` is connected with; without a start, or with ``find``, offer things to start from."""
    find = request.args.get(FIND, "").strip()
    if find or not any(request.args.getlist("start")):
        return begin(find)
    session, now = db.session(), utcnow()
    how = {name: own(name, words) for name, words in OWN.items()}
    asked = question(request.args, now, also=(*OWN, FIND))
    graph = answered(session, g.realm.id, asked, now)
    if how["format"] == "json":
        return jsonify(told(graph, now))
    if how["format"]:
        return exported(graph, how["format"], links(asked, full=True), now)
    shown = Shown(graph, is_table=how["as"] == "table")
    regions = ("view", "picture")
    is_live = "HX-Live" in request.headers
    if asked.as_of is not None:
        final()
    since = graph_since.told(graph) if is_live else []
    beside = panel(session, shown.graph, now)
    answer = page("lineage/graph/show.html", regions=regions, shown=shown, panel=beside, since=since)
    answer.vary.add("X-Have")
    return answer


def begin(find: str) -> ResponseReturnValue:
    """Offer things to start from: those found by words, else datasets written lately."""
    if len(find) > LONGEST:
        raise Refused(Problem("too_long", f"Search for at most {LONGEST} characters.", FIND))
    final()
    session, now = db.session(), utcnow()
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in (FIND, "format") and value]
    return page(
        "lineage/graph/begin.html",
        find=find,
        found=search(session, find, kinds=("dataset", "job"), limit=12) if find else None,
        recent=[] if find else attention.recent(session, now, RECENT),
        kept=kept,
        start_url=lambda token: f"{url_for('graph.index')}?{urlencode([*kept, ('start', token)])}",
    )


def own(name: str, words: tuple[str, ...]) -> str:
    """Return a parameter of the page that is none of the question's; Refused when it has another value."""
    given = request.args.get(name, "")
    if given and given not in words:
        raise Refused(Problem(f"unknown_{name}", f"Use one of {', '.join(words)}.", name, given[:100]))
    return given
