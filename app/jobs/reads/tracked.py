"""A tracked run with what its next event needs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.jobs.models import Job, JobConfiguration, Run, RunTracking
from app.jobs.queries import tracking as queries
from app.jobs.queries.sight import TRACKED, Sight


@dataclass(frozen=True, slots=True)
class Tracked:
    """A run, its job, where its fold stands (None for runs of OpenLineage) and its configuration, if it has one.

    ``learned_at`` is when the history of its job last changed.
    """

    run: Run
    job: Job
    following: RunTracking | None
    configuration: JobConfiguration | None
    learned_at: datetime | None = None

    @property
    def major(self) -> str:
        """Return the major version of its plan, empty without one: what its history is kept under."""
        return self.configuration.major if self.configuration is not None else ""


def tracked(session: Session, condition: ColumnElement[bool]) -> Tracked | None:
    """Return the newest attempt that a condition of ``queries.tracking`` finds; one statement.

    In a transaction that writes nobody else can change it until that ends.
    """
    found = _of(session.execute(queries.tracked(condition, hold=_holds(session))).one_or_none())
    _bring_up(session, [found])
    return found


def numbered(session: Session, which: int | UUID) -> Tracked | None:
    """Return a run by number or id as ``tracked`` does."""
    select = queries.one(by_number=isinstance(which, int), hold=_holds(session))
    found = _of(session.execute(select, {"which": which}).one_or_none())
    _bring_up(session, [found])
    return found


def many_numbered(session: Session, numbers: Sequence[int]) -> list[Tracked]:
    """Return runs by number as ``tracked`` does, in that order; one statement. Those there are not are left out."""
    rows = session.execute(queries.by_numbers(hold=_holds(session)), {"numbers": list(numbers)}) if numbers else ()
    ones = [found for row in rows if (found := _of(row)) is not None]
    _bring_up(session, ones)
    return ones


def many_seen(session: Session, which: Sequence[int | UUID]) -> dict[int | UUID, Tracked]:
    """Return runs by number or id as ``tracked`` does; one statement for the numbers, one for the ids."""
    numbers = sorted({each for each in which if isinstance(each, int)})
    ids = sorted({each for each in which if isinstance(each, UUID)})
    found: dict[int | UUID, Tracked] = {one.run.number: one for one in many_numbered(session, numbers)}
    if ids:
        rows = [_of(row) for row in session.execute(queries.by_ids(hold=_holds(session)), {"ids": ids})]
        _bring_up(session, rows)
        found |= {one.run.id: one for one in rows if one is not None}
    return found


def many_newest(session: Session, provider_id: int, external_ids: Iterable[str]) -> list[Tracked]:
    """Return the newest attempts of a provider's runs as ``tracked`` does; one statement."""
    values = {"provider": provider_id, "external": sorted(external_ids)}
    rows = session.execute(queries.newest_of(hold=_holds(session)), values)
    ones = [found for row in rows if (found := _of(row)) is not None]
    _bring_up(session, ones)
    return ones


def _holds(session: Session) -> bool:
    return not session.info.get("read_only")


def _bring_up(session: Session, ones: Sequence[Tracked | None]) -> None:
    """Have where the folds of runs stand as it is now; a statement on PostgreSQL for those that are held.

    A run that was waited for is read anew there, but what is joined to it as it was before the wait.
    """
    held = [one.following.run for one in ones if one is not None and one.following is not None]
    if held and _holds(session) and session.get_bind().dialect.name == "postgresql":
        session.execute(queries.following(), {"numbers": held}).all()


def _of(row: Any) -> Tracked | None:
    if row is None:
        return None
    run, job, following, configuration, learned_at = row
    # Notices of OpenLineage runs are remembered in the same table.
    return Tracked(run, job, following if run.origin == TRACKED else None, configuration, learned_at)


def seen(session: Session, which: int | UUID, sight: Sight) -> Tracked | None:
    """Return a run by number or id, None when there is none such among the rows of an account; one statement."""
    found = numbered(session, which)
    return found if found is not None and sight.shows(found.run) else None
