"""Sends events into a realm as every source does, and finds rows by the names that events use."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.changes.actor import Actor
from app.db import db
from app.jobs.models import Job, Run
from app.lineage.facts.full import full
from app.lineage.ingest import Arrival, Outcome, ingest
from app.lineage.models import Dataset, Interaction, Operation
from app.lineage.store.batch import Origin, Stored
from app.realms.models import Realm
from tests.databases import Database

ACTOR = Actor("sender", "api")
Event = dict[str, Any] | bytes


def raw(event: Event) -> bytes:
    """Return an event as it travels."""
    return event if isinstance(event, bytes) else json.dumps(event).encode()


class Intake:
    """The way of events into one realm; each call is one committed batch."""

    def __init__(self, database: Database, realm: Realm) -> None:
        self.database = database
        self.realm = realm

    def send(self, *events: Event, source: str = "http") -> list[Outcome]:
        """Store events in one batch."""
        with self.database.app.app_context():
            session = db.session()
            arrivals = [Arrival(raw(event), Origin(source)) for event in events]
            outcomes = ingest(session, self.realm.id, arrivals, ACTOR)
            session.commit()
        return outcomes

    def take(self, *events: Event) -> list[Stored]:
        """Store events in one batch; none may be refused."""
        outcomes = self.send(*events)
        assert all(isinstance(outcome, Stored) for outcome in outcomes), outcomes
        return [outcome for outcome in outcomes if isinstance(outcome, Stored)]

    def each(self, events: Iterable[Event]) -> None:
        """Store every event in a batch of its own."""
        for event in events:
            self.take(event)

    def in_batches(self, events: Sequence[Event], sizes: Iterable[int]) -> None:
        """Store events in batches of these sizes, taken in turn; what is left goes last."""
        start = 0
        for size in sizes:
            if start < len(events):
                self.take(*events[start : start + size])
            start += size
        if start < len(events):
            self.take(*events[start:])

    def facts(self) -> dict[str, Any]:
        """Return the facts of the realm as JSON would carry them."""
        with self.database.app.app_context():
            found = json.loads(json.dumps(full(db.session(), self.realm.id)))
        assert isinstance(found, dict)
        return found


class Store:
    """Rows by name; a name that several realms use belongs to the last of them."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def runs(self) -> dict[str, Run]:
        """Return runs by the id that was reported."""
        return {run.reported_id: run for run in self.session.scalars(select(Run))}

    def jobs(self) -> dict[str, Job]:
        """Return jobs by name."""
        return {job.name: job for job in self.session.scalars(select(Job))}

    def datasets(self) -> dict[str, Dataset]:
        """Return datasets by name."""
        return {dataset.name: dataset for dataset in self.session.scalars(select(Dataset))}

    def run(self, run_id: str) -> Run:
        """Return one run."""
        return self.runs()[run_id]

    def dataset(self, name: str) -> Dataset:
        """Return one dataset."""
        return self.datasets()[name]

    def operation(self, run_id: str) -> Operation | None:
        """Return the operation that a run reported."""
        return self.session.get(Operation, self.run(run_id).number)

    def interactions(self) -> list[tuple[str, str, str, str]]:
        """Return (job as reported, dataset, direction, type), sorted."""
        jobs = {job.id: name for name, job in self.jobs().items()}
        datasets = {dataset.id: name for name, dataset in self.datasets().items()}
        rows = self.session.scalars(select(Interaction))
        return sorted((jobs[row.job_id], datasets[row.dataset_id], row.direction, row.type) for row in rows)

    def interaction(self, dataset: str, direction: str = "output") -> Interaction:
        """Return the only interaction with a dataset."""
        query = select(Interaction).where(
            Interaction.dataset_id == self.dataset(dataset).id, Interaction.direction == direction
        )
        return self.session.scalars(query).one()
