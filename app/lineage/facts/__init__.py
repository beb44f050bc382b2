"""What the rows of a realm say, as plain values for comparison."""

from app.lineage.facts.full import full
from app.lineage.facts.sets import sets

SHAPES = {"sets": sets, "full": full}

__all__ = ["SHAPES", "full", "sets"]
