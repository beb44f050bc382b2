"""Lineage: what jobs read and write, told by OpenLineage events."""

from flask import Flask

from app.web.capabilities import capability

capability("lineage.read", "realm", "Events, datasets, jobs of OpenLineage and what connects them.")
capability("lineage.write", "realm", "Sending events, taking files in, merging and annotating.")


def init(app: Flask) -> None:
    """Load the models; register the API, pages, navigation and kinds."""
    from importlib import import_module
    from importlib.util import find_spec

    for name in ("models", "known", "listening", "api", "marquez", "views", "live"):
        if find_spec(f"app.lineage.{name}") is not None:
            start = getattr(import_module(f"app.lineage.{name}"), "init", None)
            if start is not None:
                start(app)
