"""Selects of what jobs did to datasets: writes, readers and writers, neighbours."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, func, or_, select, union_all
from sqlalchemy.orm import aliased

from app.jobs.models import Job, Run, RunDetail
from app.lineage.models import Claim, Dataset, Edge, Interaction
from app.web.keyset import Rows

REGULAR: Final = 20
NEWEST: Final = 200
STREAMING: Final = "STREAMING"
WRITES_SORTS: Final = {"at": Interaction.started_at}
WRITES_KEY: Final = Interaction.id


def last_writes(ids: Sequence[int], most: int = REGULAR) -> Rows:
    """Select the last writes that ended well (or stream) of each dataset, at most ``most`` of each.

    Rows: dataset_id, started_at, ended_at, num_rows, streaming, first_event_at, last_event_at, events (JSON).
    """
    parts = [_last_writes_of(dataset_id, most).subquery().select() for dataset_id in ids]
    found = union_all(*parts).subquery() if len(parts) > 1 else _last_writes_of(ids[0], most).subquery()
    return select(found).order_by(found.c.started_at.desc())


def _last_writes_of(dataset_id: int, most: int) -> Rows:
    streams = and_(Run.processing_type == STREAMING, Run.status == "running")
    return (
        select(
            Interaction.dataset_id,
            Interaction.started_at,
            Interaction.ended_at,
            Interaction.num_rows,
            streams.label("streaming"),
            Run.first_event_at,
            Run.last_event_at,
            RunDetail.events,
        )
        .join(Run, Run.number == Interaction.operation)
        .outerjoin(RunDetail, and_(RunDetail.run == Run.number, streams))
        .where(
            Interaction.dataset_id == dataset_id,
            Interaction.direction == "output",
            or_(Run.status == "completed", streams),
        )
        .order_by(Interaction.started_at.desc(), Interaction.id.desc())
        .limit(most)
    )


def job_counts(ids: Sequence[int]) -> Rows:
    """Select (dataset id, direction, jobs) of jobs with an edge."""
    return (
        select(Edge.dataset_id, Edge.direction, func.count(Edge.job_id.distinct()))
        .where(Edge.dataset_id.in_(ids))
        .group_by(Edge.dataset_id, Edge.direction)
    )


def writes(ids: Sequence[int]) -> Rows:
    """Select (Interaction, Run, Job) of everything that wrote these datasets."""
    return (
        select(Interaction, Run, Job)
        .join(Run, Run.number == Interaction.operation)
        .join(Job, Job.id == Interaction.job_id)
        .where(Interaction.dataset_id.in_(ids), Interaction.direction == "output")
    )


def users(ids: Sequence[int], limit: int = NEWEST) -> Rows:
    """Select jobs that read or wrote these datasets, by direction and type, the latest first.

    Rows: Job, direction, type, last day, first day, runs, rows, bytes.
    """
    used = (
        select(
            Edge.job_id,
            Edge.direction,
            Edge.type,
            func.max(Edge.day).label("last_day"),
            func.min(Edge.day).label("first_day"),
            func.sum(Edge.runs).label("runs"),
            func.sum(Edge.rows).label("rows"),
            func.sum(Edge.bytes).label("bytes"),
        )
        .where(Edge.dataset_id.in_(ids))
        .group_by(Edge.job_id, Edge.direction, Edge.type)
        .order_by(func.max(Edge.day).desc(), Edge.job_id)
        .limit(limit)
        .subquery()
    )
    rest = [column for column in used.c if column.key != "job_id"]
    return select(Job, *rest).join(used, used.c.job_id == Job.id).order_by(used.c.last_day.desc(), Job.id)


def neighbours(ids: Sequence[int], direction: str) -> Rows:
    """Select the other ends of the newest 200 operations that touched these datasets in ``direction``.

    With ``output`` these are the sources (upstream), with ``input`` the results (downstream). Rows: dataset id, job id,
    type, runs, last use, rows.
    """
    mine = (
        select(Interaction.operation)
        .where(Interaction.dataset_id.in_(ids), Interaction.direction == direction)
        .order_by(Interaction.started_at.desc())
        .limit(NEWEST)
        .subquery()
    )
    other = aliased(Interaction)
    return (
        select(
            other.dataset_id,
            other.job_id,
            other.type,
            func.count(other.operation.distinct()).label("runs"),
            func.max(other.started_at).label("last_at"),
            func.sum(other.num_rows).label("rows"),
        )
        .where(
            other.operation.in_(mine.select()),
            other.direction == ("input" if direction == "output" else "output"),
            other.dataset_id.not_in(ids),
        )
        .group_by(other.dataset_id, other.job_id, other.type)
    )


def claims(ids: Sequence[int]) -> Rows:
    """Select claims with one of these datasets at an end: explicit, declared, renamed."""
    at_end: ColumnElement[bool] = or_(
        and_(Claim.to_kind == "dataset", Claim.to_id.in_(ids)),
        and_(Claim.from_kind == "dataset", Claim.from_id.in_(ids)),
    )
    return select(Claim).where(at_end).order_by(Claim.last_at.desc()).limit(NEWEST)


def claims_of_jobs(jobs: Sequence[int]) -> Rows:
    """Select what these jobs are declared to read and write."""
    ends = or_(
        and_(Claim.to_kind == "job", Claim.to_id.in_(jobs)), and_(Claim.from_kind == "job", Claim.from_id.in_(jobs))
    )
    return select(Claim).where(ends, Claim.evidence == "declared").order_by(Claim.last_at.desc()).limit(NEWEST * 5)


def jobs(ids: Sequence[int]) -> Rows:
    """Select jobs by id."""
    return select(Job).where(Job.id.in_(ids))


def named(ids: Sequence[int]) -> Rows:
    """Select datasets by id, aliases included."""
    return select(Dataset).where(Dataset.id.in_(ids))


def written_since(since: datetime, before: datetime, limit: int) -> Rows:
    """Select canonical ids of names whose last write lies between two moments, the latest first."""
    return (
        select(func.coalesce(Dataset.alias_for_dataset_id, Dataset.id))
        .where(Dataset.last_written_at >= since, Dataset.last_written_at < before)
        .order_by(Dataset.last_written_at.desc(), Dataset.id.desc())
        .limit(limit)
    )
