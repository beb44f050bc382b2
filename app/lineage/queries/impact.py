"""Selects of what an impact list tells of its nodes: places, owners, tags, states."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from sqlalchemy import TextClause, and_, func, literal, or_, select, text, union_all

from app.jobs.models import Job, Owner, Run, Tag
from app.lineage.models import Dataset, Storage
from app.lineage.queries import graph_sql
from app.lineage.queries.datasets import every_name
from app.locations.models import Location
from app.web.keyset import Rows

AT_ONCE: Final = 5_000
DEEPEST: Final = 8
MOST_FAILED: Final = 1_000
AHEAD: Final = """WITH RECURSIVE ahead(id) AS (SELECT value FROM {ids} UNION
SELECT o.dataset_id FROM ahead a CROSS JOIN lineage_touch t CROSS JOIN lineage_touch o
WHERE t.realm_id = :realm_id AND t.dataset_id = a.id AND t.direction = '{near}'
AND o.realm_id = :realm_id AND o.job_id = t.job_id AND o.direction = '{far}')
SELECT id FROM ahead LIMIT 500"""


def datasets(ids: Sequence[int]) -> Rows:
    """Select every name of these canonical datasets with its place; the canonical name has ``id == home``."""
    home, names = func.coalesce(Dataset.alias_for_dataset_id, Dataset.id).label("home"), every_name(ids)
    return (
        select(
            home,
            Dataset.id,
            Dataset.namespace,
            Dataset.name,
            Dataset.type,
            Dataset.lifecycle,
            Dataset.quality,
            Dataset.last_written_at,
            Dataset.last_read_at,
            Location.type.label("platform"),
            Location.id.label("location_id"),
            Location.name.label("location"),
            Storage.name.label("storage"),
        )
        .join(Storage, Storage.id == Dataset.storage_id)
        .join(Location, Location.id == Storage.location_id)
        .join(names, names.c.id == Dataset.id)
    )


def jobs(ids: Sequence[int]) -> Rows:
    """Select jobs with their place and the status of the last run."""
    return (
        select(
            Job.id,
            Job.namespace,
            Job.name,
            Job.type,
            Job.integration,
            Job.last_run_at,
            Run.status,
            Location.type.label("platform"),
            Location.id.label("location_id"),
            Location.name.label("location"),
        )
        .join(Location, Location.id == Job.location_id)
        .outerjoin(Run, Run.number == Job.last_run)
        .where(Job.id.in_(ids))
    )


def said_about(kind: str, ids: Sequence[int]) -> Rows:
    """Select (entity id, what, name, detail) of owners and tags of datasets or jobs, those of columns apart."""
    owners = select(
        Owner.entity_id.label("id"), literal("owner").label("what"), Owner.name.label("name"), literal("").label("more")
    ).where(Owner.kind == kind, Owner.entity_id.in_(ids))
    tags = select(Tag.entity_id, literal("tag"), Tag.key, func.coalesce(Tag.value, "")).where(
        Tag.kind == kind, Tag.entity_id.in_(ids), Tag.column.is_(None)
    )
    both = union_all(owners, tags).subquery()
    return select(both).distinct().order_by(both.c.what, both.c.name, both.c.more, both.c.id)


def failed_below(jobs: Sequence[int]) -> Rows:
    """Select (job, a job below it) of runs that failed within the last runs of these jobs, up to eight levels down.

    What is drawn in the box of the job above it, such as a command of an application, is not told apart from it.
    """
    walk = select(Job.id.label("top"), Job.last_run.label("run"), literal(0).label("level"))
    below = walk.where(Job.id.in_(jobs), Job.last_run.is_not(None)).cte("below", recursive=True)
    step = select(below.c.top, Run.number, below.c.level + 1).join(Run, Run.parent_run == below.c.run)
    below = below.union_all(step.where(Run.status != "completed", below.c.level < DEEPEST))
    is_node = and_(Job.integration == "DBT", func.coalesce(Job.type, "") != "SQL")
    return (
        select(below.c.top, Run.job_id)
        .join(Run, Run.number == below.c.run)
        .join(Job, Job.id == Run.job_id)
        .where(below.c.level > 0, Run.status == "failed", or_(Job.role == "unit", is_node))
        .distinct()
        .order_by(below.c.top, Run.job_id)
        .limit(MOST_FAILED)
    )


@lru_cache(maxsize=4)
def ahead(dialect: str, direction: str) -> TextClause:
    """Select up to 500 datasets that jobs ever joined, step by step, to those of the array ``ids``, nearest first."""
    near, far = ("input", "output") if direction == "down" else ("output", "input")
    return text(AHEAD.format(ids=graph_sql.ids("ids", dialect), near=near, far=far))
