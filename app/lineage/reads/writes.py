"""The writes of a dataset over time, with those marked that fall out of the usual."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import quantiles
from typing import Any, Final
from uuid import UUID

from sqlalchemy import literal, tuple_
from sqlalchemy.orm import Session

from app.jobs.models import Job, Run
from app.lineage.models import Interaction
from app.lineage.queries import usage as queries
from app.web.keyset import Rows

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


def charted(session: Session, ids: Sequence[int], least: int | None = None) -> list[Point]:
    """Return the newest 60 writes that told rows, oldest first; one statement, 90 rows. ``least`` rows are expected."""
    found = [Write(*row) for row in session.execute(_newest(ids).limit(CHARTED + BEFORE))][::-1]
    return judged([], found, least)[-CHARTED:]


def judged(before: Sequence[int], writes: Sequence[Write], least: int | None) -> list[Point]:
    """Return the writes that told rows as points, oldest first; ``before`` are the rows of those before them."""
    told = [(write, write.interaction.num_rows) for write in writes]
    known = [(write, rows) for write, rows in told if rows is not None]
    values = [*before, *(rows for _, rows in known)]
    return [
        Point(write, rows, oddness(values[max(0, place - BEFORE) : place], rows, least))
        for place, (write, rows) in enumerate(known, len(before))
    ]


def flagged(
    session: Session, ids: Sequence[int], page: Sequence[Write], points: Sequence[Point], least: int | None
) -> dict[UUID, str]:
    """Return by interaction why writes of a page are out of the usual; one statement for pages beyond the chart."""
    known = {point.write.interaction.id: point.odd for point in points}
    if all(write.interaction.num_rows is None or write.interaction.id in known for write in page):
        return known
    ordered = sorted(page, key=lambda write: (write.at, write.interaction.id.bytes))
    first = ordered[0].interaction
    place = tuple_(Interaction.started_at, Interaction.id) < tuple_(
        literal(first.started_at, Interaction.started_at.type), literal(first.id, Interaction.id.type)
    )
    rows = [row[0].num_rows for row in session.execute(_newest(ids).where(place).limit(BEFORE))][::-1]
    return {point.write.interaction.id: point.odd for point in judged(rows, ordered, least)}


def _newest(ids: Sequence[int]) -> Rows:
    return (
        queries.writes(ids)
        .where(Interaction.num_rows.is_not(None))
        .order_by(Interaction.started_at.desc(), Interaction.id.desc())
    )


def oddness(before: Sequence[int], value: int, least: int | None = None) -> str:
    """Return why a number of rows is out of the usual after the up to 30 before it, empty when it is not.

    Fewer than the ``least`` a person expects; 0 where none before was 0; outside Q1 - 3 IQR .. Q3 + 3 IQR of at least
    10 earlier writes, where the IQR counts as a hundredth of the median at least: after equal numbers one row more is
    no news.
    """
    if least is not None and value < least:
        return f"fewer rows than the {least:,} expected"
    if value == 0 and before and all(before):
        return "no rows for the first time"
    if len(before) < FEWEST:
        return ""
    low, median, high = quantiles(before, n=4, method="inclusive")
    reach = SPREAD * max(high - low, median / 100)
    if value < low - reach:
        return "far fewer rows than usual"
    return "far more rows than usual" if value > high + reach else ""


def writes_of(rows: Sequence[Any]) -> list[Write]:
    """Return rows of (Interaction, Run, Job) as writes."""
    return [Write(*row) for row in rows]
