"""Lines of a picture: smooth curves from box to box, each with its style and its words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from app.lineage.graph.draw.boxes import Box
from app.lineage.graph.draw.model import Layout, Point
from app.lineage.graph.draw.path import Path
from app.lineage.graph.draw.text import clean
from app.lineage.graph.model import ColumnLine, Line, Subgraph, Token

STYLES: Final = {
    "explicit": "direct",
    "column": "direct",
    "operation": "direct",
    "declared": "declared",
    "possible": "possible",
    "renamed": "renamed",
    "control": "control",
}
USUAL: Final = "operation"
BEND: Final = 46


@dataclass(frozen=True, slots=True)
class Curve:
    """A line as drawn: ``d`` of an SVG path; ``ends`` are the numbers of its boxes; ``lock`` is where a lock stands."""

    d: str
    css: str
    title: str
    ends: str
    is_on: bool = False
    lock: tuple[int, int] | None = None


def curves(graph: Subgraph, boxes: Mapping[Token, Box], layout: Layout, path: Path | None) -> list[Curve]:
    """Return the lines in the order of the subgraph; at column level those between columns take their place."""
    spoken = {(line.source, line.target) for line in graph.column_lines}
    lines = [line for line in graph.lines if (line.source, line.target) not in spoken]
    found = [_curve(line, boxes, layout, path) for line in lines if {line.source, line.target} <= boxes.keys()]
    columns = [line for line in graph.column_lines if {line.source, line.target} <= boxes.keys()]
    found += [_column(line, boxes, layout, path) for line in columns]
    return found + [_hanging(boxes[one], boxes[other], layout) for one, other in stubs(graph)]


def stubs(graph: Subgraph) -> list[tuple[Token, Token]]:
    """Return the pairs of a stub and the node it hangs on that no line joins, in the direction of the data."""
    joined = {(line.source, line.target) for line in graph.lines}
    found = []
    for node in graph.nodes.values():
        if node.kind == "stub" and node.of in graph.nodes:
            pair = (node.of, node.token) if node.distance > graph.nodes[node.of].distance else (node.token, node.of)
            found += [pair] if pair not in joined else []
    return found


def _curve(line: Line, boxes: Mapping[Token, Box], layout: Layout, path: Path | None) -> Curve:
    one, other = boxes[line.source], boxes[line.target]
    is_on = path is not None and {line.source, line.target} <= path.nodes
    style = "running" if line.running_since else STYLES.get(line.evidence, "direct")
    css = f"{style}{f' {line.change}' if line.change else ''}{'' if is_on or path is None else ' dim'}"
    return Curve(_route(one, other, layout), css, words(line), f"{one.number} {other.number}", is_on)


def _column(line: ColumnLine, boxes: Mapping[Token, Box], layout: Layout, path: Path | None) -> Curve:
    one, other = boxes[line.source], boxes[line.target]
    ends = {(line.source, line.source_column), (line.target, line.target_column)}
    is_on = path is not None and all((token, name) in path.columns for token, name in ends if name is not None)
    style = f"column {'direct' if line.is_direct else 'control'}{f' {line.change}' if line.change else ''}"
    css = f"{style}{'' if is_on or path is None else ' dim'}"
    names = f"{line.source_column or 'the dataset'} → {line.target_column or 'the dataset'}"
    said = [
        clean(names, 160),
        clean(line.kinds),
        "" if line.is_direct else "indirect",
        "masked" if line.is_masked else "",
    ]
    start, end = one.port("down", line.source_column), other.port("up", line.target_column)
    lock = (round((start[0] + end[0]) / 2 - 6), round((start[1] + end[1]) / 2 - 6)) if line.is_masked else None
    title = ", ".join(word for word in said if word)
    d = _route(one, other, layout, line.source_column, line.target_column)
    return Curve(d, css, title, f"{one.number} {other.number}", is_on, lock)


def _hanging(one: Box, other: Box, layout: Layout) -> Curve:
    return Curve(_route(one, other, layout), "possible", "not drawn", f"{one.number} {other.number}")


def _route(one: Box, other: Box, layout: Layout, out: str | None = None, into: str | None = None) -> str:
    """Return the curve: beside a layer it bows out, over layers it follows the layout, else it is one smooth bend."""
    if one.place.x == other.place.x:
        (x, y), (_, below) = one.port("down", out), other.port("down", into)
        return _path([(x, y), (x + BEND, y), (x + BEND, below), (x, below)])
    if one.place.x > other.place.x:
        start, end = one.port("up", out), other.port("down", into)
        found = layout.routes.get((str(other.token), str(one.token)), [])[::-1]
        return _path(_bent(start, end, found, -1))
    start, end = one.port("down", out), other.port("up", into)
    return _path(_bent(start, end, layout.routes.get((str(one.token), str(other.token)), []), 1))


def _bent(start: Point, end: Point, points: Sequence[Point], way: int) -> list[Point]:
    reach = max(abs(end[0] - start[0]) / 2, 24) if not points else BEND
    if len(points) < 4:  # noqa: PLR2004 - one curve has four points
        return [start, (start[0] + way * reach, start[1]), (end[0] - way * reach, end[1]), end]
    first, last = (start[0] + way * reach, start[1]), (end[0] - way * reach, end[1])
    return [start, first, *points[2:-2], last, end]


def _path(points: Sequence[Point]) -> str:
    texts = [f"{x:.0f} {y:.0f}" for x, y in points]
    return f"M{texts[0]}C{' '.join(texts[1:])}"


def words(line: Line) -> str:
    """Return what is known of a line: types, evidence, counters, when it was seen, its condition."""
    counts = ((line.runs, "run"), (line.rows, "row"), (line.bytes, "byte"), (line.files, "file"))
    said = [
        ", ".join(clean(kind, 40).lower() for kind in line.types),
        f"known by {line.evidence}" if line.evidence != USUAL else "",
    ]
    said += [f"{number:,} {word if number == 1 else word + 's'}" for number, word in counts if number]
    said += [f"running since {_minute(line.running_since)}"] if line.running_since else []
    said += [_seen(line)] if line.last_seen and not line.running_since else []
    return " · ".join(word for word in (line.change, *said, clean(line.condition or "", 120)) if word)


def _seen(line: Line) -> str:
    first, last = _day(line.first_seen), _day(line.last_seen)
    return f"seen {last}" if first in ("", last) else f"seen {first} to {last}"


def _day(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d}" if moment else ""


def _minute(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%H:%M}" if moment else ""
