"""Boxes of a picture: how large, where, what they say and where their links lead. Pure."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from math import ceil
from typing import Final

from app.lineage.graph.draw.model import Layout, Links, Place, Size
from app.lineage.graph.draw.path import Path, starts
from app.lineage.graph.draw.text import clean, fitting, starting, width
from app.lineage.graph.draw.words import Mark, marks, short, title, tone, under
from app.lineage.graph.model import Column, Node, Subgraph, Token

NAME, UNDER, ROW = 12.5, 11.0, 11.5
TALL, SMALL, STUB, ROW_HEIGHT = 46, 40, 28, 20
NARROWEST, WIDEST = 116, 260
BEFORE, AFTER, ROUND = 34, 16, 6
MARK: Final = 17
OVER: Final = 4
BETWEEN: Final = " · "
LEAST: Final = 3
LESS: Final = "−"
LETTERS: Final = 6
MOST_MORE: Final = 50
MOST_NODES: Final = 250


@dataclass(frozen=True, slots=True)
class Side:
    """The pill on a side of a box: adds what is not drawn there yet (``+12``), or takes it away again (``−``)."""

    side: str
    text: str
    title: str
    href: str
    x: int
    y: int
    width: int


@dataclass(frozen=True, slots=True)
class Row:
    """A column in a box; ``y`` is its middle, measured from the top of the box."""

    name: str
    text: str
    type: str
    title: str
    href: str
    y: int
    is_on: bool


@dataclass(frozen=True, slots=True)
class Box:
    """A node as drawn; ``number`` is its place in the order of focus."""

    token: Token
    number: int
    kind: str
    css: str
    icon: str
    place: Place
    rx: int
    title: str
    name: str
    under: str
    href: str | None
    head: int
    marks: tuple[Mark, ...] = ()
    sides: tuple[Side, ...] = ()
    rows: tuple[Row, ...] = ()
    more: str = ""
    is_on: bool = True

    @property
    def version(self) -> str:
        """Return six letters for what is written in the box; boxes that say the same have the same.

        Empty where a link of it is none that its node alone decides.
        """
        if self.rows or self.kind == "stub" or "select" in self.css or any(each.text == LESS for each in self.sides):
            return ""
        sides = [(each.side, each.text, each.title, each.x, each.y) for each in self.sides]
        said = (
            self.token,
            self.kind,
            self.icon,
            self.place.width,
            self.title,
            self.name,
            self.under,
            self.marks,
            sides,
        )
        digest = blake2b(repr(said).encode("utf-8", "replace"), digest_size=6).digest()
        return urlsafe_b64encode(digest).decode()[:LETTERS]

    def port(self, side: str, column: str | None = None) -> tuple[float, float]:
        """Return where a line begins (``down``) or ends (``up``): beside the row of a column, else beside the head."""
        row = next((row for row in self.rows if row.name == column), None) if column is not None else None
        edge = self.place.right if side == "down" else self.place.x
        pill = 0 if row else max((each.width - OVER for each in self.sides if each.side == side), default=0)
        height = row.y if row else self.head / 2
        return edge + (pill if side == "down" else -pill), self.place.y + height


def sizes_of(graph: Subgraph) -> dict[Token, Size]:
    """Return the size of each node's box; what is written in it decides."""
    return {token: Size(str(token), node.distance, _width(node), _height(node)) for token, node in graph.nodes.items()}


def boxes_of(graph: Subgraph, layout: Layout, path: Path | None, links: Links) -> list[Box]:
    """Return the boxes by layer, in a layer from top to bottom."""
    drawing = _Drawing(graph, path, links)
    nodes = sorted(
        graph.nodes.values(), key=lambda node: (layout.places[str(node.token)].x, layout.places[str(node.token)].y)
    )
    return [drawing.box(node, layout.places[str(node.token)], number) for number, node in enumerate(nodes)]


def _head(node: Node) -> int:
    return {"run": SMALL, "operation": SMALL, "stub": STUB}.get(node.kind, TALL)


def _height(node: Node) -> int:
    rows = len(node.columns)
    return _head(node) + (rows * ROW_HEIGHT + (ROW_HEIGHT if _more(node) else 0) + ROUND if rows else 0)


def _width(node: Node) -> int:
    if node.kind == "stub":
        return ceil(max(width(clean(short(node)), UNDER) + 34, 72))
    name = width(clean(short(node)), NAME)
    before, place = under(node)
    second = min(width(clean(before), UNDER), 110) + min(width(clean(place), UNDER), 100) + MARK * len(marks(node))
    second += width(BETWEEN, UNDER) if before else 0
    rows = max(
        (width(clean(each.name), ROW) + width(clean(each.type or ""), 10) + 18 for each in node.columns), default=0
    )
    return ceil(min(max(name + BEFORE + AFTER, second + BEFORE + AFTER, rows + 24, NARROWEST), WIDEST))


