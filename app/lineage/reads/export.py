"""Events as they were stored, in order of arrival, one a line, for any number of them."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db import scope
from app.lineage.models import RawEvent
from app.lineage.openlineage.decode import encode
from app.lineage.queries import events as queries
from app.lineage.show import is_masked_when_shown, shown_body

KEYS = 2_000
TOGETHER = 4 * 2**20


def events_ndjson(
    session: Session, realm_id: int, *, since: datetime | None = None, until: datetime | None = None, job: str = ""
) -> Iterator[str]:
    """Yield the bodies of events that came in between two moments, as lines of NDJSON in order of arrival.

    ``job`` is an id or a name. Secrets are masked as on pages. What arrives after the first line is left out. No
    transaction stays open between two chunks of about 4 MiB, however long the reader takes.
    """
    scope(session, realm_id)
    wanted = queries.narrower(job=job)
    if since is not None:
        wanted.append(RawEvent.received_at >= since)
    if until is not None:
        wanted.append(RawEvent.received_at < until)
    newest = session.scalar(select(func.max(RawEvent.id)).where(RawEvent.realm_id == realm_id)) or 0
    masks, reached = is_masked_when_shown(), 0
    while reached < newest:
        keys = session.execute(
            select(RawEvent.id, RawEvent.size)
            .where(RawEvent.realm_id == realm_id, RawEvent.id > reached, RawEvent.id <= newest, *wanted)
            .order_by(RawEvent.id)
            .limit(KEYS)
        ).all()
        session.rollback()
        for ids in _chunks([(row[0], row[1]) for row in keys]):
            yield "".join(_lines(session, realm_id, ids, masks=masks))
        reached = keys[-1][0] if len(keys) == KEYS else newest


def _chunks(keys: list[tuple[int, int]]) -> Iterator[list[int]]:
    chunk, size = list[int](), 0
    for id_, bytes_ in keys:
        if chunk and size + bytes_ > TOGETHER:
            yield chunk
            chunk, size = [], 0
        chunk.append(id_)
        size += bytes_
    if chunk:
        yield chunk


def _lines(session: Session, realm_id: int, ids: list[int], *, masks: bool) -> list[str]:
    found = select(RawEvent.body).where(RawEvent.realm_id == realm_id, RawEvent.id.in_(ids)).order_by(RawEvent.id)
    bodies = session.scalars(found).all()
    session.rollback()
    return [f"{encode(shown_body(body)) if masks or chr(10) in body else body}\n" for body in bodies]
