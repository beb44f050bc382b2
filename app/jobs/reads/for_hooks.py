"""Whether the owner of a hook may read a run or a job: the roles of tracking decide on rows, not only on pages."""

from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.delivery.rights import reader
from app.jobs.models import Job, Run
from app.jobs.queries import sight
from app.realms.capabilities import Standing


@reader("run")
def may_read_run(session: Session, standing: Standing, entity_id: str) -> bool:
    """Return whether the account sees the run, named by its number or id: one statement unless it sees all."""
    seen = sight.sight_of(standing)
    if seen.is_all:
        return True
    which = _which(entity_id)
    return which is not None and session.scalar(select(Run.number).where(which, *sight.rows(seen)).limit(1)) is not None


@reader("job")
def may_read_job(session: Session, standing: Standing, entity_id: str) -> bool:
    """Return whether the account sees the job: one statement unless it sees all."""
    seen = sight.sight_of(standing)
    if seen.is_all or not entity_id.isdecimal():
        return seen.is_all
    wanted = select(Job.id).where(Job.id == int(entity_id), *sight.jobs(seen)).limit(1)
    return session.scalar(wanted) is not None


def _which(entity_id: str) -> ColumnElement[bool] | None:
    if entity_id.isdecimal():
        return Run.number == int(entity_id)
    try:
        return Run.id == UUID(entity_id)
    except ValueError:
        return None
