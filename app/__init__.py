"""Headwater: lineage, capabilities, clusters and live job progress on one page set."""

from app.factory import create_app

__all__ = ["create_app"]
