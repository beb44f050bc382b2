"""The search documents of new names, written in the transaction that brings them."""

from typing import Any

from sqlalchemy.orm import Session

from app.bulk import allocate, insert_rows
from app.lineage.models import SearchEntry
from app.lineage.store.names import Entity, Names
from app.web.tokens import index_document


def index_names(session: Session, realm_id: int, names: Names) -> None:
    """Index the jobs and datasets that are new in this batch."""
    new = [entity for entity in (*names.jobs.values(), *names.datasets.values()) if entity.is_new]
    rows: list[dict[str, Any]] = [
        {
            "realm_id": realm_id,
            "kind": entity.kind,
            "entity_id": entity.id,
            "name": entity.name.name,
            "words": words(entity),
        }
        for entity in new
    ]
    connection = session.connection()
    for id_, row in zip(allocate(connection, SearchEntry.__table__, len(rows)), rows, strict=True):
        row["id"] = id_
    insert_rows(connection, SearchEntry.__table__, rows, conflict=("realm_id", "kind", "entity_id"))


def words(entity: Entity) -> str:
    """Return the search document of a job or dataset: name and namespace."""
    return index_document(entity.name.name, entity.name.namespace)
