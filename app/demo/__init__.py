"""The story of a company, told in OpenLineage events; the events are made by pure code."""

from app.demo.load import load
from app.demo.story import events

__all__ = ["events", "load"]
