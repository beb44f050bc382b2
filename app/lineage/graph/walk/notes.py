"""Sentences beside a graph: why a start stands alone, how far back history goes, that an answer is incomplete."""

from datetime import UTC, date
from typing import Final

from app.lineage.graph.model import Subgraph
from app.lineage.graph.walk.around import Key
from app.lineage.graph.walk.walk import Walk
from app.lineage.queries import graph_facts as queries
from app.lineage.queries.graph_sql import array

AS_IT_WAS: Final = "As it was at"


def notes(walk: Walk, found: Subgraph) -> list[str]:
    """Return what the viewer should know of this answer; at most one statement, and only for a start alone."""
    said = _history(walk)
    if walk.stopped:
        said.append(f"Incomplete: stopped at {len(found.nodes):,} nodes.")
    if not found.lines and all(distance == 0 for distance in walk.drawn.values()):
        said += _alone(walk, found)
    if found.omitted["max"]:
        more = f"{found.omitted['max']:,} more {'nodes' if found.omitted['max'] > 1 else 'node'} within reach"
        said.append(f"Not drawn: {more}, and what lies behind them: draw more nodes, walk one way, or start nearer.")
    if found.omitted["edges"]:
        said.append(f"{found.omitted['edges']:,} edges are not drawn: narrow the depth, the evidence or the direction.")
    return said


def absent(found: Subgraph) -> list[str]:
    """Return what was asked for by name and a finished graph does not show: the selected node, the focus column."""
    asked, said = found.question, []
    if asked.select is not None and asked.select not in found.nodes:
        said.append(f"The selected {asked.select.kind} is not in this picture: it lies further away or is hidden.")
    if asked.column is not None and asked.data != "column":
        said.append(f"Columns are not drawn here: choose Columns under Data to follow {asked.column[:60]}.")
    elif asked.column is not None:
        starts = [box for box in found.nodes.values() if box.distance == 0 and box.kind != "stub"]
        if not any(column.focused for box in starts for column in box.columns):
            said.append(f"No column of the start is called {asked.column[:60]}, as far as is known.")
    return said


def _history(walk: Walk) -> list[str]:
    asked, kept = walk.asked, walk.around.settings.kept_from
    by_day = asked.jobs in {"job", "hidden"}
    said = []
    if asked.as_of is not None:
        as_of = asked.as_of.astimezone(UTC)
        moment = f"the end of {_day(as_of.date())}" if by_day else f"{_day(as_of.date())} {as_of:%H:%M:%S}"
        said.append(f"{AS_IT_WAS} {moment} UTC; owners, descriptions and tags are today's.")
    first = kept.get("edges" if by_day else "runs")
    back_to = walk.around.period.first if asked.view != "ever" and by_day else walk.around.period.last
    if first is not None and back_to < first and (asked.as_of is not None or asked.view == "window"):
        rest = "are told by month" if by_day else "are no longer kept"
        said.append(f"The first day kept whole is {_day(first)}; {'days' if by_day else 'runs'} before it {rest}.")
    return said


def _alone(walk: Walk, found: Subgraph) -> list[str]:
    said = []
    beside = sum(box.hidden_up + box.hidden_down for box in found.nodes.values())
    if beside:
        return [f"Nothing lies in this direction; {beside:,} on the other side."]
    if found.omitted.get("noise"):
        said.append(f"Hidden as noise: {found.omitted['noise']:,}.")
    if found.omitted.get("evidence"):
        said.append(f"Hidden by the choice of evidence: {found.omitted['evidence']:,}.")
    if found.omitted.get("hidden"):
        said.append(f"Hidden one by one: {found.omitted['hidden']:,}.")
    if not said:
        ever = any(_was_used(walk, kind, of) for kind, of in (("j", "job_id"), ("d", "dataset_id")))
        said.append("No runs in this view." if ever else "No run ever told of inputs or outputs here.")
    return said


def _was_used(walk: Walk, kind: str, of: str) -> bool:
    nodes: list[Key] = [node for node in walk.drawn if (node[0] == "j") == (kind == "j")]
    ids = [id_ for node in nodes for id_ in walk.around.names.members(node)]
    if not ids:
        return False
    params = {"realm_id": walk.around.realm_id, "ids": array(ids, walk.around.dialect)}
    return walk.around.session.execute(queries.ever(walk.around.dialect, of), params).first() is not None


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
