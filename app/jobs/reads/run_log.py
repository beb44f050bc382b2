"""The log of a run: its last lines, and all of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.jobs.log import SHOWN_LINES, Line, masked_lines, tail
from app.jobs.queries import run_parts as queries

MOST_CHUNKS = 1_000
MOST_BYTES = 256 * 1024
AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Log:
    """The last lines of a log as shown; ``size`` is where it ends, ``is_cut`` when there is more before them."""

    lines: list[Line]
    size: int
    is_cut: bool


def last_lines(session: Session, number: int, most: int = SHOWN_LINES) -> Log | None:
    """Return the last lines of a run's log, None without one: two statements, at most 256 KiB and one chunk read."""
    places = session.execute(queries.log_places(number, MOST_CHUNKS)).all()
    if not places:
        return None
    begins, room = places[0][0], MOST_BYTES
    for offset, size in places:
        begins = offset
        room -= size
        if room <= 0:
            break
    chunks = [(offset, data) for offset, data in session.execute(queries.log_from(number, begins))]
    found = tail(chunks, most, begins=begins)
    newlines = sum(data.count(b"\n") for _, data in chunks)
    return Log(found, places[0][0] + places[0][1], is_cut=begins > 0 or newlines > len(found))


def download(session: Session, number: int) -> Iterator[bytes]:
    """Yield the whole log with secrets masked, some chunks at a time."""
    return masked_lines(_chunks(session, number))


def _chunks(session: Session, number: int) -> Iterator[bytes]:
    at, whole = 0, 0
    while rows := session.execute(queries.log_from(number, at, AT_ONCE)).all():
        for offset, data in rows:
            if offset > whole:
                yield f"\n[{offset - whole:,} bytes are not kept]\n".encode()
            yield data[max(whole - offset, 0) :]
            whole = max(whole, offset + len(data))
        at = rows[-1][0] + 1
