"""Rows of a realm by the names that events use, to compare what two orders of the same events gave."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Base
from app.lineage.models import Schema
from app.lineage.rebuild.tables import CLOCKS
from app.realms.models import Realm

ARRIVAL = {"last_event", "end_event", "first_event", "static_event", "arrival", "received_at", "last_seen_at"}


def _pair(name: str) -> tuple[Any, Any]:
    columns_ = Base.metadata.tables[name].c
    return columns_.id, columns_.name


def described(session: Session, realm: Realm) -> dict[str, Any]:
    """Return runs, interactions, edges and dependencies of a realm by the names that events use."""
    tables = Base.metadata.tables
    names = {
        kind: {row.id: row.name for row in session.execute(select(*_pair(kind)))}
        for kind in ("jobs_job", "lineage_dataset")
    }
    numbers = tables["jobs_run"].c
    runs = {row.number: row.reported_id for row in session.execute(select(numbers.number, numbers.reported_id))}
    by_key = {
        "job_id": names["jobs_job"], "from_job_id": names["jobs_job"], "to_job_id": names["jobs_job"],
        "parent_job_id": names["jobs_job"], "other_id": names["lineage_dataset"],
        "dataset_id": names["lineage_dataset"], "parent_run": runs,
        "root_run": runs, "run": runs, "operation": runs, "number": runs, "last_run": runs,
        "alias_for_dataset_id": names["lineage_dataset"], "last_written_run": runs,
    }  # fmt: skip
    schemas = {row.id: row.fields for row in session.scalars(select(Schema))}
    by_key["schema_id"] = schemas
    skipped = ARRIVAL | {"id", "realm_id", "created_at", "facets", "io_facets", "storage_id", "location_id", "digest"}
    skipped.update(CLOCKS)
    found: dict[str, Any] = {}
    for name in (
        "jobs_job", "jobs_run", "jobs_run_job", "jobs_dependency", "lineage_dataset", "lineage_operation",
        "lineage_interaction", "lineage_edge", "lineage_dataset_schema", "lineage_symlink",
    ):  # fmt: skip
        rows = session.execute(select(tables[name]).where(tables[name].c.realm_id == realm.id)).mappings()
        found[name] = sorted(
            str({key: by_key.get(key, {}).get(value, value) for key, value in row.items() if key not in skipped})
            for row in rows
        )
    return found
