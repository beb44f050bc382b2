"""A graph as a file: SVG that stands alone, DOT, Mermaid, CSV."""

import re
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Final

from flask import Response, render_template

from app.lineage.graph.draw.model import Links
from app.lineage.graph.draw.picture import drawn
from app.lineage.graph.draw.words import stamp
from app.lineage.graph.export import dot, mermaid, table
from app.lineage.graph.model import Subgraph
from app.resource import resource

FORMATS: Final = ("svg", "dot", "mermaid", "csv")
ENDINGS: Final = {"mermaid": "mmd", "dot": "gv"}
TYPES: Final = {
    "svg": "image/svg+xml",
    "dot": "text/vnd.graphviz; charset=utf-8",
    "mermaid": "text/vnd.mermaid; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
}
USED: Final = re.compile(r'href="#([a-z0-9-]+)"')
SYMBOL: Final = re.compile(r'<symbol id="([^"]+)".*?</symbol>', re.DOTALL)


def exported(graph: Subgraph, form: str, links: Links, now: datetime) -> Response:
    """Answer the graph as a file of this form (one of FORMATS)."""
    made: dict[str, Callable[[Subgraph], str]] = {"dot": dot, "mermaid": mermaid, "csv": table}
    text = made[form](graph) if form in made else svg(graph, links, now)
    answer = Response(text, content_type=TYPES[form])
    how = "inline" if form == "svg" else "attachment"
    if form == "svg":
        digest = b64encode(sha256(colours().encode()).digest()).decode()
        answer.headers["Content-Security-Policy"] = f"default-src 'none'; style-src 'sha256-{digest}'"
    answer.headers["Content-Disposition"] = f'{how}; filename="lineage.{ENDINGS.get(form, form)}"'
    return answer


def svg(graph: Subgraph, links: Links, now: datetime) -> str:
    """Return the picture as a document of its own: with its colours, its icons, its address and the moment it shows."""
    picture = drawn(graph, links)
    moment = graph.question.as_of or now
    drawing = render_template("lineage/graph/_drawing.html", picture=picture)
    icons = [symbols()[name] for name in sorted({*USED.findall(drawing)} & symbols().keys())]
    return render_template(
        "lineage/graph/picture.svg",
        picture=picture,
        drawing=Drawing(drawing),
        icons=[Drawing(icon) for icon in icons],
        colours=Drawing(colours()),
        address=links.change(select=None),
        moment=stamp(moment),
    )


@cache
def colours() -> str:
    """Return the style sheet of a picture that stands alone."""
    return (resource("static") / "picture.css").read_text("utf-8")


@cache
def symbols() -> dict[str, str]:
    """Return the drawing of each icon of the sprite."""
    text = (resource("static") / "vendor" / "icons.svg").read_text("utf-8")
    return {found[1]: found[0] for found in SYMBOL.finditer(text)}


class Drawing:
    """SVG of our own making, put into a document as it is."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __html__(self) -> str:
        return self.text
