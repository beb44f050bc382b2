"""Selects on events as they came and on those that were refused; the realm comes from the session."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import defer, load_only

from app.jobs.models import Job, Run
from app.lineage.models import Dataset, RawEvent, Rejection
from app.lineage.store.run_state import run_digest
from app.web.whole import whole

Condition = ColumnElement[bool]
SORTS: dict[str, Any] = {"received_at": RawEvent.received_at}
REJECTION_SORTS: dict[str, Any] = {"received_at": Rejection.received_at}
KINDS = ("run", "job", "dataset")
SOURCES = ("http", "batch", "file", "kafka")
BIGGEST = 2**62


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; empty is no filter, all hold together. ``run`` is an id of ours or as reported."""

    run: str = ""
    since: datetime | None = None
    until: datetime | None = None


def events(wanted: Wanted) -> Select[*tuple[Any, ...]]:
    """Select (RawEvent, Job or None, Dataset or None, Run or None), without the bodies, which may be large."""
    query = (
        select(RawEvent, Job, Dataset, Run)
        .outerjoin(Job, Job.id == RawEvent.job_id)
        .outerjoin(Dataset, Dataset.id == RawEvent.dataset_id)
        .outerjoin(Run, Run.number == RawEvent.run)
        .options(
            defer(RawEvent.body, raiseload=True),
            load_only(Job.namespace, Job.name),
            load_only(Dataset.namespace, Dataset.name),
            load_only(Run.id, Run.reported_id, Run.status),
        )
    )
    if wanted.run:
        query = query.where(RawEvent.run.in_(_runs(wanted.run)))
    if wanted.since:
        query = query.where(RawEvent.received_at >= wanted.since)
    if wanted.until:
        query = query.where(RawEvent.received_at < wanted.until)
    return query


def narrower(
    *, text: str = "", job: str = "", kind: str = "", type_: str = "", source: str = "", producer: str = ""
) -> list[Condition]:
    """Return the filters no index answers: words in the job's name, kind, type, source, producer."""
    found: list[Condition] = [
        RawEvent.job_id.in_(select(Job.id).where(Job.name.icontains(word, autoescape=True))) for word in text.split()
    ]
    if job:
        found.append(RawEvent.job_id.in_(_jobs(job)))
    for column, value in ((RawEvent.kind, kind), (RawEvent.event_type, type_), (RawEvent.source, source)):
        if value:
            found.append(column == value)
    if producer:
        found.append(RawEvent.producer.startswith(producer, autoescape=True))
    return found


def event(event_id: int) -> Select[RawEvent]:
    """Select one event with its body."""
    return select(RawEvent).where(RawEvent.id == event_id)


def rejections() -> Select[Rejection]:
    """Select refused bodies that were not replayed."""
    return select(Rejection).where(Rejection.replayed_at.is_(None))


def rejection(rejection_id: int) -> Select[Rejection]:
    """Select one refused body, replayed or not."""
    return select(Rejection).where(Rejection.id == rejection_id)


def refused(*, text: str = "", code: str = "", source: str = "") -> list[Condition]:
    """Return the filters on rejections: words in body or detail, the code, the source."""
    found: list[Condition] = [
        or_(Rejection.body.icontains(word, autoescape=True), Rejection.detail.icontains(word, autoescape=True))
        for word in text.split()
    ]
    if code:
        found.append(Rejection.code == code)
    if source:
        found.append(Rejection.source == source)
    return found


def _runs(text: str) -> Select[int]:
    by_text = Run.digest == run_digest(text)
    try:
        return select(Run.number).where(or_(by_text, Run.id == UUID(text)))
    except ValueError:
        return select(Run.number).where(by_text)


def _jobs(text: str) -> Select[int]:
    if (number := whole(text, BIGGEST)) is not None:
        return select(Job.id).where(Job.id == number)
    return select(Job.id).where(Job.sort_name == text[:200], Job.name == text)
