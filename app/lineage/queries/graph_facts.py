"""The statements that tell of drawn nodes what their boxes show."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from sqlalchemy import BigInteger, Boolean, Text, TextualSelect, column
from sqlalchemy.sql.elements import ColumnClause

from app.db import UtcDateTime
from app.lineage.queries import graph_sql

# A plus before realm_id: SQLite then starts from the ids asked for, not from all rows of the realm.
DATASETS: Final = """SELECT {columns} FROM (SELECT value AS home, value AS id FROM {ids}
UNION SELECT v.value, a.id FROM {ids} CROSS JOIN lineage_dataset a
WHERE a.realm_id = :realm_id AND a.alias_for_dataset_id = v.value) m
JOIN lineage_dataset d ON +d.realm_id = :realm_id AND d.id = m.id
JOIN lineage_storage s ON +s.realm_id = :realm_id AND s.id = d.storage_id
JOIN locations_location l ON +l.realm_id = :realm_id AND l.id = s.location_id
LEFT JOIN lineage_lateness t ON t.realm_id = :realm_id AND t.dataset_id = d.id"""
# Somebody's newest word is that it is made from nothing else.
SOURCELESS: Final = """EXISTS (SELECT 1 FROM lineage_claim c WHERE c.realm_id = :realm_id AND c.to_kind = 'dataset'
AND c.to_id = d.id AND c.from_kind = 'none' AND c.to_column = '' AND NOT EXISTS (SELECT 1 FROM lineage_claim x
WHERE x.realm_id = :realm_id AND x.evidence = c.evidence AND x.source = c.source
AND (x.last_at > c.last_at OR (x.last_at = c.last_at AND x.last_event > c.last_event))))"""
DATASET_COLUMNS: Final = {
    "home": ("m.home", BigInteger()),
    "id": ("d.id", BigInteger()),
    "namespace": ("d.namespace", Text()),
    "name": ("d.name", Text()),
    "label": ("d.label", Text()),
    "type": ("d.type", Text()),
    "origin": ("d.origin", Text()),
    "lifecycle": ("d.lifecycle", Text()),
    "quality": ("d.quality", Text()),
    "archived": ("d.archived_at IS NOT NULL", Boolean()),
    "last_written_at": ("d.last_written_at", UtcDateTime()),
    "last_read_at": ("d.last_read_at", UtcDateTime()),
    "storage": ("s.name", Text()),
    "platform": ("l.type", Text()),
    "place": ("l.name", Text()),
    "late_since": ("t.since", UtcDateTime()),
    "sourceless": (SOURCELESS, Boolean()),
}
JOBS: Final = """SELECT {columns} FROM {ids} JOIN jobs_job j ON +j.realm_id = :realm_id AND j.id = v.value
JOIN locations_location l ON +l.realm_id = :realm_id AND l.id = j.location_id
LEFT JOIN jobs_run r ON +r.realm_id = :realm_id AND r.number = (SELECT x.number FROM jobs_run x
WHERE x.realm_id = :realm_id AND x.job_id = v.value AND x.began_at <= :as_of
ORDER BY x.began_at DESC, x.number DESC LIMIT 1)"""
JOB_COLUMNS: Final = {
    "id": ("j.id", BigInteger()),
    "namespace": ("j.namespace", Text()),
    "name": ("j.name", Text()),
    "type": ("j.type", Text()),
    "integration": ("j.integration", Text()),
    "origin": ("j.origin", Text()),
    "archived": ("j.archived_at IS NOT NULL", Boolean()),
    "processing_type": ("coalesce(r.processing_type, j.processing_type)", Text()),
    "platform": ("l.type", Text()),
    "place": ("l.name", Text()),
    "run": ("r.number", BigInteger()),
    "status": ("r.status", Text()),
    "began_at": ("coalesce(r.started_at, r.began_at)", UtcDateTime()),
    "ended_at": ("r.ended_at", UtcDateTime()),
}
TOUCHED: Final = """SELECT {columns} FROM {ids}
JOIN lineage_interaction i ON i.realm_id = :realm_id AND i.operation = v.value"""
EVER: Final = (
    """SELECT {columns} FROM {ids} JOIN lineage_touch t ON t.realm_id = :realm_id AND t.{of} = v.value LIMIT 1"""
)


@lru_cache(maxsize=4)
def datasets(dialect: str) -> TextualSelect:
    """Select what boxes of datasets show: one row for each name of each canonical dataset of the array ``ids``."""
    return _select(DATASETS, DATASET_COLUMNS, dialect)


@lru_cache(maxsize=4)
def jobs(dialect: str) -> TextualSelect:
    """Select what boxes of jobs show, with the last run begun up to ``as_of``; array ``ids``."""
    return _select(JOBS, JOB_COLUMNS, dialect)


@lru_cache(maxsize=4)
def touched(dialect: str) -> TextualSelect:
    """Select (run number, dataset id, direction) of what runs read and wrote; array ``ids`` of run numbers."""
    names = {
        "operation": ("i.operation", BigInteger()),
        "dataset_id": ("i.dataset_id", BigInteger()),
    }
    return _select(TOUCHED, names | {"direction": ("i.direction", Text())}, dialect)


@lru_cache(maxsize=4)
def ever(dialect: str, of: str) -> TextualSelect:
    """Select a row if one of the array ``ids`` (``of`` is job_id or dataset_id) was ever read, written or ran."""
    return _select(EVER.replace("{of}", of), {"one": ("1", BigInteger())}, dialect)


def _select(sql: str, columns: Mapping[str, tuple[str, object]], dialect: str) -> TextualSelect:
    picked = ", ".join(f"{one} AS {name}" for name, (one, _) in columns.items())
    named: list[ColumnClause[object]] = [column(name, type_) for name, (_, type_) in columns.items()]  # type: ignore[arg-type]
    return graph_sql.bound(sql.format(columns=picked, ids=graph_sql.ids("ids", dialect))).columns(*named)
