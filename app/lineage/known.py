"""The settings of a realm that lineage reads."""

from typing import Final

from flask import Flask

from app.lineage.forms import MOST_DAYS, MOST_RUNS
from app.realms.known import KnownKey, known_key

KEYS: Final = (
    ("LINEAGE_CURRENT_DAYS", "Days for which an edge of the graph counts as current after a run used it.", MOST_DAYS),
    ("LINEAGE_RAW_DAYS", "Days for which events are kept as they came in.", MOST_DAYS),
    ("LINEAGE_RUN_DAYS", "Days for which runs are kept.", MOST_DAYS),
    ("LINEAGE_RUN_COUNT", "How many runs of each job are kept whatever their age.", MOST_RUNS),
    ("EDGE_DAYS", "Days for which edges are kept day by day; older ones are summed up by month.", MOST_DAYS),
)


def init(app: Flask) -> None:
    """Say what they mean."""
    del app
    for name, words, most in KEYS:
        known_key(KnownKey(name, words, most=most))