def _under(node: Node, room: float) -> str:
    """Return the second line: its first part whole if it can be, of the second what there is room for."""
    if node.kind == "stub":
        return ""
    before, place = under(node)
    if not before:
        return starting(place, UNDER, room)
    first = fitting(before, UNDER, room * 0.7 if width(clean(place), UNDER) > room * 0.3 else room)
    rest = starting(place, UNDER, room - width(first + BETWEEN, UNDER))
    return f"{first}{BETWEEN}{rest}" if len(rest) > LEAST else fitting(before, UNDER, room)


def _more(node: Node) -> str:
    drawn = len(node.columns)
    return f"{drawn} of {node.columns_in_all}" if drawn and node.columns_in_all > drawn else ""


@dataclass(frozen=True, slots=True)
class _Drawing:
    graph: Subgraph
    path: Path | None
    links: Links
    opened: frozenset[tuple[Token, str]] = field(init=False)
    starts: frozenset[Token] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "opened", frozenset(self.graph.question.opened))
        object.__setattr__(self, "starts", frozenset(starts(self.graph)))

    def box(self, node: Node, place: Place, number: int) -> Box:
        is_on = self.path is None or node.token in self.path.nodes
        found = marks(node)
        room = place.width - BEFORE - AFTER
        return Box(
            node.token,
            number,
            node.kind,
            self._css(node, is_on=is_on),
            node.platform,
            place,
            _head(node) // 2 if node.kind in ("job", "run", "stub") else 5,
            title(node),
            fitting(short(node), UNDER if node.kind == "stub" else NAME, room + (12 if node.kind == "stub" else 0)),
            _under(node, room - MARK * len(found)),
            self._href(node),
            _head(node),
            tuple(
                replace(each, x=round(place.width - AFTER + 4 - MARK * (len(found) - at)))
                for at, each in enumerate(found)
            ),
            tuple(side for way in ("up", "down") if (side := self._side(node, place, way)) is not None),
            tuple(self._row(node, place, column, at) for at, column in enumerate(node.columns)),
            _more(node),
            is_on,
        )

    def _css(self, node: Node, *, is_on: bool) -> str:
        asked = self.graph.question
        words = ["node", node.kind, tone(node), node.change]
        words += ["start"] if node.token in self.starts else []
        words += ["select"] if node.token == asked.select else []
        return " ".join(word for word in (*words, "" if is_on else "dim") if word)

    def _href(self, node: Node) -> str | None:
        asked = self.graph.question
        if node.kind == "stub":
            is_full = asked.max >= MOST_NODES
            return self.links.page(node) if is_full else self.links.change(max=min(asked.max + MOST_MORE, MOST_NODES))
        if node.token == asked.select:
            return self.links.page(node) or self.links.change(select=None)
        return self.links.change(select=node.token)

    def _side(self, node: Node, place: Place, way: str) -> Side | None:
        number = node.hidden_up if way == "up" else node.hidden_down
        is_open = (node.token, way) in self.opened
        if node.kind == "stub" or not (number > 0 or is_open):
            return None
        opened = self.graph.question.opened
        text = f"+{number}" if number > 0 and not is_open else LESS
        after = tuple(each for each in opened if each != (node.token, way)) if is_open else (*opened, (node.token, way))
        words = f"Show {number} more" if not is_open else "Hide what was opened"
        size = round(11 + 6.6 * len(text))
        name = clean(short(node), 80)
        return Side(
            way,
            text,
            f"{words} {'upstream' if way == 'up' else 'downstream'} of {name}",
            self.links.change(opened=after, select=None),
            round(OVER - size / 2 if way == "up" else place.width + size / 2 - OVER),
            _head(node) // 2,
            size,
        )

    def _row(self, node: Node, place: Place, column: Column, at: int) -> Row:
        kind = fitting(column.type or "", 10, 84)
        words = [clean(column.name), clean(column.type or ""), "" if column.in_schema else "not in the schema"]
        return Row(
            column.name,
            fitting(column.name, ROW, place.width - 30 - width(kind, 10)),
            kind,
            ", ".join(word for word in words if word),
            self.links.change(start=(node.token,), column=column.name, select=None, opened=(), data="column"),
            _head(node) + at * ROW_HEIGHT + ROW_HEIGHT // 2,
            self.path is None or (node.token, column.name) in self.path.columns,
        )
