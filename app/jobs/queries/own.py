"""Selects on the runs that are somebody's own: issued as a provider, or made for a customer."""

from dataclasses import replace

from sqlalchemy import ColumnElement, Select, func, select

from app.jobs.models import Job, Run
from app.jobs.queries.sight import Sight, rows


def newest(sight: Sight, realm_id: int, limit: int) -> Select[Run, Job]:
    """Select the newest runs of an account in a realm, each with its job; the newest attempt of each."""
    found = select(Run, Job).join(Job, Job.id == Run.job_id).where(Run.realm_id == realm_id, *_mine(sight))
    return found.order_by(Run.began_at.desc(), Run.number.desc()).limit(limit)


def counted(sight: Sight, realm_id: int, most: int) -> Select[int]:
    """Select how many runs an account has in a realm, counted to ``most``."""
    mine = select(Run.number).where(Run.realm_id == realm_id, *_mine(sight)).limit(most).subquery()
    return select(func.count()).select_from(mine)


def _mine(sight: Sight) -> list[ColumnElement[bool]]:
    own = rows(replace(sight, is_all=False, reported=False))
    return [*own, Run.next_attempt.is_(None), Run.archived_at.is_(None)]
