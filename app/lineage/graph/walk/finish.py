"""A finished walk as the value that pages, pictures and programs get: boxes, lines, counts and notes."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from app.lineage.graph.model import MOST_EDGES, Line, Node, Subgraph
from app.lineage.graph.walk.around import SIDES, Key, Tally, midnight
from app.lineage.graph.walk.columns import add_columns
from app.lineage.graph.walk.nodes import Nodes, line_of, stub
from app.lineage.graph.walk.notes import absent, notes
from app.lineage.graph.walk.walk import Walk
from app.lineage.graph.walk.weigh import DATA

Ends = tuple[Key, Key]


def finished(walk: Walk) -> Subgraph:
    """Return what a walk drew; its neighbours on both sides are loaded."""
    nodes = Nodes(walk.around)
    boxes = nodes.make(walk.drawn)
    lines = _lines(walk)
    both = _read_and_written(lines)
    _count(walk, boxes, lines, both)
    made = [_line(walk, boxes, ends, tally) for ends, tally in lines.items()]
    _run(walk, nodes, dict(zip(lines, made, strict=True)))
    _nearest_first(made, boxes)
    found = Subgraph(walk.asked, omitted=walk.omitted())
    ordered = sorted(boxes.values(), key=lambda box: (box.distance, box.name, box.namespace, box.token))
    found.nodes = {box.token: box for box in (*ordered, *_stubs(walk, boxes))}
    found.lines = sorted(made[:MOST_EDGES], key=lambda line: (line.source, line.target, line.evidence))
    found.omitted["edges"] = max(0, len(made) - MOST_EDGES)
    found.truncated = walk.stopped or bool(found.omitted["max"] or found.omitted["edges"])
    found.notes = notes(walk, found)
    if walk.asked.data == "column":
        add_columns(walk.around, found, walk.drawn)
    found.notes += absent(found)
    return found


def _lines(walk: Walk) -> dict[Ends, Tally]:
    found: dict[Ends, Tally] = {}
    hide = {node for node in walk.drawn if walk.drawn[node] and walk.around.names.token(node) in walk.asked.hide}
    for node in walk.drawn:
        for side in SIDES:
            for other, tally in walk.around.beside(node, side).items():
                if other not in walk.drawn or {node, other} & hide:
                    continue
                ends = (other, node) if side == "up" else (node, other)
                if ends not in found and walk.weigh.evidence(*ends, tally) is not None:
                    found[ends] = tally
    return found


def _read_and_written(lines: dict[Ends, Tally]) -> set[Key]:
    """Take away what a job reads of a dataset it also writes; returns the jobs and datasets of such pairs."""
    found: set[Key] = set()
    for source, target in list(lines):
        if source[0] in DATA and target[0] not in DATA and (target, source) in lines:
            read = lines.pop((source, target))
            written = lines[target, source]
            lines[target, source] = replace(
                written,
                evidence=set(written.evidence),
                types=written.types | read.types,
                last=max(written.last, read.last),
            )
            found |= {source, target}
    return found


def _count(walk: Walk, boxes: dict[Key, Node], lines: dict[Ends, Tally], both: set[Key]) -> None:
    for node, box in boxes.items():
        box.hidden_up = 0 if (node, "up") in walk.cut else walk.hidden(node, "up")
        box.hidden_down = 0 if (node, "down") in walk.cut else walk.hidden(node, "down")
        if node in both:
            box.marks |= {"reads_and_writes"}
        if box.kind == "job":
            beside = (tally for side in SIDES for tally in walk.around.beside(node, side).values())
            box.runs = max((tally.runs for tally in beside), default=0)
    if walk.asked.as_of is not None:
        _as_then(boxes, lines)


def _as_then(boxes: dict[Key, Node], lines: dict[Ends, Tally]) -> None:
    """Let datasets tell what was known of them at the moment asked; what is only known of today is left out."""
    for node, box in boxes.items():
        if node[0] not in DATA:
            continue
        mine = [tally for ends, tally in lines.items() if node in ends and tally.last > date.min]
        written = [tally for ends, tally in lines.items() if ends[1] == node and "operation" in tally.evidence]
        box.is_late, box.quality = False, "unknown"
        box.last_at = midnight(max((tally.last for tally in mine), default=date.min))
        newest = max(written, key=lambda tally: tally.last, default=None)
        if newest is not None and newest.types == {"DROP"}:
            box.marks |= {"dropped"}


def _line(walk: Walk, boxes: dict[Key, Node], ends: Ends, tally: Tally) -> Line:
    evidence = walk.weigh.evidence(*ends, tally) or "operation"
    return line_of(boxes[ends[0]].token, boxes[ends[1]].token, evidence, tally)


def _run(walk: Walk, nodes: Nodes, lines: dict[Ends, Line]) -> None:
    for (source, target), line in lines.items():
        for end in (source, target):
            if end[0] in "ro" and end in nodes.running:
                line.running_since = nodes.running[end]
    for job, dataset_id, direction in nodes.started():
        data = walk.around.names.key("d", dataset_id)
        if data is None:
            continue
        one = lines.get((job, data) if direction == "output" else (data, job)) or lines.get((job, data))
        if one is not None:
            one.running_since = nodes.running[job]


def _stubs(walk: Walk, boxes: dict[Key, Node]) -> Iterable[Node]:
    found = []
    for (node, side), cut in walk.cut.items():
        rest = len(cut - set(walk.drawn))
        if rest and node in boxes:
            found.append(stub(boxes[node], side, rest))
    return sorted(found, key=lambda box: box.token)


def _nearest_first(lines: list[Line], boxes: dict[Key, Node]) -> None:
    at = {box.token: abs(box.distance) for box in boxes.values()}
    lines.sort(key=lambda line: (min(at[line.source], at[line.target]), line.source, line.target))
