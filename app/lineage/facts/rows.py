"""The rows of a realm that facts are made of, read once."""

from collections import defaultdict
from datetime import datetime
from functools import cached_property
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.jobs.models import Job, Owner, Run, RunDetail, RunJob, Tag
from app.lineage.models import Claim, ColumnEdge, ColumnSet, Dataset, Interaction, Schema, Symlink

Pair = list[str]
STATES = {
    "completed": "COMPLETE",
    "failed": "FAIL",
    "cancelled": "ABORT",
    "running": "RUNNING",
    "queued": "OTHER",
    "unknown": "UNKNOWN",
}


class Rows:
    """All rows of one realm, by id; read-only, whole realm in memory."""

    def __init__(self, session: Session, realm_id: int) -> None:
        self.session = session
        self.realm_id = realm_id

    def all(self, model: Any) -> list[Any]:
        """Return the rows of a table in the order of its key."""
        table = model.__table__
        query = select(table).where(table.c.realm_id == self.realm_id).order_by(*table.primary_key.columns)
        return list(self.session.connection().execute(query))

    @cached_property
    def jobs(self) -> dict[int, Any]:
        """Return jobs by id."""
        return {row.id: row for row in self.all(Job)}

    @cached_property
    def datasets(self) -> dict[int, Any]:
        """Return datasets by id."""
        return {row.id: row for row in self.all(Dataset)}

    @cached_property
    def runs(self) -> dict[int, Any]:
        """Return runs by number."""
        return {row.number: row for row in self.all(Run)}

    @cached_property
    def facets(self) -> dict[int, dict[str, Any]]:
        """Return the current run facets by run number."""
        return {
            row.run: {name: item[2] for name, item in msgspec.json.decode(row.facets).items()}
            for row in self.all(RunDetail)
        }

    @cached_property
    def events(self) -> dict[int, dict[str, int]]:
        """Return counts of events per type by run number."""
        return {row.run: msgspec.json.decode(row.events) for row in self.all(RunDetail)}

    @cached_property
    def run_jobs(self) -> dict[int, list[int]]:
        """Return the ids of all jobs a run carried."""
        found = defaultdict(list)
        for row in self.all(RunJob):
            found[row.run].append(row.job_id)
        return found

    @cached_property
    def interactions(self) -> list[Any]:
        """Return interactions."""
        return self.all(Interaction)

    @cached_property
    def claims(self) -> list[Any]:
        """Return claims."""
        return self.all(Claim)

    @cached_property
    def symlinks(self) -> list[Any]:
        """Return symlinks."""
        return self.all(Symlink)

    @cached_property
    def column_sets(self) -> list[Any]:
        """Return column sets."""
        return self.all(ColumnSet)

    @cached_property
    def column_edges(self) -> dict[int, list[Any]]:
        """Return column edges by the set that holds them."""
        found = defaultdict(list)
        for row in self.all(ColumnEdge):
            found[row.set_id].append(row)
        return found

    @cached_property
    def schemas(self) -> dict[int, list[Any]]:
        """Return the fields of schemas by id."""
        return {row.id: msgspec.json.decode(row.fields) for row in self.all(Schema)}

    def said(self, model: type[Tag] | type[Owner], kind: str) -> dict[int, set[str]]:
        """Return reported tag keys or owner names by entity id."""
        found: dict[int, set[str]] = defaultdict(set)
        for row in self.all(model):
            if row.kind == kind:
                found[row.entity_id].add(row.key if model is Tag else row.name)
        return found

    def job(self, job_id: int) -> Pair:
        """Return [namespace, name] of a job."""
        return [self.jobs[job_id].namespace, self.jobs[job_id].name]

    def dataset(self, dataset_id: int) -> Pair:
        """Return [namespace, name] of a dataset."""
        return [self.datasets[dataset_id].namespace, self.datasets[dataset_id].name]


def instant(at: datetime | None) -> str | None:
    """Return a moment as text with microseconds and Z."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if at is not None else None


def index_names(text: str) -> list[str]:
    """Return the names of current facets in an index."""
    return sorted(name for name, item in msgspec.json.decode(text).items() if not item[3])


def flatten(fields: list[Any], path: str = "") -> list[list[str | None]]:
    """Return [path, type] of fields and of those nested in them, segments joined by a dot."""
    found: list[list[str | None]] = []
    for field in fields:
        if not isinstance(field, dict) or not isinstance(field.get("name"), str):
            continue
        name = f"{path}{field['name']}"
        found.append([name, field["type"] if isinstance(field.get("type"), str) else None])
        if isinstance(field.get("fields"), list):
            found += flatten(field["fields"], f"{name}.")
    return found


def unique(rows: Any) -> list[Any]:
    """Return rows sorted, each once; null sorts before text."""
    keyed = {msgspec.json.encode(row): row for row in rows}
    return sorted(keyed.values(), key=_order)


def _order(row: Any) -> Any:
    if isinstance(row, list):
        return tuple(_order(item) for item in row)
    return (row is not None, row or "")
