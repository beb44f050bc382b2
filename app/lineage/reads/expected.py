"""Expectations as the rule of freshness reads them."""

from datetime import timedelta

from app.lineage.models import Expectation
from app.lineage.reads.freshness import Expected
from app.web.filters import duration


def expected_of(row: Expectation) -> Expected:
    """Return what a stored expectation says."""
    every = timedelta(seconds=row.every_s) if row.every_s is not None else None
    return Expected(row.set_at, every, row.by, row.zone, row.min_rows)


def newest(known: Expected | None, row: Expectation | None) -> Expected | None:
    """Return what was set last: names of one thing may each have brought an expectation."""
    if row is None or (known is not None and known.since >= row.set_at):
        return known
    return expected_of(row)


def in_words(row: Expectation) -> str:
    """Return an expectation in words: ``every 1 d, by 06:30 Europe/Berlin, at least 1,000 rows``."""
    parts = [f"every {duration(row.every_s)}"] if row.every_s is not None else []
    parts += [f"by {row.by} {row.zone or 'UTC'}"] if row.by else []
    parts += [f"at least {row.min_rows:,} rows"] if row.min_rows is not None else []
    return ", ".join(parts)
