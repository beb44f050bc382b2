"""The log of a run: text in chunks by their byte offset, capped so that its beginning and its newest part stay."""

from typing import Final

from flask import current_app
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.changes.actor import Actor
from app.db import utcnow
from app.jobs.actions import pulse
from app.jobs.actions.following import put
from app.jobs.actions.telling import Before, tell
from app.jobs.log import kept
from app.jobs.models import LogChunk, RunTracking
from app.jobs.queries import logs as queries
from app.jobs.reads.tracked import Tracked
from app.refusal import Problem, Refused

LONGEST_CHUNK: Final = 2**20
FURTHEST: Final = 2**53
# Small chunks that follow each other become one row; what is cut away leaves room for a while.
JOINED, ROOM = 16 * 1024, 256 * 1024


def append_log(session: Session, one: Tracked, offset: int | None, data: bytes, actor: Actor) -> int:
    """Keep a chunk at its byte offset (None: at the end); returns the offset behind it. Flushes.

    What is there already is ignored; a gap is kept as one. Beyond the setting RUN_LOG_MAX the first 64 KiB and the
    newest rest stay.
    Raises Refused: 409 for a run of OpenLineage, 413 for more than 1 MiB, 422 (field ``offset``).
    """
    following = one.following
    if following is None:
        raise Refused(Problem("not_tracked", "Runs reported by OpenLineage have no log here."), status=409)
    if len(data) > LONGEST_CHUNK:
        raise Refused(Problem("too_large", f"A chunk has at most {LONGEST_CHUNK:,} bytes."), status=413)
    if offset is not None and not 0 <= offset <= FURTHEST:
        raise Refused(Problem("bad_offset", "Use the number of bytes before the chunk.", "offset", offset))
    last = session.scalar(queries.last_before(one.run.number, FURTHEST * 2 if offset is None else offset))
    at = offset if offset is not None else last.offset + last.size if last is not None else 0
    added = _keep(session, following, at, data, last)
    size = following.log_bytes + added
    most: int = current_app.config["SETTINGS"].run_log_max
    if size > most:
        size = _cut(session, following, most - ROOM)
    before = Before.of(one.run)
    pulse.alive(session, one, utcnow())
    session.flush()
    put(session, following, log_bytes=size, told=tell(session, one, before, actor, added=added > 0))
    return at + len(data)


def _keep(session: Session, following: RunTracking, at: int, data: bytes, last: LogChunk | None) -> int:
    """Add what is new; returns by how many bytes the log grew."""
    end = last.offset + last.size if last is not None else -1
    if not data or (last is not None and (end >= at + len(data) or last.offset == at)):
        return 0
    if last is not None and end == at and last.size < JOINED:
        last.bytes, last.size = last.bytes + data, last.size + len(data)
    else:
        session.add(_chunk(following, at, data))
    session.flush()
    return len(data)


def _cut(session: Session, following: RunTracking, most: int) -> int:
    """Take the middle out so that ``most`` bytes stay; returns how many are left."""
    places = session.execute(queries.places(following.run)).all()
    extents = kept([(row.offset, row.size) for row in places], most)
    whole = {extent.index for extent in extents if extent.size == places[extent.index].size}
    parts = [extent for extent in extents if extent.index not in whole]
    cut = session.scalars(queries.chunks([places[extent.index].id for extent in parts])).all()
    bytes_of = {chunk.offset: chunk.bytes for chunk in cut}
    gone = [row.id for index, row in enumerate(places) if index not in whole]
    mine = (LogChunk.realm_id == following.realm_id, LogChunk.run == following.run, LogChunk.id.in_(gone))
    session.execute(delete(LogChunk).where(*mine).execution_options(synchronize_session=False))
    for chunk in cut:
        session.expunge(chunk)
    session.add_all(
        _chunk(following, extent.offset, bytes_of[places[extent.index].offset][extent.cut : extent.cut + extent.size])
        for extent in parts
    )
    session.flush()
    return sum(extent.size for extent in extents)


def _chunk(following: RunTracking, offset: int, data: bytes) -> LogChunk:
    return LogChunk(realm_id=following.realm_id, run=following.run, offset=offset, size=len(data), bytes=data,
                    created_at=utcnow())  # fmt: skip
