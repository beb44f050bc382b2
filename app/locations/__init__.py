"""Locations: the systems that hold data or run jobs."""

from flask import Flask


def init(_app: Flask) -> None:
    """Load the models; the pages are lineage's."""
    from app.locations import models  # noqa: F401
