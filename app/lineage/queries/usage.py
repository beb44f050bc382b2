"""Selects of what jobs did to datasets: writes, readers and writers, neighbours."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Text,
    TextualSelect,
    and_,
    case,
    column,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import aliased

from app.db import BigInt, UtcDateTime
from app.jobs.models import Job, Run
from app.lineage.models import Claim, Dataset, Edge, Interaction
from app.lineage.queries.datasets import every_name
from app.lineage.queries.totals import total
from app.web.keyset import Rows

REGULAR: Final = 20
NEWEST: Final = 200
SIDES: Final = (("up", "output"), ("down", "input"))
WRITES_SORTS: Final = {"at": Interaction.started_at}
WRITES_KEY: Final = Interaction.id
WALK: Final = """SELECT * FROM (SELECT i.dataset_id, o.run AS unit, i.started_at, i.ended_at, i.num_rows,
(r.processing_type = 'STREAMING' AND r.status = 'running') AS streaming, r.first_event_at, r.last_event_at,
CASE WHEN r.processing_type = 'STREAMING'
THEN (SELECT d.events FROM jobs_run_detail d WHERE d.realm_id = i.realm_id AND d.run = r.number) END AS events
FROM lineage_interaction i JOIN jobs_run r ON r.number = i.operation JOIN lineage_operation o ON o.number = i.operation
WHERE i.realm_id = :realm_id AND i.dataset_id = {dataset_id} AND i.direction = 'output'
AND (r.status = 'completed' OR (r.processing_type = 'STREAMING' AND r.status = 'running'))
ORDER BY i.started_at DESC, i.id DESC LIMIT 20) AS w{dataset_id}"""
LAST_WRITES: Final = (
    column("dataset_id", BigInt),
    column("unit", BigInt),
    column("started_at", UtcDateTime),
    column("ended_at", UtcDateTime),
    column("num_rows", BigInt),
    column("streaming", Boolean),
    column("first_event_at", UtcDateTime),
    column("last_event_at", UtcDateTime),
    column("events", Text),
)


def last_writes(realm_id: int, ids: Sequence[int]) -> TextualSelect:
    """Select the last 20 writes that ended well (or stream) of each dataset.

    Rows: dataset_id, unit (run that owns the operation), started_at, ended_at, num_rows, streaming, first_event_at,
    last_event_at, events (JSON). One short walk along an index for each dataset; written as text because building a
    hundred selects costs more than they do.
    """
    walks = " UNION ALL ".join(WALK.format(dataset_id=int(dataset_id)) for dataset_id in ids)
    return text(walks).bindparams(realm_id=realm_id).columns(*LAST_WRITES)


def writes(ids: Sequence[int]) -> Rows:
    """Select (Interaction, Run, Job) of everything that wrote these datasets."""
    return interactions(ids, ("output",))


def interactions(ids: Sequence[int], directions: Sequence[str]) -> Rows:
    """Select (Interaction, Run, Job) of what wrote (output) or read (input) these datasets."""
    way = Interaction.direction == directions[0] if len(directions) == 1 else Interaction.direction.in_(directions)
    return (
        select(Interaction, Run, Job)
        .join(Run, Run.number == Interaction.operation)
        .join(Job, Job.id == Interaction.job_id)
        .where(Interaction.dataset_id.in_(ids), way)
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
            total(Edge.rows).label("rows"),
            total(Edge.bytes).label("bytes"),
        )
        .where(Edge.dataset_id.in_(ids))
        .group_by(Edge.job_id, Edge.direction, Edge.type)
        .order_by(func.max(Edge.day).desc(), Edge.job_id)
        .limit(limit)
        .subquery()
    )
    rest = [column for column in used.c if column.key != "job_id"]
    return select(Job, *rest).join(used, used.c.job_id == Job.id).order_by(used.c.last_day.desc(), Job.id)


def costs(ids: Sequence[int], since: date) -> Rows:
    """Select (canonical id, runs, rows, bytes) of what was written under any name of these from a UTC day on."""
    home, names = func.coalesce(Dataset.alias_for_dataset_id, Dataset.id), every_name(ids)
    return (
        select(home, func.sum(Edge.runs), total(Edge.rows), total(Edge.bytes))
        .join(Edge, Edge.dataset_id == Dataset.id)
        .join(names, names.c.id == Dataset.id)
        .where(Edge.direction == "output", Edge.day >= since)
        .group_by(home)
    )


def people(ids: Sequence[int]) -> Rows:
    """Select (name, direction, operations, last_at) of whom the newest 2,000 operations connected as."""
    newest = (
        select(Interaction.connect_as_name, Interaction.direction, Interaction.started_at)
        .where(Interaction.dataset_id.in_(ids))
        .order_by(Interaction.started_at.desc())
        .limit(NEWEST * 10)
        .subquery()
    )
    last = func.max(newest.c.started_at).label("last_at")
    return (
        select(newest.c.connect_as_name.label("name"), newest.c.direction, func.count().label("operations"), last)
        .where(newest.c.connect_as_name.is_not(None))
        .group_by(newest.c.connect_as_name, newest.c.direction)
        .order_by(last.desc(), newest.c.connect_as_name, newest.c.direction)
        .limit(NEWEST)
    )


def neighbours(ids: Sequence[int]) -> Rows:
    """Select the other ends of the newest 200 operations that wrote and the newest 200 that read these datasets.

    Those that wrote have sources (``side`` up), those that read have results (down). Rows: side, type, runs, last use,
    rows, the canonical Dataset, the Job.
    """
    found = union_all(*(_side(ids, name, mine) for name, mine in SIDES)).subquery()
    name = aliased(Dataset)
    return (
        select(found.c.side, found.c.type, found.c.runs, found.c.last_at, found.c.rows, Dataset, Job)
        .join(name, name.id == found.c.dataset_id)
        .join(Dataset, Dataset.id == func.coalesce(name.alias_for_dataset_id, name.id))
        .join(Job, Job.id == found.c.job_id)
    )


def _side(ids: Sequence[int], name: str, direction: str) -> Rows:
    mine = (
        select(Interaction.operation)
        .where(Interaction.dataset_id.in_(ids), Interaction.direction == direction)
        .order_by(Interaction.started_at.desc())
        .limit(NEWEST)
        .subquery()
    )
    other = aliased(Interaction)
    # The sum keeps SQLite from reading every interaction in the order of datasets.
    dataset_id = other.dataset_id + 0
    return (
        select(
            literal(name).label("side"),
            dataset_id.label("dataset_id"),
            other.job_id,
            other.type,
            func.count(other.operation.distinct()).label("runs"),
            func.max(other.started_at).label("last_at"),
            total(other.num_rows).label("rows"),
        )
        .where(
            other.operation.in_(mine.select()),
            other.direction == ("input" if direction == "output" else "output"),
            other.dataset_id.not_in(ids),
        )
        .group_by(dataset_id, other.job_id, other.type)
    )


def claims(ids: Sequence[int]) -> Rows:
    """Select the current claims with one of these datasets at an end: explicit, declared, renamed."""
    at_end: ColumnElement[bool] = or_(
        and_(Claim.to_kind == "dataset", Claim.to_id.in_(ids)),
        and_(Claim.from_kind == "dataset", Claim.from_id.in_(ids)),
    )
    return select(Claim).where(at_end, *current()).order_by(Claim.last_at.desc()).limit(NEWEST)


def current() -> list[ColumnElement[bool]]:
    """Return the conditions that nothing newer was said by the source of a claim; what was renamed stays renamed."""
    newer = aliased(Claim)
    later = or_(
        newer.last_at > Claim.last_at, and_(newer.last_at == Claim.last_at, newer.last_event > Claim.last_event)
    )
    said_since = exists().where(
        newer.realm_id == Claim.realm_id, newer.evidence == Claim.evidence, newer.source == Claim.source, later
    )
    declarer = case((Claim.from_kind == "job", Claim.from_id), else_=Claim.to_id)
    declared_since = exists().where(
        Job.realm_id == Claim.realm_id,
        Job.id == declarer,
        or_(Job.static_at > Claim.last_at, and_(Job.static_at == Claim.last_at, Job.static_event > Claim.last_event)),
    )
    return [
        or_(Claim.evidence == "renamed", ~said_since),
        or_(Claim.evidence != "declared", ~declared_since),
    ]


def claims_of_jobs(jobs: Sequence[int]) -> Rows:
    """Select what these jobs are declared to read and write today."""
    ends = or_(
        and_(Claim.to_kind == "job", Claim.to_id.in_(jobs)), and_(Claim.from_kind == "job", Claim.from_id.in_(jobs))
    )
    said = Claim.evidence == "declared"
    return select(Claim).where(ends, said, *current()).order_by(Claim.last_at.desc()).limit(NEWEST * 5)


def jobs(ids: Sequence[int]) -> Rows:
    """Select jobs by id."""
    return select(Job).where(Job.id.in_(ids))


def named(ids: Sequence[int]) -> Rows:
    """Select datasets by id, aliases included."""
    return select(Dataset).where(Dataset.id.in_(ids))


def homes(ids: Sequence[int]) -> Rows:
    """Select (id, its canonical Dataset) of datasets by id."""
    name = aliased(Dataset)
    home = Dataset.id == func.coalesce(name.alias_for_dataset_id, name.id)
    return select(name.id, Dataset).select_from(name).join(Dataset, home).where(name.id.in_(ids))


def written_since(since: datetime, before: datetime, limit: int) -> Rows:
    """Select canonical ids of names whose last write lies between two moments, the latest first."""
    return (
        select(func.coalesce(Dataset.alias_for_dataset_id, Dataset.id))
        .where(Dataset.last_written_at >= since, Dataset.last_written_at < before)
        .order_by(Dataset.last_written_at.desc(), Dataset.id.desc())
        .limit(limit)
    )
