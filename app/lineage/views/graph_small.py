"""The graph on pages of one thing: a picture of its surroundings, from which the graph is one step away."""

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from flask import g, url_for
from werkzeug.exceptions import NotFound

from app.db import db, utcnow
from app.jobs.reads.jobs import Opened as OpenedJob
from app.jobs.reads.runs import Opened as OpenedRun
from app.lineage.graph.ask import params
from app.lineage.graph.draw.model import Links
from app.lineage.graph.draw.picture import Picture, drawn
from app.lineage.graph.model import Question, Token
from app.lineage.graph.subgraph import subgraph
from app.lineage.views.graph_shown import node_url
from app.web.panels import Panel, panel

MOST: Final = 30


@dataclass(frozen=True, slots=True)
class Small:
    """A picture for another page, the URL of the graph that shows the same, and that of everything downstream."""

    picture: Picture
    url: str
    lines: int
    impact: str


def graph_of(kind: str, entity_id: object, depth: int = 1, **asked: Any) -> Small | None:
    """Return the picture around a thing, None where nothing is joined with it; ``asked`` are fields of Question.

    Nodes lead to their own pages, expanders to the graph. Runs the statements of the walk.
    """
    question = Question((Token(kind, str(entity_id)),), depth=depth, max=MOST, **asked)
    try:
        graph = subgraph(db.session(), g.realm.id, question, utcnow())
    except NotFound:
        return None
    base = url_for("graph.index")

    def change(**changes: Any) -> str:
        token: Token | None = changes.get("select")
        node = graph.nodes.get(token) if token is not None else None
        page = node_url(node) if node is not None else None
        return page or f"{base}?{urlencode(params(question, **({'max': 100} | changes)), safe=':,')}"

    impact = url_for("impact.index", start=f"{kind}:{entity_id}")
    return Small(drawn(graph, Links(change, node_url)), change(), len(graph.lines), impact) if graph.lines else None


@panel("job", "io")
def of_job(opened: OpenedJob) -> Panel | None:
    """Return the picture around a job."""
    return _panel(graph_of("job", opened.job.id))


@panel("run", "io")
def of_run(opened: OpenedRun) -> Panel | None:
    """Return the picture around a run."""
    return _panel(graph_of("run", opened.run.id, jobs="run"))


def _panel(small: Small | None) -> Panel | None:
    return Panel("Graph", "lineage/graph/_beside.html", {"small": small}) if small is not None else None
