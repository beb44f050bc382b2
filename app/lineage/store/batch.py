"""One batch of parsed events, stored in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.bulk import ask, ask_ids, insert_rows
from app.changes.actor import Actor
from app.db import utcnow
from app.driver import bound, run
from app.lineage.models import RawEvent
from app.lineage.openlineage.parse import Event
from app.lineage.store.about import About
from app.lineage.store.column_sets import ColumnSets
from app.lineage.store.ended import tell_ended
from app.lineage.store.find import index_names
from app.lineage.store.links import save_claims, save_dependencies, save_symlinks
from app.lineage.store.mentions import Mentions
from app.lineage.store.moves import move_places
from app.lineage.store.names import Names
from app.lineage.store.operations import Operations
from app.lineage.store.quality import Quality
from app.lineage.store.returned import bring_back
from app.lineage.store.runs import Runs
from app.lineage.store.schemas import Schemas
from app.lineage.store.trail import Trail
from app.lineage.store.work import Work
from app.locations.signals import location_merged

LOCK = 7_201
# Every statement of ingestion finds its rows by an index whatever the values are, so that planning it anew is a waste;
# on tables without statistics a plan made once must not be one that reads them whole.
LOCKED = (
    "SELECT pg_advisory_xact_lock(%s, %s), set_config('plan_cache_mode', 'force_generic_plan', true), "
    "set_config('enable_seqscan', 'off', true)"
)
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
    connection = bound(session)
    if connection.dialect.name != "sqlite":
        run(connection, LOCKED, (LOCK, realm_id))


def store(
    session: Session, realm_id: int, events: Sequence[Event], origins: Sequence[Origin], actor: Actor
) -> list[Stored]:
    """Store events in order of arrival and return what became of each; flushes, does not commit.

    Exact duplicates of stored events or of earlier ones in the batch change nothing.
    """
    if not events:
        return []
    lock_realm(session, realm_id)
    connection, now = bound(session), utcnow()
    distinct: dict[bytes, Event] = {}
    for event in events:
        distinct.setdefault(event.digest, event)
    asked = ask(connection, (RawEvent.digest, RawEvent.id, RawEvent.run), realm_id, RawEvent.digest, distinct)
    ids = ask_ids(connection, RawEvent.__table__, len(distinct))
    projection = Projection(session, realm_id, list(distinct.values()))
    known = {row.digest: Stored(row.id, duplicate=True, run=row.run) for row in asked.rows()}
    fresh: dict[bytes, tuple[Event, Origin]] = {}
    for event, origin in zip(events, origins, strict=True):
        if event.digest not in known:
            fresh.setdefault(event.digest, (event, origin))
    for id_, (event, _) in zip(ids(), fresh.values(), strict=False):
        event.arrival = id_
    runs = projection.project(actor, now, list(fresh.values()))
    tell_ended(session, realm_id, projection.runs.by_number.values())
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
    session: Session, realm_id: int, actor: Actor, now: datetime, raw: list[tuple[Event, Origin]]
) -> dict[int, int]:
    """Fold events that have their arrival ids into rows and write the raw ones; returns arrival -> run number."""
    return Projection(session, realm_id, [event for event, _ in raw]).project(actor, now, raw)


class Projection:
    """Events on their way into rows: asks at once for what they name, so that the answers travel together."""

    def __init__(self, session: Session, realm_id: int, events: list[Event]) -> None:
        self.session = session
        self.realm_id = realm_id
        self.events = events
        self.mentions = Mentions(events)
        self.names = Names(session, realm_id)
        self.names.ask(self.mentions.jobs, self.mentions.datasets)
        self.runs = Runs(session, realm_id, self.names)
        self.runs.ask(events, self.mentions)

    def project(self, actor: Actor, now: datetime, raw: list[tuple[Event, Origin]]) -> dict[int, int]:
        """Fold these of the events, which have their arrival ids by now, and write them; returns arrival -> run."""
        events = [event for event, _ in raw]
        if not events:
            return {}
        if len(events) < len(self.events):
            self.events, self.mentions = events, Mentions(events)
        session, realm_id, names, runs, mentions = self.session, self.realm_id, self.names, self.runs, self.mentions
        names.load(mentions.jobs, mentions.datasets)
        schemas = Schemas(session, realm_id, names)
        schemas.ask(events)
        column_sets = ColumnSets(session, realm_id, names)
        column_sets.ask(mentions.columns)
        work = Work(session, realm_id, names, runs, schemas)
        runs.load(events, mentions)
        work.ask()
        runs.fold(events, mentions, now)
        runs.save()
        _save_raw(session, realm_id, raw, names, runs.of_event, now)
        _statics(events, names)
        About(session, realm_id, names).fold(events)
        schemas.intern()
        work.fold(events)
        Operations(session, realm_id, names, runs).save(work.of_run)
        schemas.fold(runs.of_event)
        column_sets.fold()
        self._beside(actor, schemas)
        return runs.of_event

    def _beside(self, actor: Actor, schemas: Schemas) -> None:
        session, realm_id, names, mentions = self.session, self.realm_id, self.names, self.mentions
        merged = save_symlinks(session, realm_id, names, mentions.symlinks)
        save_claims(session, realm_id, names, mentions.claims)
        save_dependencies(session, realm_id, names, mentions.dependencies)
        quality = Quality(session, realm_id, names)
        quality.fold(self.events, self.runs.of_event)
        names.save()
        index_names(session, realm_id, names)
        trail = Trail(session, actor)
        trail.names(names)
        trail.returned(bring_back(session, realm_id, names))
        trail.schemas(names, schemas.changed)
        trail.merged(names, merged)
        trail.failed(names, quality.failed)
        trail.close(self.runs, names)


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
    insert_rows(bound(session), RawEvent.__table__, rows)
