"""What an event would create and change: the real thing inside a savepoint that is rolled back."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.changes.actor import Actor
from app.changes.models import Change
from app.db import scope
from app.jobs.models import Job, Run
from app.lineage.ingest import Arrival, ingest
from app.lineage.models import Dataset
from app.lineage.openlineage.parse import Event
from app.lineage.store.batch import Origin, Stored


@dataclass(frozen=True, slots=True)
class Told:
    """One row the change log would have got."""

    verb: str
    kind: str
    label: str
    fields: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the row in one line."""
        return f"{self.verb} {self.label}" + (f" ({'; '.join(self.fields)})" if self.fields else "")


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be new (jobs and datasets as {namespace, name}, runs as reported ids), and what would be logged."""

    kind: str
    duplicate: bool
    jobs: list[dict[str, str]] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    datasets: list[dict[str, str]] = field(default_factory=list)
    changes: list[Told] = field(default_factory=list)


def preview(session: Session, realm_id: int, event: Event, actor: Actor) -> Preview:
    """Return what storing the event would do; everything is rolled back, the caller ends the transaction."""
    scope(session, realm_id)
    # The realm is read first, so that the transaction begins outside of the savepoint.
    session.connection()
    nested = session.begin_nested()
    try:
        keys = (Job.id, Dataset.id, Run.number, Change.id)
        before = [_newest(session, realm_id, key) for key in keys]
        stored = ingest(session, realm_id, [Arrival(b"", Origin("http"))], actor, parsed=[event])[0]
        session.flush()
        jobs, datasets, runs, changes = (
            list(session.scalars(select(key.class_).where(key.class_.realm_id == realm_id, key > last).order_by(key)))
            for key, last in zip(keys, before, strict=True)
        )
        return Preview(
            kind=event.kind,
            duplicate=isinstance(stored, Stored) and stored.duplicate,
            jobs=[_name(job) for job in jobs],
            runs=[run.reported_id for run in runs],
            datasets=[_name(dataset) for dataset in datasets],
            changes=[_told(change) for change in changes],
        )
    finally:
        nested.rollback()


def _newest(session: Session, realm_id: int, key: Any) -> int:
    found: int | None = session.scalar(select(key).where(key.class_.realm_id == realm_id).order_by(key.desc()).limit(1))
    return found or 0


def _name(row: Job | Dataset) -> dict[str, str]:
    return {"namespace": row.namespace, "name": row.name}


def _told(change: Change) -> Told:
    fields = tuple(f"{each['field']}: {each.get('old')} → {each.get('new')}" for each in change.fields)
    return Told(change.verb, change.kind, change.label, fields)
