"""Selects on what is older than is kept: keys only, a batch at a time, always named by realm."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ScalarSelect, Select, extract, func, literal_column, or_, select, tuple_
from sqlalchemy.orm import aliased

from app.jobs.models import Job, Run
from app.lineage.models import Edge, Interaction, Operation, RawEvent, Rejection, Retention

EDGE_KEY = (Edge.job_id, Edge.dataset_id, Edge.direction, Edge.type, Edge.day)


def kept(realm_id: int) -> Select[Retention]:
    """Select what retention noted of a realm."""
    return select(Retention).where(Retention.realm_id == realm_id)


def old_events(realm_id: int, before: datetime, limit: int) -> Select[int]:
    """Select ids of events that came in before a moment, oldest first."""
    old = (RawEvent.realm_id == realm_id, RawEvent.received_at < before)
    return select(RawEvent.id).where(*old).order_by(RawEvent.received_at, RawEvent.id).limit(limit)


def old_rejections(realm_id: int, before: datetime, limit: int) -> Select[int]:
    """Select ids of refused bodies that came in before a moment, oldest first."""
    old = (Rejection.realm_id == realm_id, Rejection.received_at < before)
    return select(Rejection.id).where(*old).order_by(Rejection.received_at, Rejection.id).limit(limit)


def old_runs(
    realm_id: int, before: datetime, newest: int, after: tuple[Any, ...], limit: int
) -> Select[*tuple[Any, ...]]:
    """Select (began_at, number) of unit runs last heard of before a moment, oldest first, without a job's newest.

    ``after`` is the key of the last one seen, or empty: a pass looks at each old run once, and at no young one.
    """
    key = (Run.began_at, Run.number)
    found = (
        select(*key)
        .where(
            Run.realm_id == realm_id,
            Run.role == "unit",
            Run.origin != "tracked",
            Run.began_at < before,
            or_(Run.last_event_at.is_(None), Run.last_event_at < before),
            _younger(realm_id, newest) >= newest,
        )
        .order_by(*key)
        .limit(limit)
    )
    return found.where(tuple_(*key) > after) if after else found


def _younger(realm_id: int, most: int) -> ScalarSelect[int]:
    """Return how many runs of the same job began later than a run, counted to ``most``."""
    later = aliased(Run)
    found = (
        select(literal_column("1").label("one"))
        .where(
            later.realm_id == realm_id,
            later.job_id == Run.job_id,
            later.began_at >= Run.began_at,
            or_(later.began_at > Run.began_at, later.number > Run.number),
        )
        .limit(most)
        .correlate(Run)
        .subquery()
    )
    return select(func.count()).select_from(found).scalar_subquery()


def parts_of(realm_id: int, numbers: Sequence[int]) -> Select[int]:
    """Select the part runs directly below some runs."""
    return select(Run.number).where(Run.realm_id == realm_id, Run.parent_run.in_(numbers), Run.role == "part")


def owned(realm_id: int, numbers: Sequence[int]) -> Select[int]:
    """Select the runs whose operations belong to some runs."""
    return select(Operation.number).where(Operation.realm_id == realm_id, Operation.run.in_(numbers))


def interactions_of(realm_id: int, numbers: Sequence[int], limit: int) -> Select[*tuple[Any, ...]]:
    """Select ids of interactions of the operations some runs reported."""
    mine = (Interaction.realm_id == realm_id, Interaction.operation.in_(numbers))
    return select(Interaction.id).where(*mine).limit(limit)


def jobs(realm_id: int, after: int, limit: int) -> Select[int]:
    """Select ids of jobs behind one."""
    return select(Job.id).where(Job.realm_id == realm_id, Job.id > after).order_by(Job.id).limit(limit)


def daily_edges(realm_id: int, job_ids: Sequence[int], before: date, limit: int) -> Select[*tuple[Any, ...]]:
    """Select edges of some jobs on days before one that are not yet the sum of a month."""
    return (
        select(*EDGE_KEY, Edge.runs, Edge.rows, Edge.bytes, Edge.files)
        .where(Edge.realm_id == realm_id, Edge.job_id.in_(job_ids), Edge.day < before, extract("day", Edge.day) != 1)
        .limit(limit)
    )


def any_daily_edges(realm_id: int, before: date, limit: int) -> Select[int]:
    """Select one row for each edge that would be folded."""
    old = (Edge.realm_id == realm_id, Edge.day < before, extract("day", Edge.day) != 1)
    return select(Edge.job_id).where(*old).limit(limit)


def counted(found: Select[*tuple[Any, ...]]) -> Select[int]:
    """Select how many rows another select finds; it has a limit of its own."""
    return select(func.count()).select_from(found.subquery())
