"""Schemas and columns across datasets, as lists and one by one."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy.orm import Session

from app.lineage.models import Dataset, DatasetSchema, Schema, SchemaField
from app.lineage.queries import fields as queries
from app.lineage.schema_fields import Difference, Field, compare, flatten


@dataclass(frozen=True, slots=True)
class Use:
    """How many datasets have something now (up to 1,000), and from when to when it was seen."""

    datasets: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ListedSchema:
    """A schema in a list."""

    schema: Schema
    fields: list[Field]
    use: Use


@dataclass(frozen=True, slots=True)
class ListedField:
    """A column name with a type in a list."""

    field: SchemaField
    use: Use


@dataclass(frozen=True, slots=True)
class OpenedSchema:
    """A schema with the datasets that have or had it, and how it differs from another."""

    schema: Schema
    fields: list[Field]
    users: list[tuple[DatasetSchema, Dataset]]
    more_users: bool
    kin: list[int]
    against: Schema | None
    differences: list[Difference]


def listed_schemas(session: Session, rows: Iterable[Schema]) -> list[ListedSchema]:
    """Return schemas with their fields and use; one statement."""
    found = list(rows)
    uses = _uses(session, [row.id for row in found], "schema")
    return [ListedSchema(row, fields_in(row), uses.get(row.id, Use())) for row in found]


def listed_fields(session: Session, rows: Iterable[SchemaField]) -> list[ListedField]:
    """Return columns with their use; one statement."""
    found = list(rows)
    uses = _uses(session, [row.id for row in found], "field")
    return [ListedField(row, uses.get(row.id, Use())) for row in found]


def opened_schema(session: Session, schema_id: int, against: int | None) -> OpenedSchema | None:
    """Return one schema, None when there is none of that number (or of ``against``); four statements at most."""
    schema = session.scalar(queries.schema(schema_id))
    other = session.scalar(queries.schema(against)) if against is not None else None
    if schema is None or (against is not None and other is None):
        return None
    users = [(row[0], row[1]) for row in session.execute(queries.users(schema_id))]
    kin = list(session.scalars(queries.kin(schema_id)))
    fields = fields_in(schema)
    differences = compare(fields_in(other), fields) if other is not None else []
    shown = users[: queries.SHOWN]
    return OpenedSchema(schema, fields, shown, len(users) > len(shown), kin, other, differences)


def fields_in(schema: Schema) -> list[Field]:
    """Return the flat fields of a schema."""
    return list(flatten(msgspec.json.decode(schema.fields)))


def _uses(session: Session, ids: list[int], of: str) -> dict[int, Use]:
    if not ids:
        return {}
    rows = session.execute(queries.counted(session.info["realm_id"], ids, of))
    return {row.id: Use(row.datasets, row.first_at, row.last_at) for row in rows}
