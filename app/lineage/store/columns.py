"""The columns of new schemas by name and type."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection

from app.bulk import allocate, insert_rows, select_in
from app.lineage.models import FieldUse, SchemaField
from app.lineage.openlineage.decode import short_digest
from app.lineage.schema_fields import flatten

SORTED: Final = 200
Place = tuple[str, str | None]


def save_fields(connection: Connection, realm_id: int, schemas: Mapping[int, list[Any]]) -> None:
    """Remember which columns new schemas have; ``schemas`` are their fields as sent, by schema id."""
    found: dict[bytes, Place] = {}
    uses: dict[int, set[bytes]] = {}
    for schema_id, fields in schemas.items():
        for field in flatten(fields):
            digest = short_digest([field.path, field.type])
            found[digest] = (field.path, field.type)
            uses.setdefault(schema_id, set()).add(digest)
    if not found:
        return
    ids = _ids(connection, realm_id, found)
    new = sorted(found.keys() - ids.keys())
    rows = [
        {"id": id_, "realm_id": realm_id, "name": found[digest][0], "sort_name": found[digest][0][:SORTED],
         "type": found[digest][1], "digest": digest}
        for id_, digest in zip(allocate(connection, SchemaField.__table__, len(new)), new, strict=True)
    ]  # fmt: skip
    insert_rows(connection, SchemaField.__table__, rows, conflict=("realm_id", "digest"))
    # Another transaction may have been first with one of them, so the ids are asked for again.
    ids |= _ids(connection, realm_id, new) if new else {}
    pairs = sorted((ids[digest], schema_id) for schema_id, digests in uses.items() for digest in digests)
    rows = [{"realm_id": realm_id, "field_id": field, "schema_id": schema} for field, schema in pairs]
    insert_rows(connection, FieldUse.__table__, rows, conflict=("realm_id", "field_id", "schema_id"))


def _ids(connection: Connection, realm_id: int, digests: Any) -> dict[bytes, int]:
    rows = select_in(connection, (SchemaField.id, SchemaField.digest), realm_id, SchemaField.digest, digests)
    return {bytes(row.digest): row.id for row in rows}
