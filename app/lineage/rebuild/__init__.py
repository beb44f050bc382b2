"""Recompute everything derived from the raw events and put right what differs."""

from app.lineage.rebuild.run import Report, rebuild

__all__ = ["Report", "rebuild"]
