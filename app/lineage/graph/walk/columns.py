"""The column graph: boxes of datasets list columns, lines join columns; the focused column's path is marked."""

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from app.lineage.graph.model import Column, ColumnLine, Subgraph, Token
from app.lineage.graph.steps import reached, steps
from app.lineage.graph.walk.around import Around, Key
from app.lineage.queries import graph_columns as queries
from app.lineage.queries.graph_sql import array
from app.lineage.schema_fields import flatten

MOST_COLUMNS: Final = 30
End = tuple[Token, str]


def add_columns(around: Around, graph: Subgraph, drawn: Iterable[Key]) -> None:
    """Add columns and the lines between them to a graph of datasets; two statements.

    A box lists the columns that lie on a line, the focused path first, at most 30; a box without any is marked
    ``no_columns``.
    """
    data = [key for key in drawn if key[0] in "dg"]
    ids = sorted({id_ for key in data for id_ in graph.nodes[around.names.token(key)].members})
    graph.column_lines = _lines(around, graph, ids)
    focused = _path(graph) if graph.question.column is not None else set()
    schemas = _schemas(around, ids)
    on_line = _on_line(graph.column_lines)
    spoken = {token for line in graph.column_lines for token in (line.source, line.target)}
    for key in data:
        box = graph.nodes[around.names.token(key)]
        fields = next((schemas[id_] for id_ in box.members if id_ in schemas), {})
        known = {**fields, **on_line[box.token]}
        wanted = {name: None for token, name in sorted(focused) if token == box.token and name in known}
        wanted |= {name: None for name in fields if name in on_line[box.token]} | on_line[box.token]
        if box.distance == 0:
            wanted |= dict.fromkeys(fields)
        box.columns = [
            Column(name, fields.get(name), not fields or name in fields, (box.token, name) in focused)
            for name in list(wanted)[:MOST_COLUMNS]
        ]
        box.columns_in_all = len(known)
        if box.token not in spoken:
            box.marks |= {"no_columns"}
    _within_boxes(graph)


def _on_line(lines: Iterable[ColumnLine]) -> dict[Token, dict[str, None]]:
    """Return the columns of each box that a line touches, in the order of the lines."""
    found: dict[Token, dict[str, None]] = defaultdict(dict)
    for line in lines:
        for token, name in ((line.source, line.source_column), (line.target, line.target_column)):
            if name is not None:
                found[token][name] = None
    return found


def _lines(around: Around, graph: Subgraph, ids: list[int]) -> list[ColumnLine]:
    period = around.period
    params = {"realm_id": around.realm_id, "ids": array(ids, around.dialect), "as_of": period.as_of}
    params |= {"since": period.since, "first": period.first, "last": period.last}
    home = {id_: box.token for box in graph.nodes.values() if box.kind in {"dataset", "group"} for id_ in box.members}
    found: dict[tuple[Token, str | None, Token, str | None], set[str]] = defaultdict(set)
    rows = around.session.execute(queries.lines(around.dialect, graph.question.view), params).all()
    if len(rows) == queries.MOST:
        graph.notes.append(f"Incomplete: only the first {queries.MOST:,} column edges are looked at.")
    for row in rows:
        source, target = home.get(row.source), home.get(row.target)
        if source is not None and target is not None and source != target:
            found[source, row.source_column or None, target, row.target_column or None].update(row.kinds.split(","))
    return [_line(ends, kinds - {""}) for ends, kinds in sorted(found.items(), key=lambda item: _text(item[0]))]


def _line(ends: tuple[Token, str | None, Token, str | None], kinds: set[str]) -> ColumnLine:
    items = [kind.split(":") for kind in kinds]
    is_direct = any(item[0] != "INDIRECT" for item in items) or not items
    is_masked = any(item[-1] == "MASKED" for item in items)
    return ColumnLine(*ends, ",".join(sorted(kinds)), is_direct=is_direct, is_masked=is_masked)


def _text(ends: tuple[Token, str | None, Token, str | None]) -> tuple[str, ...]:
    return tuple(str(end or "") for end in ends)


def _path(graph: Subgraph) -> set[End]:
    """Return the focused column and all columns before and after it."""
    name = graph.question.column or ""
    starts = {(box.token, name) for box in graph.nodes.values() if box.distance == 0 and box.kind != "stub"}
    down, up = steps(
        [
            ((line.source, line.source_column), (line.target, line.target_column))
            for line in graph.column_lines
            if line.source_column is not None and line.target_column is not None
        ]
    )
    return reached(starts, down) | reached(starts, up)


def _within_boxes(graph: Subgraph) -> None:
    """Let lines of columns that did not fit into a box end at the box."""
    listed = {(box.token, column.name) for box in graph.nodes.values() for column in box.columns}
    merged: dict[tuple[Token, str | None, Token, str | None], set[str]] = defaultdict(set)
    for line in graph.column_lines:
        source = line.source_column if (line.source, line.source_column) in listed else None
        target = line.target_column if (line.target, line.target_column) in listed else None
        merged[line.source, source, line.target, target].update(line.kinds.split(","))
    graph.column_lines = [
        _line(ends, kinds - {""}) for ends, kinds in sorted(merged.items(), key=lambda i: _text(i[0]))
    ]


def _schemas(around: Around, ids: list[int]) -> dict[int, dict[str, str | None]]:
    params = {"realm_id": around.realm_id, "ids": array(ids, around.dialect), "as_of": around.period.as_of}
    rows = around.session.execute(queries.schemas(around.dialect), params)
    return {row.dataset_id: {field.path: field.type for field in flatten(json.loads(row.fields))} for row in rows}
