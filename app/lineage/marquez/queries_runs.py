"""Selects of runs and of what they read and wrote; the realm comes from the session."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Text, cast, func, or_, select
from sqlalchemy.orm import aliased, load_only

from app.jobs.models import Job, Run, RunDetail
from app.lineage.models import Dataset, DatasetSchema, Interaction
from app.web.keyset import Rows

Ids = Collection[int]


def newest_runs(ids: Ids, each: int) -> Rows:
    """Select (job id, numbers of its newest runs joined by commas): one short walk along an index for each job."""
    one = aliased(Run)
    walk = (
        select(cast(one.number, Text).label("number"))
        .where(one.realm_id == Job.realm_id, one.job_id == Job.id)
        .order_by(one.began_at.desc(), one.number.desc())
        .limit(each)
        .correlate(Job)
        .subquery()
    )
    numbers = select(func.aggregate_strings(walk.c.number, ",")).scalar_subquery()
    return select(Job.id, numbers.label("numbers")).where(Job.id.in_(ids))


def runs_numbered(numbers: Ids) -> Rows:
    """Select runs by number, newest first."""
    return select(Run).where(Run.number.in_(numbers)).order_by(Run.began_at.desc(), Run.number.desc())


def runs(job_id: int) -> Rows:
    """Select the runs of a job, newest first."""
    return select(Run).where(Run.job_id == job_id).order_by(Run.began_at.desc(), Run.number.desc())


def run_facets(numbers: Ids) -> Rows:
    """Select (run, facets as JSON)."""
    return select(RunDetail.run, RunDetail.facets).where(RunDetail.run.in_(numbers))


def io(numbers: Ids) -> Rows:
    """Select what runs read and wrote: interactions without what only pages show."""
    return (
        select(Interaction)
        .where(Interaction.operation.in_(numbers))
        .options(
            load_only(
                Interaction.id,
                Interaction.operation,
                Interaction.job_id,
                Interaction.dataset_id,
                Interaction.direction,
                Interaction.started_at,
            )
        )
        .order_by(Interaction.started_at, Interaction.id)
    )


def read_versions(numbers: Ids) -> Rows:
    """Select (id of a reading, id of the newest write before it, schema row before it) of what runs read.

    One row for each name of the dataset that was read, for a table may be written under another one.
    """
    mine, other = aliased(Dataset), aliased(Dataset)
    canonical = func.coalesce(mine.alias_for_dataset_id, mine.id)
    return (
        select(Interaction.id, _write_before(other), _schema_before(other))
        .join(mine, mine.id == Interaction.dataset_id)
        .join(other, or_(other.id == canonical, other.alias_for_dataset_id == canonical))
        .where(Interaction.operation.in_(numbers), Interaction.direction == "input")
    )


def _write_before(dataset: Any) -> Any:
    write, read = aliased(Interaction), Interaction
    return (
        select(write.id)
        .where(
            write.realm_id == read.realm_id,
            write.dataset_id == dataset.id,
            write.direction == "output",
            write.started_at <= read.started_at,
            write.operation != read.operation,
        )
        .order_by(write.started_at.desc(), write.id.desc())
        .limit(1)
        .correlate(read, dataset)
        .scalar_subquery()
    )


def _schema_before(dataset: Any) -> Any:
    span, read = aliased(DatasetSchema), Interaction
    return (
        select(span.id)
        .where(
            span.realm_id == read.realm_id,
            span.dataset_id == dataset.id,
            span.schema_id.is_not(None),
            span.direction != "output",
            span.first_at <= read.started_at,
        )
        .order_by(span.first_at.desc(), span.id.desc())
        .limit(1)
        .correlate(read, dataset)
        .scalar_subquery()
    )


def writes_by_id(ids: Collection[Any]) -> Rows:
    """Select (id, when, dataset id, run number, reported id of the run) of writes."""
    return (
        select(Interaction.id, Interaction.started_at, Interaction.dataset_id, Run.number, Run.reported_id)
        .join(Run, Run.number == Interaction.operation)
        .where(Interaction.id.in_(ids))
    )
