"""Selects of the graph's rules, and of the names they are tried on."""

from typing import Final

from sqlalchemy import select

from app.lineage.models import Dataset, GraphRule
from app.web.keyset import Rows

MOST_NAMES: Final = 20_000


def rules() -> Rows:
    """Select the stored rules in the order they apply."""
    return select(GraphRule).order_by(GraphRule.kind, GraphRule.position, GraphRule.id)


def rule(rule_id: int) -> Rows:
    """Select one stored rule."""
    return select(GraphRule).where(GraphRule.id == rule_id)


def names() -> Rows:
    """Select (id, namespace, name) of canonical datasets, the newest first, one more than are looked at."""
    return (
        select(Dataset.id, Dataset.namespace, Dataset.name)
        .where(Dataset.alias_for_dataset_id.is_(None))
        .order_by(Dataset.id.desc())
        .limit(MOST_NAMES + 1)
    )
