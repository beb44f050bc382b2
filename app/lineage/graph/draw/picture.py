"""A picture of a subgraph as its template shows it: boxes, lines and links in the order they are read. Pure."""

from dataclasses import dataclass, field
from typing import Final

from app.lineage.graph.draw.boxes import Box, boxes_of, sizes_of
from app.lineage.graph.draw.layout import laid_out
from app.lineage.graph.draw.lines import Curve, curves, stubs
from app.lineage.graph.draw.model import Layout, Links
from app.lineage.graph.draw.path import chosen, starts
from app.lineage.graph.draw.text import clean
from app.lineage.graph.model import Subgraph

FEW: Final = 3
PLURALS: Final = {"dataset": "datasets", "job": "jobs", "run": "runs", "operation": "operations", "group": "groups"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn subgraph: size in pixels, boxes in order of focus, lines below them, those on the chosen path last."""

    width: int
    height: int
    title: str
    desc: str
    boxes: list[Box] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    is_faded: bool = False
    is_simple: bool = False

    @property
    def plain(self) -> list[Curve]:
        """Return the lines off the chosen path, all of them where nothing is chosen."""
        return [curve for curve in self.curves if not curve.is_on]

    @property
    def chosen(self) -> list[Curve]:
        """Return the lines on the chosen path."""
        return [curve for curve in self.curves if curve.is_on]


def drawn(graph: Subgraph, links: Links) -> Picture:
    """Return the picture of a subgraph; equal subgraphs give equal pictures."""
    sizes = sizes_of(graph)
    layout = laid_out(sizes.values(), _pairs(graph))
    path = chosen(graph)
    boxes = boxes_of(graph, layout, path, links)
    return Picture(
        round(layout.width),
        round(layout.height),
        title_of(graph),
        desc_of(graph, layout),
        boxes,
        curves(graph, {box.token: box for box in boxes}, layout, path),
        is_faded=path is not None,
        is_simple=layout.is_simple,
    )


def title_of(graph: Subgraph) -> str:
    """Return what the picture shows: ``Lineage of core.orders``."""
    names = [graph.nodes[token].name or graph.nodes[token].label for token in starts(graph)]
    return clean(f"Lineage of {', '.join(names[:FEW]) or 'nothing'}{' and more' if len(names) > FEW else ''}")


def desc_of(graph: Subgraph, layout: Layout) -> str:
    """Return the picture in a sentence, for those who cannot see it."""
    counts: dict[str, int] = {}
    for node in graph.nodes.values():
        if node.kind in PLURALS:
            counts[node.kind] = counts.get(node.kind, 0) + 1
    what = ", ".join(f"{number} {PLURALS[kind] if number != 1 else kind}" for kind, number in sorted(counts.items()))
    how = " Simple layout." if layout.is_simple else ""
    where = "What feeds the start is left of it, what it feeds is right."
    return f"{what or 'Nothing'}; {len(graph.lines)} lines. {where}{how}"


def _pairs(graph: Subgraph) -> list[tuple[str, str]]:
    """Return which boxes a line joins; a stub hangs on its node."""
    lines = [(str(line.source), str(line.target)) for line in graph.lines]
    columns = [(str(line.source), str(line.target)) for line in graph.column_lines]
    return lines + columns + [(str(one), str(other)) for one, other in stubs(graph)]
