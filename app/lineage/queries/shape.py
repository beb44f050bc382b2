"""Selects of what a dataset looks like: schemas, columns and where they come from, facets, checks."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import and_, func, select, true
from sqlalchemy.orm import aliased

from app.jobs.models import Facet, FacetBody, Job, Run
from app.lineage.models import (
    Assertion,
    AssertionResult,
    ColumnEdge,
    ColumnSet,
    DatasetSchema,
    Interaction,
    Metric,
    RawEvent,
    Schema,
    Symlink,
)
from app.web.keyset import Rows

MOST: Final = 500
DOTS: Final = 30
EVENTS: Final = 50


def schema_history(ids: Sequence[int]) -> Rows:
    """Select the stretches of time these datasets had a schema, newest first."""
    return (
        select(DatasetSchema)
        .where(DatasetSchema.dataset_id.in_(ids))
        .order_by(DatasetSchema.last_at.desc(), DatasetSchema.id.desc())
        .limit(MOST)
    )


def schemas(ids: Sequence[int]) -> Rows:
    """Select schemas by id."""
    return select(Schema).where(Schema.id.in_(ids))


def runs_of_events(events: Sequence[int]) -> Rows:
    """Select (event, run id, run number, job id, job name) of events that told of a run."""
    return (
        select(RawEvent.id.label("event"), Run.id, Run.number, Job.id.label("job_id"), Job.name.label("job"))
        .join(Run, Run.number == RawEvent.run)
        .join(Job, Job.id == Run.job_id)
        .where(RawEvent.id.in_(events))
    )


def column_sources(ids: Sequence[int], column: str | None = None) -> Rows:
    """Select what the newest set of each job says feeds these datasets, or one of their columns.

    Rows: job id, output column, dataset id, column, kinds, when it was last reported.
    """
    ranked = (
        select(
            ColumnSet.edges_of,
            ColumnSet.job_id,
            ColumnSet.last_at,
            func.row_number()
            .over(
                partition_by=(ColumnSet.job_id, ColumnSet.dataset_id),
                order_by=(ColumnSet.last_at.desc(), ColumnSet.last_event.desc()),
            )
            .label("place"),
        )
        .where(ColumnSet.dataset_id.in_(ids))
        .subquery()
    )
    one = ColumnEdge.output_column == column if column is not None else true()
    edge = (ColumnEdge.output_column, ColumnEdge.dataset_id, ColumnEdge.column, ColumnEdge.kinds)
    return (
        select(ranked.c.job_id, *edge, ranked.c.last_at)
        .join(ColumnEdge, ColumnEdge.set_id == ranked.c.edges_of)
        .where(ranked.c.place == 1, one)
        .order_by(ColumnEdge.output_column, ColumnEdge.dataset_id, ColumnEdge.column)
        .limit(MOST * 4)
    )


def column_targets(ids: Sequence[int], column: str | None = None) -> Rows:
    """Select what columns of these datasets, or one of them, feed, as each job reported last.

    Rows: job id, column, dataset id, output column, kinds, when it was last reported.
    """
    # Sets that share edges are of one output: its index finds them, by ``edges_of`` alone all sets would be read.
    later, holder = aliased(ColumnSet), aliased(ColumnSet)
    newest = (
        select(func.max(later.last_at))
        .where(
            later.realm_id == ColumnSet.realm_id,
            later.job_id == ColumnSet.job_id,
            later.dataset_id == ColumnSet.dataset_id,
        )
        .scalar_subquery()
    )
    one = ColumnEdge.column == column if column is not None else true()
    edge = (ColumnEdge.column, ColumnSet.dataset_id, ColumnEdge.output_column, ColumnEdge.kinds)
    return (
        select(ColumnSet.job_id, *edge, ColumnSet.last_at)
        .join(holder, holder.id == ColumnEdge.set_id)
        .join(ColumnSet, and_(ColumnSet.dataset_id == holder.dataset_id, ColumnSet.edges_of == holder.id))
        .where(ColumnEdge.dataset_id.in_(ids), ColumnSet.last_at == newest, one)
        .order_by(ColumnEdge.column, ColumnSet.dataset_id, ColumnEdge.output_column, ColumnSet.job_id)
        .limit(MOST * 4)
    )


def assertions(ids: Sequence[int]) -> Rows:
    """Select the assertions on these datasets."""
    return select(Assertion).where(Assertion.dataset_id.in_(ids)).order_by(Assertion.id).limit(MOST)


def results(assertions: Sequence[int], most: int = DOTS) -> Rows:
    """Select the newest results of each assertion, newest first."""
    place = func.row_number().over(
        partition_by=AssertionResult.assertion_id, order_by=(AssertionResult.at.desc(), AssertionResult.event.desc())
    )
    ranked = select(AssertionResult.id, place.label("place")).where(AssertionResult.assertion_id.in_(assertions))
    newest = ranked.subquery()
    return (
        select(AssertionResult)
        .join(newest, newest.c.id == AssertionResult.id)
        .where(newest.c.place <= most)
        .order_by(AssertionResult.at.desc(), AssertionResult.event.desc())
    )


def metrics(ids: Sequence[int]) -> Rows:
    """Select the newest 30 measurements of these datasets."""
    return select(Metric).where(Metric.dataset_id.in_(ids)).order_by(Metric.at.desc(), Metric.id.desc()).limit(DOTS)


def facet_sizes(digests: Sequence[bytes]) -> Rows:
    """Select (digest, characters) of facet bodies."""
    return select(FacetBody.digest, func.length(FacetBody.body)).where(FacetBody.digest.in_(digests))


def facet_history(ids: Sequence[int]) -> Rows:
    """Select (kind, name, versions, first seen, last seen) of every facet these datasets ever had."""
    return (
        select(Facet.kind, Facet.name, func.count(), func.min(Facet.first_at), func.max(Facet.last_at))
        .where(Facet.kind.in_(("dataset", "dataset_io")), Facet.entity_id.in_(ids))
        .group_by(Facet.kind, Facet.name)
        .order_by(Facet.name)
        .limit(MOST)
    )


def facet_body(digest: bytes) -> Rows:
    """Select the text of a facet."""
    return select(FacetBody.body).where(FacetBody.digest == digest)


def facet_versions(ids: Sequence[int], name: str) -> Rows:
    """Select the newest 30 contents of one facet."""
    return (
        select(Facet)
        .where(Facet.kind.in_(("dataset", "dataset_io")), Facet.entity_id.in_(ids), Facet.name == name)
        .order_by(Facet.last_at.desc(), Facet.id.desc())
        .limit(DOTS)
    )


def told_versions(ids: Sequence[int]) -> Rows:
    """Select (Facet, body) of the newest 50 versions and turns of life that were told of these datasets."""
    return (
        select(Facet, FacetBody.body)
        .join(FacetBody, FacetBody.digest == Facet.digest)
        .where(
            Facet.kind == "dataset",
            Facet.entity_id.in_(ids),
            Facet.name.in_(("version", "lifecycleStateChange")),
            FacetBody.realm_id == Facet.realm_id,
        )
        .order_by(Facet.first_at.desc(), Facet.id.desc())
        .limit(EVENTS)
    )


def run_events(ids: Sequence[int]) -> Rows:
    """Select the newest events of the last runs that touched these datasets, in the shape of ``_events``."""
    touched = (
        select(Interaction.operation)
        .where(Interaction.dataset_id.in_(ids))
        .order_by(Interaction.started_at.desc())
        .limit(EVENTS)
        .subquery()
    )
    return _events().where(RawEvent.run.in_(touched.select()))


def own_events(ids: Sequence[int]) -> Rows:
    """Select the newest events that are about these datasets alone, in the shape of ``run_events``."""
    return _events().where(RawEvent.dataset_id.in_(ids))


def _events() -> Rows:
    return (
        select(
            RawEvent.id,
            RawEvent.event_time,
            RawEvent.received_at,
            RawEvent.kind,
            RawEvent.event_type,
            RawEvent.size,
            RawEvent.run,
            RawEvent.job_id,
            RawEvent.producer,
        )
        .order_by(RawEvent.id.desc())
        .limit(EVENTS)
    )


def symlinks(ids: Sequence[int]) -> Rows:
    """Select the reports that join these names, suppressed ones included."""
    return (
        select(Symlink)
        .where(Symlink.dataset_id.in_(ids) | Symlink.other_id.in_(ids))
        .order_by(Symlink.first_at, Symlink.id)
        .limit(MOST)
    )


def symlink(symlink_id: int) -> Rows:
    """Select one report of a symlink."""
    return select(Symlink).where(Symlink.id == symlink_id)
