"""Selects of schemas and of columns by name and type, and of the datasets that have them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, TextualSelect, column, exists, select, text
from sqlalchemy.orm import aliased

from app.db import BigInt, UtcDateTime
from app.lineage.models import Dataset, DatasetSchema, FieldUse, Schema, SchemaField
from app.web.keyset import Rows

MOST: Final = 1_000
SHOWN: Final = 200
FIELD_SORTS: Final = {"name": SchemaField.sort_name}
SCHEMA_SORTS: Final = {"newest": Schema.id}
# One short walk for each row of a page; a schema or column that a thousand datasets have is counted no further.
OF_SCHEMA: Final = """SELECT {id} AS id, count(DISTINCT CASE WHEN d.schema_id = {id} THEN
COALESCE(d.alias_for_dataset_id, d.id) END) AS datasets, min(w.first_at) AS first_at, max(w.last_at) AS last_at
FROM (SELECT dataset_id, first_at, last_at FROM lineage_dataset_schema WHERE realm_id = :realm_id AND schema_id = {id}
ORDER BY dataset_id LIMIT 1001) w JOIN lineage_dataset d ON d.id = w.dataset_id"""
OF_FIELD: Final = """SELECT {id} AS id, count(DISTINCT COALESCE(w.alias, w.dataset)) AS datasets,
min(w.first_at) AS first_at, max(w.last_at) AS last_at
FROM (SELECT d.alias_for_dataset_id AS alias, d.id AS dataset, s.first_at, s.last_at
FROM lineage_field_use u JOIN lineage_dataset_schema s ON s.realm_id = u.realm_id AND s.schema_id = u.schema_id
JOIN lineage_dataset d ON d.id = s.dataset_id AND d.schema_id = s.schema_id
WHERE u.realm_id = :realm_id AND u.field_id = {id} LIMIT 1001) w"""
COUNTS: Final = (
    column("id", BigInt),
    column("datasets", BigInt),
    column("first_at", UtcDateTime),
    column("last_at", UtcDateTime),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which schemas or columns are looked for; ``name`` is a whole column name, ``since`` when something new came."""

    text: str = ""
    name: str = ""
    type: str = ""
    since: datetime | None = None


def counted(realm_id: int, ids: Sequence[int], of: str) -> TextualSelect:
    """Select (id, datasets that have it now, first seen, last seen) of schemas or columns (``of``), to 1,001 uses."""
    walk = OF_SCHEMA if of == "schema" else OF_FIELD
    return (
        text(" UNION ALL ".join(walk.format(id=int(one)) for one in ids)).bindparams(realm_id=realm_id).columns(*COUNTS)
    )


def fields(wanted: Wanted) -> Rows:
    """Select columns by name and type; an exact name is found by its index."""
    query = select(SchemaField)
    return (
        query.where(SchemaField.sort_name == wanted.name[:200], SchemaField.name == wanted.name)
        if wanted.name
        else query
    )


def narrower_fields(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Return the filters of columns no index answers: words in the name, the type, what came lately."""
    found: list[ColumnElement[bool]] = [
        SchemaField.name.icontains(word, autoescape=True) for word in wanted.text.split()
    ]
    if wanted.type:
        found.append(SchemaField.type == wanted.type)
    if wanted.since is not None:
        use, seen = aliased(FieldUse), aliased(DatasetSchema)
        found.append(
            exists().where(
                use.realm_id == SchemaField.realm_id,
                use.field_id == SchemaField.id,
                seen.realm_id == use.realm_id,
                seen.schema_id == use.schema_id,
                seen.first_at >= wanted.since,
            )
        )
    return found


def schemas(wanted: Wanted) -> Rows:
    """Select schemas, those that have a column of a name or type."""
    query = select(Schema)
    if wanted.name or wanted.type:
        named = select(FieldUse.schema_id).join(SchemaField, SchemaField.id == FieldUse.field_id)
        if wanted.name:
            named = named.where(SchemaField.sort_name == wanted.name[:200], SchemaField.name == wanted.name)
        if wanted.type:
            named = named.where(SchemaField.type == wanted.type)
        query = query.where(Schema.id.in_(named))
    return query


def narrower_schemas(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Return the filters of schemas no index answers: words anywhere in the fields, what came lately."""
    found: list[ColumnElement[bool]] = [Schema.fields.icontains(word, autoescape=True) for word in wanted.text.split()]
    if wanted.since is not None:
        seen = aliased(DatasetSchema)
        found.append(
            exists().where(seen.realm_id == Schema.realm_id, seen.schema_id == Schema.id, seen.first_at >= wanted.since)
        )
    return found


def schema(schema_id: int) -> Rows:
    """Select one schema."""
    return select(Schema).where(Schema.id == schema_id)


def users(schema_id: int) -> Rows:
    """Select (DatasetSchema, Dataset) of the datasets that were ever reported with a schema, those of today first."""
    return (
        select(DatasetSchema, Dataset)
        .join(Dataset, Dataset.id == DatasetSchema.dataset_id)
        .where(DatasetSchema.schema_id == schema_id)
        .order_by((Dataset.schema_id == schema_id).desc(), DatasetSchema.last_at.desc(), DatasetSchema.id)
        .limit(SHOWN + 1)
    )


def kin(schema_id: int) -> Rows:
    """Select the ids of other schemas that datasets with this one were reported with, newest first."""
    mine = select(DatasetSchema.dataset_id).where(DatasetSchema.schema_id == schema_id).limit(SHOWN).subquery().select()
    return (
        select(DatasetSchema.schema_id)
        .where(DatasetSchema.dataset_id.in_(mine), DatasetSchema.schema_id != schema_id)
        .group_by(DatasetSchema.schema_id)
        .order_by(DatasetSchema.schema_id.desc())
        .limit(20)
    )
