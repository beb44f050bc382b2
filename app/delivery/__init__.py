"""Delivery: changes are sent to those who asked for them, and work is done that no request waits for."""

from flask import Flask

from app.web.capabilities import capability

capability("delivery.write", "realm", "Hooks: who is sent which changes; deliveries, repeated and cancelled.")


def init(app: Flask) -> None:
    """Load the models; register pages, API, navigation and kinds."""
    from importlib import import_module
    from importlib.util import find_spec

    for name in ("models", "retention", "api", "views", "live"):
        if find_spec(f"app.delivery.{name}") is not None:
            start = getattr(import_module(f"app.delivery.{name}"), "init", None)
            if start is not None:
                start(app)
