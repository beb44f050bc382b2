"""The way of events into the realm, as tests of lineage have it."""

from tests.lineage.conftest import intake, store

__all__ = ["intake", "store"]
