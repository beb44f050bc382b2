"""What programs send to lineage and ask of it: one module for each way in or out."""

from importlib import import_module

from flask import Flask

MODULES: tuple[str, ...] = (
    "receive",
    "batch",
    "arrived",
    "explore",
    "find",
    "lists",
    "annotate",
    "catalogue",
    "graph",
    "impact",
    "path",
    "export",
    "metrics",
)


def init(app: Flask) -> None:
    """Register the routes, what is said of them, and how the server greets senders."""
    from app.lineage.api import described, sender

    for name in MODULES:
        app.register_blueprint(import_module(f"app.lineage.api.{name}").bp)
    described.init()
    app.extensions.setdefault("headwater.banners", []).append(sender.banner)
