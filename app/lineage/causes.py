"""The first thing that went wrong upstream of something that is late or failed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from app.lineage.effects import effects, judged
from app.lineage.graph.model import Question, Token
from app.lineage.graph.reach.impact import Row

WORDS: Final = {"failed": "failed", "late": "is late", "error": "fails its checks"}


@dataclass(frozen=True, slots=True)
class Cause:
    """What was asked about, and what is bad upstream of it, what went wrong first in front."""

    start: Row
    bad: list[Row]
    truncated: bool

    @property
    def first(self) -> Row | None:
        """Return what went wrong first, None where nothing upstream is bad."""
        return self.bad[0] if self.bad else None


def cause_of(session: Session, realm_id: int, start: Token, now: datetime) -> Cause:
    """Return what is failed, late or fails its checks upstream of a node; NotFound for one the realm does not have.

    What went wrong first comes first: a run by its beginning, a late dataset by when it was due, then the nearest.
    """
    found = effects(session, realm_id, Question((start,), direction="up"), "both", now)
    judged(session, [*found.rows, *found.starts], now)
    bad = [row for row in found.rows if trouble(row)]
    bad.sort(key=lambda row: (began(row) or now, row.order))
    return Cause(found.starts[0], bad, found.reach.truncated)


def trouble(row: Row) -> str:
    """Return what is wrong with a node in words, empty when nothing is."""
    word = row.state if row.state in WORDS else "error" if row.quality == "error" else ""
    return WORDS.get(word, "")


def began(row: Row) -> datetime | None:
    """Return since when it is bad, as far as is known."""
    return row.since or row.last_at
