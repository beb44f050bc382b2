"""Pages by offset, which this API's clients expect; everything else in the house pages by keyset."""

from typing import Any

from sqlalchemy import func, select

from app.lineage.marquez.asked import FURTHEST, Ask
from app.web.keyset import Rows


def rows(ask: Ask, found: Rows) -> list[Any]:
    """Return the rows of the page that is asked for."""
    return list(ask.session.execute(found.limit(ask.limit).offset(ask.offset)))


def total(ask: Ask, found: Rows, *columns: Any) -> int:
    """Return how many rows there are, exact up to 10,000, which is the most it says."""
    seen = found.with_only_columns(*columns).order_by(None).limit(FURTHEST).subquery()
    return int(ask.session.scalar(select(func.count()).select_from(seen)) or 0)


def sliced(ask: Ask, found: list[Any]) -> list[Any]:
    """Return the page of a list that is short enough to be at hand whole."""
    return found[ask.offset : ask.offset + ask.limit]
