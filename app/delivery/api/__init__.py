"""Hooks, deliveries and workers for programs."""

from flask import Flask


def init(app: Flask) -> None:
    """Register the API and what is said about it."""
    from app.delivery.api import callbacks, deliveries, described, hooks

    for module in (hooks, deliveries, callbacks):
        app.register_blueprint(module.bp)
    described.init()
