"""The first thing that went wrong upstream of something that is late or failed, or inside of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from app.lineage.effects import effects, judged
from app.lineage.graph.model import Question, Token
from app.lineage.graph.reach.impact import Row, described
from app.lineage.graph.reach.onward import Spot
from app.lineage.queries import impact as queries

WORDS: Final = {"failed": "failed", "late": "is late", "error": "fails its checks"}
MOST_INSIDE: Final = 19


@dataclass(frozen=True, slots=True)
class Cause:
    """What was asked about, and what is bad upstream of it, what went wrong first in front.

    ``inside`` tells of a job that failed below another one which that is.
    """

    start: Row
    bad: list[Row]
    truncated: bool
    inside: dict[Spot, Row] = field(default_factory=dict)

    @property
    def first(self) -> Row | None:
        """Return what went wrong first, None where nothing upstream is bad."""
        return self.bad[0] if self.bad else None

    @property
    def way_from(self) -> Token | None:
        """Return where the way from the first trouble to the start begins; None where it lies inside the start."""
        first = self.first
        top = self.inside.get(first.spot, first) if first is not None else None
        return top.spot.token if top is not None and top.spot != self.start.spot else None


def cause_of(session: Session, realm_id: int, start: Token, now: datetime) -> Cause:
    """Return what is failed, late or fails its checks upstream of a node; NotFound for one the realm does not have.

    What failed below a job counts as well, and so does what is upstream of that where the job is the node itself. What
    went wrong first comes first: a run by its beginning, a late dataset by when it was due, then the nearest.
    """
    found = effects(session, realm_id, Question((start,), direction="up"), "both", now)
    inside = failing_below(session, found.starts)
    if inside:
        tokens = tuple(row.spot.token for row, _ in inside[:MOST_INSIDE])
        found = effects(session, realm_id, Question((start, *tokens), direction="up"), "both", now)
    judged(session, [*found.rows, *found.starts], now)
    inside += failing_below(session, found.rows)
    bad = {row.spot: row for row in (*found.rows, *(row for row, _ in inside)) if trouble(row)}
    ordered = sorted(bad.values(), key=lambda row: (began(row) or now, row.order))
    return Cause(found.starts[0], ordered, found.reach.truncated, {row.spot: top for row, top in inside})


def failing_below(session: Session, rows: Iterable[Row]) -> list[tuple[Row, Row]]:
    """Return the jobs that failed in the last runs of these jobs, each with that one; a few statements."""
    tops = {row.spot.id: row for row in rows if row.spot.kind == "job"}
    ids, found = sorted(tops), dict[int, tuple[Row, Row]]()
    for begin in range(0, len(ids), queries.AT_ONCE):
        for top, job in session.execute(queries.failed_below(ids[begin : begin + queries.AT_ONCE])):
            above = tops[top]
            found.setdefault(job, (Row(Spot("job", job), above.degree, above.datasets, above.spot), above))
    described(session, [row for row, _ in found.values()])
    return [pair for pair in found.values() if trouble(pair[0])]


def trouble(row: Row) -> str:
    """Return what is wrong with a node in words, empty when nothing is."""
    word = row.state if row.state in WORDS else "error" if row.quality == "error" else ""
    return WORDS.get(word, "")


def began(row: Row) -> datetime | None:
    """Return since when it is bad, as far as is known."""
    return row.since or row.last_at
