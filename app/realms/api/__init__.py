"""Realms for programs."""

from flask import Flask


def init(app: Flask) -> None:
    """Register the API and what is said about it."""
    from app.realms.api import access, blocking, grants

    for module in (grants, access, blocking):
        app.register_blueprint(module.bp)
