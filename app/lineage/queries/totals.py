"""Sums of counters that no reported number can overflow."""

from typing import Any, Final

from sqlalchemy import ColumnElement, case, func

# Engines report the greatest number there is for "not known", and SQLite refuses to add two of them.
MOST: Final = 2**53


def total(counter: Any) -> ColumnElement[Any]:
    """Sum a counter, each value counting as at most nine thousand million million."""
    return func.sum(case((counter > MOST, MOST), else_=counter))
