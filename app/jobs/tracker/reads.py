"""Events of runs with what became of them."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from app.jobs.models import JobConfiguration
from app.jobs.queries.sight import Sight
from app.jobs.reads.plans import known, known_all
from app.jobs.reads.tracked import Tracked
from app.jobs.tracker import queries
from app.jobs.tracker.answers import Nouns
from app.jobs.tracker.shapes import Planned, Told


def events_of(session: Session, run: int, before: int | None = None) -> tuple[list[Told], bool]:
    """Return the newest 500 events of a run in the order they came, and whether there are older ones: two statements.

    ``before`` is the sequence of an event: those that came earlier.
    """
    found = list(session.scalars(queries.events(run, before)))
    page = found[: queries.MOST][::-1]
    updated = session.scalars(queries.newest_of(run, [row.id for row in page])) if page else ()
    last = {row.updates: row for row in updated}
    return [Told(row, last.get(row.id, row)) for row in page], len(found) > queries.MOST


def planned(session: Session, row: JobConfiguration | None, nouns: Nouns) -> Planned | None:
    """Return a plan with its steps; at most one statement."""
    return Planned(row, known(session, row), nouns) if row is not None else None


def all_planned(session: Session, rows: Sequence[JobConfiguration], nouns: Nouns) -> dict[int, Planned]:
    """Return plans by their ids; at most one statement."""
    plans = known_all(session, list({row.id: row for row in rows}.values()))
    return {row.id: Planned(row, plans[row.id], nouns) for row in rows}


def hidden(session: Session, one: Tracked, sight: Sight) -> Mapping[str, frozenset[str]] | None:
    """Return the names of values by step that are kept from an account, None when it sees all."""
    if not sight.is_customer:
        return None
    if one.configuration is None:
        return {}
    steps = known(session, one.configuration).plan.steps
    return {step.tag: frozenset(value.name for value in step.metadata if value.private) for step in steps}
