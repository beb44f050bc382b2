"""What the graph's page shows besides the picture: how much, what not, and the URLs of the questions next to it."""

from datetime import datetime, time
from typing import Any, Final
from urllib.parse import urlencode, urljoin

from flask import request, url_for

from app.lineage.graph import difference
from app.lineage.graph.ask import params
from app.lineage.graph.draw.boxes import LETTERS
from app.lineage.graph.draw.lines import words
from app.lineage.graph.draw.model import Links
from app.lineage.graph.draw.path import starts
from app.lineage.graph.draw.picture import drawn
from app.lineage.graph.model import EVIDENCE, MOST_NODES, Line, Node, Question, Subgraph, Token
from app.web.kinds import url_of

STEP: Final = 50
ANY: Final = Token("node", "~")
FEW: Final = 3
FILES: Final = ("svg", "dot", "mermaid", "csv", "json")
CARRIED: Final = {"start", "open", "hide", "select", "column"}
RARE: Final = ("evidence", "fold", "noise", "group", "max", "since", "until", "against")


def links(asked: Question, *, full: bool = False, also: tuple[tuple[str, str], ...] = ()) -> Links:
    """Return where a picture's links lead: to the same page (``full``: its whole address), or to a node's page."""
    base = url_for("graph.index", _external=True) if full else ""

    def change(**changes: Any) -> str:
        return f"{base}?{urlencode([*params(asked, **changes), *also], safe=':,')}"

    def page(node: Node) -> str | None:
        path = node_url(node)
        return urljoin(request.host_url, path) if path and full else path

    return Links(change, page)


def node_url(node: Node) -> str | None:
    """Return the page of a node, None where it has none; of "120 more" the list of all of them."""
    if node.kind == "stub":
        way = "up" if node.hidden_up else "down"
        return url_for("impact.index", start=str(node.of), direction=way, degree=1)
    return url_of(node.kind, node.entity_id)


def as_given(moment: datetime | None) -> str:
    """Return a moment as its parameter has it: a date where it is the end or the beginning of a day."""
    if moment is None:
        return ""
    whole = moment.time() in (time.max, time.min)
    return moment.date().isoformat() if whole else moment.isoformat().replace("+00:00", "Z")


class Shown:
    """What the page shows of a graph: its picture or its table, and the URLs of the questions next to it."""

    def __init__(self, graph: Subgraph, *, is_table: bool) -> None:
        self.graph = graph
        self.asked = graph.question
        self.is_table = is_table
        self.also = (("as", "table"),) if is_table else ()
        self.links = links(self.asked, also=self.also)
        self.picture = drawn(graph, self.links)

    @property
    def have(self) -> frozenset[str]:
        """Return the versions of boxes that the browser keeps from the picture before: six letters each."""
        given = request.headers.get("X-Have", "")
        return frozenset(given[at : at + LETTERS] for at in range(0, len(given), LETTERS))

    @property
    def any_links(self) -> tuple[str, str]:
        """Return where the face of any node and the side of any node lead; ``node:~`` and ``~`` stand for those."""
        opened = (*self.asked.opened, (ANY, "~"))
        return self.url(select=ANY), self.url(opened=opened, select=None)

    def url(self, **changes: Any) -> str:
        """Return the URL of this page with changes by field of Question."""
        return self.links.change(**changes)

    def file(self, form: str) -> str:
        """Return the URL of this graph as a file, or in its other form: ``picture`` or ``table``."""
        given = [("format", form)] if form in FILES else [("as", form)] if form != "picture" else []
        return f"?{urlencode([*params(self.asked), *given], safe=':,')}"

    @property
    def all(self) -> list[tuple[str, str]]:
        """Return every parameter of this page."""
        return [*params(self.asked), *self.also]

    @property
    def rare(self) -> int:
        """Return how many parameters behind the disclosure are not as usual."""
        return len({name for name, _ in params(self.asked) if name in RARE})

    @property
    def hidden(self) -> list[tuple[int, str, str | None]]:
        """Return what is not drawn: how many, why, and the URL that draws it."""
        asked = self.asked
        more = self.url(max=min(asked.max + STEP, MOST_NODES)) if asked.max < MOST_NODES else None
        known = {
            "noise": ("as noise", self.url(noise=True)),
            "evidence": ("known by less", self.url(evidence=frozenset(EVIDENCE))),
            "max": ("beyond the limit", more),
            "hidden": ("hidden by you", self.url(hide=frozenset())),
        }
        found = [(number, *known.get(why, (why, None))) for why, number in self.graph.omitted.items() if number]
        return [(number, text, url) for number, text, url in found]

    @property
    def differences(self) -> dict[str, int]:
        """Return how many nodes and lines came, went and changed since the moment it is compared with."""
        return difference.counts(self.graph)

    @property
    def nodes(self) -> list[Node]:
        """Return the nodes from the furthest upstream to the furthest downstream."""
        return sorted(self.graph.nodes.values(), key=lambda node: (node.distance, node.kind, node.label, node.token))

    def actions(self, node: Node) -> list[tuple[str, str, str]]:
        """Return what to do next with a node: words, icon, URL."""
        found = []
        if node.token not in self.asked.start and node.kind not in ("group", "stub"):
            found.append(
                ("Walk from here", "route", self.url(start=(node.token,), column=None, select=None, opened=()))
            )
        if node.kind in ("dataset", "job"):
            found.append(("Impact", "zap", url_for("impact.index", start=str(node.token))))
        if node.token not in self.asked.start:
            found.append(("Hide", "eye", self.url(hide=self.asked.hide | {node.token}, select=None)))
        return found

    def following(self, node: Node) -> list[tuple[str, str]]:
        """Return the parameters that follow a column of a dataset, but for its name."""
        return params(self.asked, start=(node.token,), column=None, select=None, opened=())

    def sides(self, node: Node) -> list[tuple[str, str]]:
        """Return the expanders of a node as words and URL."""
        box = next((box for box in self.picture.boxes if box.token == node.token), None)
        return [(f"{side.text} {side.side}", side.href) for side in (box.sides if box else ())]

    def words(self, line: Line) -> str:
        """Return what is known of a line."""
        return words(line)

    def node_url(self, node: Node) -> str | None:
        """Return the page of a node."""
        return node_url(node)

    def without(self, token: Token) -> str:
        """Return the URL with one start less."""
        return self.url(start=tuple(each for each in self.asked.start if each != token), column=None, select=None)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Return the parameters that no field of the form carries."""
        return [(name, value) for name, value in self.all if name in CARRIED or name == "as"]

    @property
    def starts(self) -> list[Node]:
        """Return the nodes the walk started from."""
        return [self.graph.nodes[token] for token in starts(self.graph)]

    @property
    def heading(self) -> str:
        """Return what the page is about."""
        names = [node.name or node.label for node in self.starts] or [str(token) for token in self.asked.start]
        return ", ".join(names[:FEW]) + (f" and {len(names) - FEW} more" if len(names) > FEW else "")

    @property
    def counts(self) -> list[tuple[str, int]]:
        """Return how many nodes of each kind are drawn, the most first."""
        found: dict[str, int] = {}
        for node in self.graph.nodes.values():
            if node.kind != "stub":
                found[node.kind] = found.get(node.kind, 0) + 1
        return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
