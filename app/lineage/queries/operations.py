"""Selects on operations and on what they read and wrote."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.jobs.models import Job, Run
from app.lineage.models import Dataset, Edge, Interaction, Operation, RawEvent, Schema
from app.lineage.queries.totals import total

SORTS = {"started_at": Operation.started_at}
Owner = aliased(Run, name="owner")
OwnerJob = aliased(Job, name="owner_job")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which operations a list shows; values of one filter are alternatives."""

    text: str = ""
    statuses: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    run: int | None = None
    job_id: int | None = None
    dataset_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


def operations(wanted: Wanted) -> Select[Operation, Run, Job, Run, Job]:
    """Select rows of operation, the run that reported it, its job, and the run that owns it with its job."""
    found = (
        select(Operation, Run, Job, Owner, OwnerJob)
        .join(Run, Run.number == Operation.number)
        .join(Job, Job.id == Run.job_id)
        .join(Owner, Owner.number == Operation.run)
        .join(OwnerJob, OwnerJob.id == Owner.job_id)
    )
    if wanted.run is not None:
        found = found.where(Operation.run == wanted.run)
    if wanted.since is not None:
        found = found.where(Operation.started_at >= wanted.since)
    return found.where(Operation.started_at < wanted.until) if wanted.until is not None else found


def narrower(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Return the conditions no index answers; text is looked for in names and SQL."""
    touched = exists().where(Interaction.operation == Operation.number, Interaction.realm_id == Operation.realm_id)
    of_job = or_(Run.job_id == wanted.job_id, Owner.job_id == wanted.job_id)
    pairs = [
        (wanted.statuses, Operation.status.in_(wanted.statuses)),
        (wanted.kinds, Operation.statement_kind.in_(wanted.kinds)),
        (wanted.job_id is not None, of_job),
        (wanted.dataset_id is not None, touched.where(Interaction.dataset_id == wanted.dataset_id)),
    ]
    words = [
        or_(Operation.name.icontains(word, autoescape=True), Operation.sql.icontains(word, autoescape=True))
        for word in wanted.text.split()[:10]
    ]
    return [*(condition for asked, condition in pairs if asked), *words]


def operation(which: UUID) -> Select[Operation, Run, Job, Run, Job]:
    """Select one operation by its id."""
    return operations(Wanted()).where(Operation.id == which)


def operation_id(number: int) -> Select[UUID]:
    """Select the id of an operation by the number of its reporting run."""
    return select(Operation.id).where(Operation.number == number)


def of_run(number: int, limit: int) -> Select[Operation, Run, Job]:
    """Select the operations a run owns, in order of their position."""
    return (
        select(Operation, Run, Job)
        .join(Run, Run.number == Operation.number)
        .join(Job, Job.id == Run.job_id)
        .where(Operation.run == number)
        .order_by(Operation.position.nulls_last(), Operation.started_at, Operation.number)
        .limit(limit)
    )


def tallies(number: int, most: int) -> Select[*tuple[int, ...]]:
    """Select how many operations a run owns, how many of them have SQL, and how many events it has, to ``most``."""
    mine = select(Operation.number).where(Operation.run == number)
    parts = (
        mine.limit(most),
        mine.where(Operation.sql.is_not(None)).limit(most),
        select(RawEvent.id).where(RawEvent.run == number).limit(most),
    )
    return select(*(select(func.count()).select_from(part.subquery()).scalar_subquery() for part in parts))


def numbers_of(runs: Sequence[int]) -> Select[int]:
    """Select the numbers of operations that some runs reported or own."""
    return select(Operation.number).where(or_(Operation.run.in_(runs), Operation.number.in_(runs)))


def io(runs: Sequence[int], limit: int) -> Select[Interaction, Dataset, Schema]:
    """Select what the operations of some runs read and wrote, with the schema each saw."""
    return (
        select(Interaction, Dataset, Schema)
        .join(Dataset, Dataset.id == Interaction.dataset_id)
        .outerjoin(Schema, Schema.id == Interaction.schema_id)
        .where(Interaction.operation.in_(numbers_of(runs)))
        .order_by(Interaction.direction, Dataset.sort_name, Interaction.id)
        .limit(limit)
    )


def sums(runs: Sequence[int]) -> Select[*tuple[Any, ...]]:
    """Select (dataset, direction, rows, bytes, files) added up over the operations of some runs."""
    return (
        select(
            Interaction.dataset_id,
            Interaction.direction,
            total(Interaction.num_rows),
            total(Interaction.num_bytes),
            total(Interaction.num_files),
        )
        .where(Interaction.operation.in_(numbers_of(runs)))
        .group_by(Interaction.dataset_id, Interaction.direction)
    )


def rows_of(numbers: Sequence[int]) -> Select[*tuple[Any, ...]]:
    """Select (operation, direction, datasets, rows) of some operations."""
    return (
        select(
            Interaction.operation,
            Interaction.direction,
            func.count(Interaction.dataset_id.distinct()),
            total(Interaction.num_rows),
        )
        .where(Interaction.operation.in_(numbers))
        .group_by(Interaction.operation, Interaction.direction)
    )


def io_of_last_runs(runs: Sequence[int]) -> Select[*tuple[Any, ...]]:
    """Select (run, direction, number of datasets) over the operations each of the runs owns or reported."""
    return (
        select(Operation.run, Operation.number, Interaction.direction, Interaction.dataset_id)
        .join(Interaction, Interaction.operation == Operation.number)
        .where(or_(Operation.run.in_(runs), Operation.number.in_(runs)))
        .distinct()
    )


def touches_data(*, has: bool) -> ColumnElement[bool]:
    """Return the condition on Job that it, as a reporting job, ever read or wrote a dataset, or never did."""
    found = exists().where(Edge.job_id == Job.id, Edge.realm_id == Job.realm_id)
    return found if has else ~found


def job_io(job_ids: Sequence[int], limit: int) -> Select[*tuple[Any, ...]]:
    """Select (dataset, direction, first day, last day, runs, rows) of some jobs, last used first."""
    used = (
        select(
            Edge.dataset_id,
            Edge.direction,
            func.min(Edge.day).label("first"),
            func.max(Edge.day).label("last"),
            func.sum(Edge.runs).label("runs"),
            total(Edge.rows).label("rows"),
        )
        .where(Edge.job_id.in_(job_ids))
        .group_by(Edge.dataset_id, Edge.direction)
        .subquery()
    )
    return (
        select(Dataset, used.c.direction, used.c.first, used.c.last, used.c.runs, used.c.rows)
        .join(used, used.c.dataset_id == Dataset.id)
        .order_by(used.c.direction, used.c.last.desc(), Dataset.sort_name, Dataset.id)
        .limit(limit)
    )


def events(number: int, limit: int) -> Select[*tuple[Any, ...]]:
    """Select what identifies the stored events of a run, newest first, without their bodies."""
    columns = (RawEvent.id, RawEvent.event_time, RawEvent.received_at, RawEvent.event_type, RawEvent.kind,
               RawEvent.source, RawEvent.producer, RawEvent.size)  # fmt: skip
    return select(*columns).where(RawEvent.run == number).order_by(RawEvent.id.desc()).limit(limit)
