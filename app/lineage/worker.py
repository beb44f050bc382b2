"""Take files in: batch by batch, each committed together with how far it got, so that a crash loses nothing."""

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from time import monotonic, sleep
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.bulk import allocate
from app.changes.actor import Actor
from app.db import scope, utcnow
from app.lineage.ingest import Arrival, Refusal, ingest
from app.lineage.isolate import isolate
from app.lineage.metrics import observe
from app.lineage.models import Import
from app.lineage.openlineage.parse import Event
from app.lineage.openlineage.problem import BadEvent
from app.lineage.parallel import Part, Reading, parts
from app.lineage.reading import EventFile
from app.web.errors import is_busy

FIRST = 20
TRIES = 120
PAUSE = 0.5
OPEN = ("waiting", "running", "stopped", "failed")


class Bad(NamedTuple):
    """An event of a file that was refused."""

    ref: str
    code: str
    path: str
    detail: str


@dataclass(frozen=True, slots=True)
class Taking:
    """How a file is taken in; ``limit``: the largest event in bytes, ``jobs``: processes at work, this one included."""

    realm_id: int
    actor: Actor
    batch: int
    mask: bool
    limit: int
    jobs: int = 1

    @property
    def reading(self) -> Reading:
        """Return how its events are read."""
        return Reading(self.batch, self.limit, self.mask, self.jobs)


@dataclass(slots=True)
class Progress:
    """How far a file is: ``done`` events in this process, the counts of all processes that worked on it."""

    offset: int = 0
    position: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0


Tell = Callable[[Progress, Sequence[Bad]], None]


def find_import(session: Session, taking: Taking, file: EventFile, *, restart: bool) -> Import:
    """Return the row of a file that was begun and not finished, else a new one; flushes, does not commit."""
    scope(session, taking.realm_id)
    fingerprint = file.fingerprint()
    known = None
    if fingerprint and not restart:
        same = Import.fingerprint == fingerprint, Import.state.in_(OPEN), Import.spooled.is_(None)
        query = select(Import).where(*same)
        known = session.scalar(query.order_by(Import.id.desc()).limit(1))
    if known is None:
        known = new_import(session, taking.realm_id, file, taking.actor)
    known.state, known.error, known.updated_at = "running", None, utcnow()
    session.flush()
    return known


def new_import(session: Session, realm_id: int, file: EventFile, actor: Actor) -> Import:
    """Add a row for a file; flushes, does not commit."""
    now = utcnow()
    row = Import(
        id=allocate(session.connection(), Import.__table__, 1)[0],
        realm_id=realm_id,
        name=file.name,
        fingerprint=file.fingerprint(),
        size=file.size,
        state="waiting",
        created_by=actor.name,
        created_at=now,
        updated_at=now,
        **dict.fromkeys(("offset", "position", "accepted", "duplicates", "rejected"), 0),
        first_rejected="[]",
    )
    session.add(row)
    session.flush()
    return row


def take_in(session: Session, taking: Taking, row: Import, file: EventFile, tell: Tell) -> Progress:
    """Store the events of a file behind its committed position; commits each batch and waits out a busy database.

    Raises OSError or EOFError when the file cannot be read on; what was taken until then stays.
    """
    row_id, first = row.id, json.loads(row.first_rejected)
    done = Progress(row.offset, row.position, row.accepted, row.duplicates, row.rejected)
    session.commit()
    with closing(parts(file, taking.reading, done.position)) as found:
        for part in found:
            bad = _with_patience(session, taking, row_id, part, done, first)
            tell(done, bad)
    tell(done, [])
    finish(session, taking.realm_id, row_id, "done")
    return done


def finish(session: Session, realm_id: int, row_id: int, state: str, error: str | None = None) -> None:
    """Say what became of an import, and commit."""
    scope(session, realm_id)
    values = {"state": state, "error": error, "updated_at": utcnow(), "lease_until": None}
    session.execute(update(Import).where(Import.realm_id == realm_id, Import.id == row_id).values(**values))
    session.commit()


def refusals(arrivals: Sequence[Arrival], parsed: Sequence[Event | BadEvent]) -> list[Bad]:
    """Return the events that were refused."""
    return [
        Bad(arrival.origin.ref or "", event.code, event.path, event.problems[0].detail)
        for arrival, event in zip(arrivals, parsed, strict=True)
        if isinstance(event, BadEvent)
    ]


def _with_patience(
    session: Session,
    taking: Taking,
    row_id: int,
    part: Part,
    done: Progress,
    first: list[object],
) -> list[Bad]:
    arrivals, parsed = part.arrivals, part.parsed
    for attempt in range(TRIES):
        bad, begun = refusals(arrivals, parsed), monotonic()
        kept = first + [each._asdict() for each in bad[: FIRST - len(first)]]
        try:
            after = _store(session, taking, row_id, part._replace(parsed=parsed), done, kept)
            session.commit()
            observe(taking.realm_id, monotonic() - begun, parsed)
        except Exception as error:
            session.rollback()
            if attempt == TRIES - 1:
                raise
            if is_busy(error):
                sleep(PAUSE)
                continue
            known, parsed = parsed, isolate(session, taking.realm_id, arrivals, parsed, taking.actor)
            if parsed == known:
                raise
        else:
            break
    first[:] = kept
    for name in ("offset", "position", "accepted", "duplicates", "rejected"):
        setattr(done, name, getattr(after, name))
    return bad


def _store(
    session: Session,
    taking: Taking,
    row_id: int,
    part: Part,
    done: Progress,
    kept: list[object],
) -> Progress:
    arrivals = part.arrivals
    outcomes = ingest(session, taking.realm_id, arrivals, taking.actor, parsed=part.parsed)
    rejected = sum(isinstance(each, Refusal) for each in outcomes)
    duplicates = sum(not isinstance(each, Refusal) and each.duplicate for each in outcomes)
    after = Progress(
        offset=max(part.offset, done.offset),
        position=done.position + len(arrivals),
        accepted=done.accepted + len(arrivals) - rejected - duplicates,
        duplicates=done.duplicates + duplicates,
        rejected=done.rejected + rejected,
    )
    values = {name: getattr(after, name) for name in ("offset", "position", "accepted", "duplicates", "rejected")}
    session.execute(
        update(Import)
        .where(Import.realm_id == taking.realm_id, Import.id == row_id)
        .values(**values, first_rejected=json.dumps(kept), updated_at=utcnow())
    )
    return after
