"""The read API of Marquez over our rows, at ``/api/marquez/api/v1``: one small module for each kind of thing."""

from flask import Flask


def init(app: Flask) -> None:
    """Register the routes."""
    from app.lineage.marquez import described, routes

    app.register_blueprint(routes.bp)
    described.init()
