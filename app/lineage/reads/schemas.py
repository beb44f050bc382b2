"""Schemas of a dataset: the current fields, their history, and the difference of two versions."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from app.jobs.reads.about import About
from app.lineage.models import Dataset, DatasetSchema
from app.lineage.queries import shape as queries
from app.lineage.schema_fields import Difference, Field, compare, flatten


@dataclass(slots=True)
class Version:
    """A stretch of time with one schema; ``id`` is that of its newest row, ``schema_id`` None means it was removed.

    ``run`` is the row (event, id, job id, job) of the run that brought it, None where it is not kept or there was none.
    """

    id: int
    schema_id: int | None
    first_at: datetime
    last_at: datetime
    directions: set[str]
    first_event: int
    fields: int = 0
    run: Any = None


@dataclass(frozen=True, slots=True)
class Column:
    """A field of a schema with its tags and how many columns it comes from and feeds; people's words come first."""

    field: Field
    tags: list[str]
    sources: int
    targets: int
    description: str | None


@dataclass(frozen=True, slots=True)
class Shape:
    """The schema tab: columns now, versions newest first, and the difference the URL asks for.

    ``apart`` are columns the schema of today has not: (name, sources, targets).
    """

    columns: list[Column]
    versions: list[Version]
    current: Version | None
    shown: Version | None
    against: Version | None
    differences: list[Difference]
    apart: list[tuple[str, int, int]]


def versions_of(rows: list[DatasetSchema]) -> list[Version]:
    """Join rows of equal schema that follow each other, whichever direction reported them; newest first."""
    found: list[Version] = []
    for row in sorted(rows, key=lambda row: (row.first_at, row.first_event)):
        last = found[-1] if found else None
        if last is not None and last.schema_id == row.schema_id:
            last.last_at, last.id = max(last.last_at, row.last_at), max(last.id, row.id)
            last.directions.add(row.direction)
        else:
            found.append(Version(row.id, row.schema_id, row.first_at, row.last_at, {row.direction}, row.first_event))
    return found[::-1]


def current_schema(datasets: list[Dataset]) -> int | None:
    """Return the schema to show: that of the first name that has one."""
    return next((dataset.schema_id for dataset in datasets if dataset.schema_id is not None), None)


def shape(
    session: Session,
    datasets: list[Dataset],
    about: About,
    links: dict[str, tuple[int, int]],
    shown: int | None = None,
    against: int | None = None,
) -> Shape:
    """Return the schema tab; three statements. ``shown`` and ``against`` are ids of versions, newest by default."""
    ids = [dataset.id for dataset in datasets]
    versions = versions_of(list(session.scalars(queries.schema_history(ids))))
    brought_by(session, versions)
    now = current_schema(datasets)
    fields = fields_of(session, {version.schema_id for version in versions} | {now})
    for version in versions:
        version.fields = len(fields.get(version.schema_id, []))
    current = next((version for version in versions if version.schema_id == now), None)
    chosen = _by_id(versions, shown) or current
    other = _by_id(versions, against)
    differences = compare(fields.get(other.schema_id, []), fields.get(chosen.schema_id, [])) if other and chosen else []
    columns = [_column(field, about, links) for field in fields.get(chosen.schema_id if chosen else now, [])]
    apart = _apart({field.path for field in fields.get(now, [])}, about, links)
    return Shape(columns, versions, current, chosen, other, differences, apart)


def _column(field: Field, about: About, links: dict[str, tuple[int, int]]) -> Column:
    said = about.descriptions.get(field.path)
    tags = list(dict.fromkeys(tag.text for tag in about.tags_of(field.path)))
    return Column(field, tags, *links.get(field.path, (0, 0)), said.text if said else field.description)


def _apart(known: set[str], about: About, links: dict[str, tuple[int, int]]) -> list[tuple[str, int, int]]:
    named = {tag.column for tag in about.all_tags} | set(about.descriptions) | set(links)
    return [(name, *links.get(name, (0, 0))) for name in sorted(filter(None, named)) if name not in known]


def brought_by(session: Session, versions: list[Version]) -> None:
    """Fill in which run brought each version, as far as its event is still kept; one statement."""
    events = [version.first_event for version in versions]
    if events:
        runs = {row.event: row for row in session.execute(queries.runs_of_events(events))}
        for version in versions:
            version.run = runs.get(version.first_event)


def fields_of(session: Session, ids: set[int | None]) -> dict[int | None, list[Field]]:
    """Return flat fields by schema id; one statement."""
    wanted = [schema_id for schema_id in ids if schema_id is not None]
    if not wanted:
        return {}
    found: dict[int | None, list[Field]] = {}
    for row in session.scalars(queries.schemas(wanted)):
        found[row.id] = list(flatten(msgspec.json.decode(row.fields)))
    return found


def fields_now(session: Session, datasets: list[Dataset]) -> list[Field]:
    """Return the flat fields of the schema to show; one statement, or none."""
    schema = current_schema(datasets)
    return fields_of(session, {schema}).get(schema, [])


def _by_id(versions: list[Version], version_id: int | None) -> Version | None:
    return next((version for version in versions if version.id == version_id), None)
