"""A subgraph as JSON tells it. Pure."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from app.lineage.graph.model import Column, ColumnLine, Line, Node, Subgraph


def told(graph: Subgraph, now: datetime) -> dict[str, Any]:
    """Return the answer of the API: plain values only; at job level times are UTC days.

    What a graph of two moments has, ``change`` of nodes and edges among it, stands only in the answer of such a one.
    """
    asked = graph.question
    by_day = asked.jobs in {"job", "hidden"}
    against = {"against": _time(asked.against, by_day=by_day)} if asked.against else {}
    return {
        "start": [str(token) for token in asked.start],
        "as_of": _time(asked.as_of or now, by_day=by_day),
        **against,
        "view": asked.view,
        "nodes": [_node(node) for node in graph.nodes.values()],
        "edges": [_line(line, by_day=by_day) for line in graph.lines],
        "column_edges": [_column_line(line) for line in graph.column_lines],
        "omitted": graph.omitted,
        "truncated": graph.truncated,
        "notes": graph.notes,
    }


def _node(node: Node) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": str(node.token),
        "kind": node.kind,
        "namespace": node.namespace,
        "name": node.name,
        "label": node.label,
        "distance": node.distance,
        "hidden_up": node.hidden_up,
        "hidden_down": node.hidden_down,
        "names": [{"namespace": namespace, "name": name} for namespace, name in node.names],
        "place": node.place,
        "platform": node.platform,
        "type": node.type,
        "state": node.state,
        "last_at": _time(node.last_at),
        "late": node.is_late,
        "quality": node.quality,
        "runs": node.runs,
        "marks": sorted(node.marks),
    }
    found |= _change(node.change)
    if node.was:
        found["was"] = node.was
    if node.of is not None:
        found["of"] = str(node.of)
    if node.columns:
        found |= {"columns": [_column(column) for column in node.columns], "columns_in_all": node.columns_in_all}
    return found


def _column(column: Column) -> dict[str, Any]:
    return {"name": column.name, "type": column.type, "in_schema": column.in_schema, "focused": column.focused}


def _line(line: Line, *, by_day: bool) -> dict[str, Any]:
    return {
        "from": str(line.source),
        "to": str(line.target),
        "evidence": line.evidence,
        "types": line.types,
        "runs": line.runs,
        "rows": line.rows,
        "bytes": line.bytes,
        "files": line.files,
        "first_seen": _time(line.first_seen, by_day=by_day),
        "last_seen": _time(line.last_seen, by_day=by_day),
        "running": line.running_since is not None,
        "running_since": _time(line.running_since),
        "condition": line.condition,
        **_change(line.change),
    }


def _column_line(line: ColumnLine) -> dict[str, Any]:
    return {
        "from": str(line.source),
        "from_column": line.source_column,
        "to": str(line.target),
        "to_column": line.target_column,
        "kinds": line.kinds.split(",") if line.kinds else [],
        "direct": line.is_direct,
        "masked": line.is_masked,
        **_change(line.change),
    }


def _change(word: str) -> dict[str, str]:
    return {"change": word} if word else {}


def _time(moment: datetime | None, *, by_day: bool = False) -> str | None:
    return None if moment is None else _written(moment, by_day)


@lru_cache(maxsize=2_000)
def _written(moment: datetime, by_day: bool) -> str:
    """Return a moment, or its UTC day; edges of one picture have few of them."""
    if by_day:
        return moment.astimezone(UTC).date().isoformat()
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
