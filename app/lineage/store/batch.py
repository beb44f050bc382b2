"""One batch of parsed events, stored in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.bulk import allocate, insert_rows, select_in
from app.changes.actor import Actor
from app.db import utcnow
from app.lineage.models import RawEvent
from app.lineage.openlineage.parse import Event
from app.lineage.store.about import About
from app.lineage.store.column_sets import ColumnSets
from app.lineage.store.find import index_names
from app.lineage.store.links import save_claims, save_dependencies, save_symlinks
from app.lineage.store.mentions import Mentions
from app.lineage.store.moves import move_places
from app.lineage.store.names import Names
from app.lineage.store.operations import Operations
from app.lineage.store.quality import Quality
from app.lineage.store.runs import Runs
from app.lineage.store.schemas import Schemas
from app.lineage.store.trail import Trail
from app.lineage.store.work import Work
from app.locations.signals import location_merged

LOCK = 7_201
location_merged.connect(move_places)


class Origin(NamedTuple):
    """Where an event came in: source http, batch, file or kafka; a reference such as file:line; the key's prefix."""

    source: str
    ref: str | None = None
    key: str | None = None


class Stored(NamedTuple):
    """What became of an event: its id, whether it was there before, and the run and job it told of."""

    id: int
    duplicate: bool
    run: int | None = None


def lock_realm(session: Session, realm_id: int) -> None:
    """Let one transaction at a time fold events of a realm; SQLite's write lock does so by itself."""
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        connection.execute(text("SELECT pg_advisory_xact_lock(:kind, :realm_id)"), {"kind": LOCK, "realm_id": realm_id})


def store(
    session: Session, realm_id: int, events: Sequence[Event], origins: Sequence[Origin], actor: Actor
) -> list[Stored]:
    """Store events in order of arrival and return what became of each; flushes, does not commit.

    Exact duplicates of stored events or of earlier ones in the batch change nothing.
    """
    lock_realm(session, realm_id)
    now = utcnow()
    columns = (RawEvent.digest, RawEvent.id, RawEvent.run)
    found = select_in(session, columns, realm_id, RawEvent.digest, {event.digest for event in events})
    known = {row.digest: Stored(row.id, duplicate=True, run=row.run) for row in found}
    fresh: dict[bytes, tuple[Event, Origin]] = {}
    for event, origin in zip(events, origins, strict=True):
        if event.digest not in known:
            fresh.setdefault(event.digest, (event, origin))
    connection = session.connection()
    for id_, (event, _) in zip(allocate(connection, RawEvent.__table__, len(fresh)), fresh.values(), strict=True):
        event.arrival = id_
    runs = project(session, realm_id, [event for event, _ in fresh.values()], actor, now, list(fresh.values()))
    answers = []
    for event in events:
        before = known.get(event.digest)
        if before is None:
            arrival = fresh[event.digest][0].arrival
            before = known[event.digest] = Stored(arrival, duplicate=True, run=runs.get(arrival))
            answers.append(before._replace(duplicate=False))
        else:
            answers.append(before)
    return answers


def project(
    session: Session,
    realm_id: int,
    events: list[Event],
    actor: Actor,
    now: datetime,
    raw: list[tuple[Event, Origin]],
) -> dict[int, int]:
    """Fold events that have their arrival ids into rows and write the raw ones; returns arrival -> run number."""
    if not events:
        return {}
    mentions = Mentions(events)
    names = Names(session, realm_id)
    names.load(mentions.jobs, mentions.datasets)
    runs = _runs(Runs(session, realm_id, names, now), events, mentions)
    _save_raw(session, realm_id, raw, names, runs.of_event, now)
    _statics(events, names)
    About(session, realm_id, names).fold(events)
    schemas = Schemas(session, realm_id, names)
    schemas.intern(events)
    work = Work(session, realm_id, names, runs, schemas)
    work.fold(events)
    Operations(session, realm_id, names, runs).save(work.of_run)
    schemas.fold(runs.of_event)
    ColumnSets(session, realm_id, names).fold(mentions.columns)
    merged = save_symlinks(session, realm_id, names, mentions.symlinks)
    save_claims(session, realm_id, names, mentions.claims)
    save_dependencies(session, realm_id, names, mentions.dependencies)
    quality = Quality(session, realm_id, names)
    quality.fold(events, runs.of_event)
    names.save()
    index_names(session, realm_id, names)
    trail = Trail(session, actor)
    trail.names(names)
    trail.schemas(names, schemas.changed)
    trail.merged(names, merged)
    trail.failed(names, quality.failed)
    trail.close(runs, names)
    return runs.of_event


def _runs(runs: Runs, events: list[Event], mentions: Mentions) -> Runs:
    runs.fold(events, mentions)
    runs.save()
    return runs


def _statics(events: list[Event], names: Names) -> None:
    for event in events:
        if event.kind == "job" and event.job is not None:
            job = names.jobs[event.job]
            if job.columns["static_at"] is None or event.us >= job.columns["static_at"]:
                job.put(static_at=event.us, static_event=event.arrival)


def _save_raw(
    session: Session,
    realm_id: int,
    raw: list[tuple[Event, Origin]],
    names: Names,
    runs: dict[int, int],
    now: datetime,
) -> None:
    rows: list[dict[str, Any]] = [
        {
            "id": event.arrival,
            "realm_id": realm_id,
            "digest": event.digest,
            "received_at": now,
            "event_time": event.time,
            "kind": event.kind,
            "event_type": event.type,
            "run": runs.get(event.arrival),
            "job_id": names.jobs[event.job].id if event.job is not None else None,
            "dataset_id": names.datasets[event.datasets[0].name].id if event.kind == "dataset" else None,
            "source": origin.source,
            "source_ref": origin.ref,
            "key": origin.key,
            "producer": event.producer,
            "size": event.size,
            "body": event.body,
        }
        for event, origin in raw
    ]
    insert_rows(session.connection(), RawEvent.__table__, rows)
