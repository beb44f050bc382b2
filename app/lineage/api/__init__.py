"""What programs send to lineage and ask of it: one module for each way in or out."""

from flask import Flask

from app.lineage.api import annotate, arrived, batch, described, explore, export, find, graph, impact, lists, path, receive, sender


def init(app: Flask) -> None:
    """Register the routes."""
    for module in (receive, batch, arrived, explore, export, find, lists, annotate, graph, impact, path):
        app.register_blueprint(module.bp)
    described.init()
    app.extensions["headwater.banner"] = sender.banner
