"""What one event set and what of it still stands."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.jobs.models import Job, Run, RunDetail
from app.lineage.models import Dataset, DatasetSchema, RawEvent
from app.lineage.openlineage.decode import decode
from app.lineage.openlineage.parse import Event, parse_value
from app.lineage.openlineage.problem import BadEvent


@dataclass(frozen=True, slots=True)
class Touched:
    """A thing the event named: its kind and id for the link, how it was named, and what it still says because of it."""

    kind: str
    id: object
    label: str
    how: str
    stands: tuple[str, ...] = ()


def touched(session: Session, event: RawEvent) -> list[Touched]:
    """Return the run, job and datasets of an event; three statements and one for each kind of thing."""
    try:
        parsed = parse_value(decode(event.body.encode()), mask=False)
    except BadEvent:
        return []
    return [*_run(session, event), *_job(session, event), *_datasets(session, event, parsed)]


def _run(session: Session, event: RawEvent) -> Iterator[Touched]:
    run = session.get(Run, event.run) if event.run is not None else None
    if run is None:
        return
    detail = session.get(RunDetail, run.number)
    facets = msgspec.json.decode(detail.facets) if detail else {}
    told = (("its end", run.end_event), ("its newest event", run.last_event))
    stands = [words for words, number in told if number == event.id]
    stands += [f"facet {name}" for name, item in sorted(facets.items()) if item[1] == event.id]
    yield Touched("run", run.id, run.reported_id, (event.event_type or "no type").lower(), tuple(stands))


def _job(session: Session, event: RawEvent) -> Iterator[Touched]:
    job = session.get(Job, event.job_id) if event.job_id is not None else None
    if job is not None:
        stands = ["what is declared of it"] if job.static_event == event.id else []
        yield Touched("job", job.id, job.name, "job", (*stands, *_current(job.facets, event.id)))


def _datasets(session: Session, event: RawEvent, parsed: Event) -> Iterator[Touched]:
    named = {ref.name.digest: ref.direction for ref in parsed.datasets}
    if not named:
        return
    rows = list(session.scalars(select(Dataset).where(Dataset.digest.in_(named))))
    newest = or_(DatasetSchema.first_event == event.id, DatasetSchema.last_event == event.id)
    changed = set(
        session.scalars(
            select(DatasetSchema.dataset_id).where(DatasetSchema.dataset_id.in_([row.id for row in rows]), newest)
        )
    )
    for row in sorted(rows, key=lambda row: (named[row.digest], row.name)):
        stands = ["a schema in its history"] if row.id in changed else []
        stands += _current(row.facets, event.id) + _current(row.io_facets, event.id)
        yield Touched("dataset", row.id, row.name, named[row.digest], tuple(stands))


def _current(index: str, event_id: int) -> list[str]:
    facets: dict[str, Any] = msgspec.json.decode(index)
    return [f"facet {name}" for name, item in sorted(facets.items()) if item[1] == event_id and not item[3]]
