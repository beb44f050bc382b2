"""What retention took away, in words for the pages that show what is left."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from app.lineage.models import Retention
from app.lineage.queries.retention import kept

SAID = {
    "events": "Events that came in before {day} are no longer kept.",
    "runs": "Runs and interactions before {day} are no longer kept, but for the newest of each job.",
    "edges": "Before {day}, what jobs read and wrote is known by month.",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """From which day on things of a kind are kept whole, and how many went before it in all."""

    kind: str
    kept_from: date
    removed: int

    @property
    def words(self) -> str:
        """Return it as pages say it, empty for a kind no page speaks of."""
        return SAID.get(self.kind, "").format(day=spoken(self.kept_from))


def spoken(day: date) -> str:
    """Return a day as people write it: 3 May 2026."""
    return f"{day.day} {day:%B %Y}"


def taken(session: Session) -> dict[str, Taken]:
    """Return what was taken in the realm of the session, by kind: one statement."""
    rows: list[Retention] = list(session.scalars(kept(session.info["realm_id"])))
    return {row.what: Taken(row.what, row.kept_from, row.removed) for row in rows if row.what in SAID}


def last_passes(session: Session) -> dict[str, Retention]:
    """Return the notes of all kinds, with when the last pass ran: one statement."""
    return {row.what: row for row in session.scalars(kept(session.info["realm_id"]))}
