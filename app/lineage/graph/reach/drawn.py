"""A route as a picture and as words: its nodes as boxes, its edges as lines."""

from app.lineage.graph.model import MOST_EDGES, Line, Node, Question, Subgraph
from app.lineage.graph.reach.onward import Spot, key_of
from app.lineage.graph.reach.route import Leg, Route
from app.lineage.graph.walk import nodes
from app.lineage.graph.walk.around import Around


def boxes_of(around: Around, spots: dict[Spot, int]) -> dict[Spot, Node]:
    """Return what is known of places, each at its distance; two statements."""
    made = nodes.Nodes(around).make({key_of(spot): distance for spot, distance in spots.items()})
    return {spot: made[key_of(spot)] for spot in spots}


def line_of(leg: Leg) -> Line:
    """Return an edge as the graph tells it."""
    return nodes.line_of(leg.source.token, leg.target.token, leg.evidence, leg.tally)


def picture_of(asked: Question, route: Route, boxes: dict[Spot, Node]) -> Subgraph:
    """Return the subgraph of a route; without a way it is empty."""
    ordered = sorted(boxes.values(), key=lambda box: (box.distance, box.name, box.namespace, box.token))
    lines = [line_of(leg) for leg in route.legs.values()]
    lines.sort(key=lambda line: (line.source, line.target))
    return Subgraph(asked, {box.token: box for box in ordered}, lines[:MOST_EDGES], truncated=route.truncated)
