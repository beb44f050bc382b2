"""Selects of what the tokens of a graph's URL stand for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, or_, select

from app.jobs.models import Run
from app.lineage.models import Dataset, Operation, Storage
from app.locations.models import Location
from app.web.keyset import Rows

MOST: Final = 10_000


def storage(storage_id: int) -> Rows:
    """Select (storage id, canonical dataset id or null), those written last first; no row: no such storage."""
    canonical = func.coalesce(Dataset.alias_for_dataset_id, Dataset.id)
    return (
        select(Storage.id, canonical)
        .outerjoin(Dataset, Dataset.storage_id == Storage.id)
        .where(Storage.id == storage_id)
        .order_by(Dataset.last_written_at.is_(None), Dataset.last_written_at.desc(), Dataset.id)
        .limit(MOST)
    )


def location(location_id: int) -> Rows:
    """Select (location id, canonical dataset id or null) as ``storage`` does; a merged one stands for the other."""
    home = (
        select(func.coalesce(Location.merged_into_id, Location.id)).where(Location.id == location_id).scalar_subquery()
    )
    canonical = func.coalesce(Dataset.alias_for_dataset_id, Dataset.id)
    return (
        select(Location.id, canonical)
        .outerjoin(Storage, Storage.location_id == Location.id)
        .outerjoin(Dataset, Dataset.storage_id == Storage.id)
        .where(Location.id == home)
        .order_by(Dataset.last_written_at.is_(None), Dataset.last_written_at.desc(), Dataset.id)
        .limit(MOST)
    )


def run(run_id: UUID) -> Rows:
    """Select (number, job id, role, parent run) of a run."""
    return select(Run.number, Run.job_id, Run.role, Run.parent_run).where(Run.id == run_id)


def newest_runs(job_id: int, as_of: datetime, most: int) -> Rows:
    """Select the numbers of a job's newest runs."""
    return (
        select(Run.number)
        .where(Run.job_id == job_id, Run.began_at <= as_of)
        .order_by(Run.began_at.desc(), Run.number.desc())
        .limit(most)
    )


def deeds(runs: Sequence[int], *, owners: bool, most: int) -> Rows:
    """Select the numbers of the operations of runs, or with ``owners`` of the unit runs that own them."""
    number = Operation.run if owners else Operation.number
    found = select(number).where(or_(Operation.run.in_(runs), Operation.number.in_(runs)))
    return found.distinct().order_by(number).limit(most)
