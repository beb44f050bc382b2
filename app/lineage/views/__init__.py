"""Pages of lineage; each module offers ``bp``, and ``init`` for its navigation and kinds where it has any."""

from importlib import import_module

from flask import Flask

from app.lineage.reads.expected import in_words
from app.web.kinds import url_of

MODULES: tuple[str, ...] = (
    "home",
    "graph",
    "datasets",
    "unused",
    "dataset",
    "annotations",
    "archive",
    "column",
    "columns",
    "schemas",
    "storages",
    "locations",
    "search",
    "operations",
    "events",
    "rejections",
    "imports",
    "ingestion",
    "retention",
    "inspect",
    "impact",
    "path",
    "rules",
    "cause",
    "labels",
    "bulk",
)


def init(app: Flask) -> None:
    """Register the pages."""
    app.jinja_env.globals["url_of"] = url_of
    app.jinja_env.filters["expected"] = in_words
    for name in MODULES:
        module = import_module(f"app.lineage.views.{name}")
        app.register_blueprint(module.bp)
        start = getattr(module, "init", None)
        if start is not None:
            start(app)
