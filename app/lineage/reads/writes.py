"""The writes of a dataset over time, with those marked that fall out of the usual."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import quantiles
from typing import Any, Final

from sqlalchemy.orm import Session

from app.jobs.models import Job, Run
from app.lineage.models import Interaction
from app.lineage.queries import usage as queries

BEFORE: Final = 30
FEWEST: Final = 10
SPREAD: Final = 3
CHARTED: Final = 60


@dataclass(frozen=True, slots=True)
class Write:
    """One run writing the dataset."""

    interaction: Interaction
    run: Run
    job: Job

    @property
    def at(self) -> datetime:
        """Return when it began."""
        return self.interaction.started_at

    @property
    def seconds(self) -> float | None:
        """Return how long its run took, None while it runs."""
        if self.run.ended_at is None:
            return None
        return (self.run.ended_at - (self.run.started_at or self.run.began_at)).total_seconds()


@dataclass(frozen=True, slots=True)
class Point:
    """A write in the chart; ``odd`` says in words why it is out of the usual."""

    write: Write
    rows: int
    odd: str


def charted(session: Session, ids: Sequence[int]) -> list[Point]:
    """Return the newest 60 writes that told rows, oldest first; one statement, 90 rows."""
    select = (
        queries.writes(ids)
        .where(Interaction.num_rows.is_not(None))
        .order_by(Interaction.started_at.desc(), Interaction.id.desc())
        .limit(CHARTED + BEFORE)
    )
    found = [Write(*row) for row in session.execute(select)][::-1]
    values = [write.interaction.num_rows or 0 for write in found]
    points = [
        Point(write, value, oddness(values[max(0, place - BEFORE) : place], value))
        for place, (write, value) in enumerate(zip(found, values, strict=True))
    ]
    return points[-CHARTED:]


def oddness(before: Sequence[int], value: int) -> str:
    """Return why a number of rows is out of the usual after the up to 30 before it, empty when it is not.

    Outside Q1 - 3 IQR .. Q3 + 3 IQR of at least 10 earlier writes, or 0 where none of them was 0.
    """
    if len(before) < FEWEST:
        return ""
    if value == 0 and all(before):
        return "no rows for the first time"
    low, _, high = quantiles(before, n=4, method="inclusive")
    reach = SPREAD * (high - low)
    if value < low - reach:
        return "far fewer rows than usual"
    return "far more rows than usual" if value > high + reach else ""


def writes_of(rows: Sequence[Any]) -> list[Write]:
    """Return rows of (Interaction, Run, Job) as writes."""
    return [Write(*row) for row in rows]
