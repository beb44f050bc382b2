"""One column of a dataset: what it was over time, where it comes from, where it goes, and whether it is sound."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.jobs.models import Job
from app.jobs.reads.about import Described, Tagged
from app.lineage.queries import shape as queries
from app.lineage.queries import usage
from app.lineage.reads import quality, schemas
from app.lineage.reads.columns import ColumnLinks, column_links
from app.lineage.reads.head import Head
from app.lineage.reads.quality import Check
from app.lineage.schema_fields import Field


@dataclass(slots=True)
class Past:
    """A stretch of time in which the column was as ``field`` says; None: it was not there."""

    field: Field | None
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Column:
    """A column with everything known of it; ``now`` is None when the current schema has no such column."""

    name: str
    now: Field | None
    past: list[Past]
    links: ColumnLinks
    jobs: dict[int, Job]
    said: Described | None
    tags: list[Tagged]
    checks: list[Check]
    profile: dict[str, Any]

    @property
    def is_known(self) -> bool:
        """Return whether anything ever told of it."""
        told = (self.now, self.links.sources, self.links.targets, self.said, self.tags, self.checks, self.profile)
        return any(told) or any(one.field for one in self.past)


def column(session: Session, head: Head, name: str) -> Column:
    """Return a column of a dataset by its path; ten statements at most."""
    ids = head.ids
    versions = schemas.versions_of(list(session.scalars(queries.schema_history(ids))))
    current = schemas.current_schema([one.dataset for one in head.names])
    fields = schemas.fields_of(session, {version.schema_id for version in versions} | {current})
    found = column_links(session, ids, name)
    links = found[0] if found else ColumnLinks(name)
    health = quality.health(session, ids)
    return Column(
        name=name,
        now=_field(fields.get(current, []), name),
        past=_past([(_field(fields.get(one.schema_id, []), name), one) for one in reversed(versions)]),
        links=links,
        jobs=_jobs(session, links),
        said=head.about.descriptions.get(name),
        tags=head.about.tags_of(name),
        checks=[check for check in health.checks if check.assertion.column == name],
        profile=dict(health.profile).get(name, {}),
    )


def _field(fields: Sequence[Field], name: str) -> Field | None:
    return next((field for field in fields if field.path == name), None)


def _past(versions: Sequence[tuple[Field | None, schemas.Version]]) -> list[Past]:
    """Join versions that left the column as it was; newest first, without the time before it first appeared."""
    found: list[Past] = []
    for field, version in versions:
        last = found[-1] if found else None
        if last is not None and _same(last.field, field):
            last.last_at = max(last.last_at, version.last_at)
        elif last is not None or field is not None:
            found.append(Past(field, version.first_at, version.last_at))
    return found[::-1]


def _same(one: Field | None, other: Field | None) -> bool:
    if one is None or other is None:
        return one is other
    return (one.type, one.description) == (other.type, other.description)


def _jobs(session: Session, links: ColumnLinks) -> dict[int, Job]:
    ids = sorted({job for link in (*links.sources, *links.targets) for job in link.jobs})
    return {job.id: job for job in session.scalars(usage.jobs(ids))} if ids else {}
