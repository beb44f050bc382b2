"""Headwater: lineage, capabilities, clusters and live job progress on one page set."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application, as the factory makes it; what needs none, such as ``track``, does not load it."""
    from app.factory import create_app as make

    return make(settings)


__all__ = ["create_app"]
