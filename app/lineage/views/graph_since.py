"""The one line of a graph's page that keeps itself true: how much changed since the picture was drawn."""

from flask import g, request
from flask.typing import ResponseReturnValue

from app.db import db, utcnow
from app.lineage.graph.ask import question
from app.lineage.graph.model import Subgraph
from app.lineage.graph.subgraph import subgraph
from app.lineage.reads.since import changed
from app.web.live import about, final, live_region, live_view
from app.web.page import page

OWN = ("as", "format", "find")


def init() -> None:
    """Register the region; the picture itself is not live."""
    live_region("graph_since", "graph.index", "since")
    live_view("graph.index", line)


def line() -> ResponseReturnValue:
    """Render the line alone: it changes with every dataset and job drawn, and with every run of theirs."""
    asked = question(request.args, utcnow(), also=OWN)
    return page("lineage/graph/show.html", since=told(subgraph(db.session(), g.realm.id, asked, utcnow())))


def told(graph: Subgraph) -> list[int]:
    """Return the newest changes among the nodes of a graph, none for one of the past; two statements."""
    if graph.question.as_of is not None:
        final()
        return []
    mine: dict[str, set[int]] = {"dataset": set(), "job": set()}
    for node in graph.nodes.values():
        if node.kind in {"dataset", "group", "job"}:
            mine["job" if node.kind == "job" else "dataset"].update(node.members)
    for kind, ids in mine.items():
        for id_ in sorted(ids):
            about(kind, id_)
    return changed(db.session(), mine["dataset"], mine["job"])
