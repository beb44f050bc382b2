"""Markdown of strangers as safe HTML."""

import nh3
from flask import Flask
from markdown_it import MarkdownIt
from markupsafe import Markup

LONGEST = 50_000
TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a"),
    *("h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"),
}
HEADS = {"h1": "h3", "h2": "h4"}
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])


def prose(text: str | None) -> Markup:
    """Return Markdown as HTML: no raw HTML, no images, links of http, https and mailto only, headings from h3 down."""
    tokens = _MARKDOWN.parse((text or "")[:LONGEST])
    for token in tokens:
        token.tag = HEADS.get(token.tag, token.tag)
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    safe = nh3.clean(html, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"})
    return Markup(safe)  # noqa: S704 - nh3 has just cleaned it


def init(app: Flask) -> None:
    """Give the filter ``prose`` to every template."""
    app.jinja_env.filters["prose"] = prose
