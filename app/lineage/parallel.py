"""Parts of a file read ahead and parsed, in processes of their own where there are several; one writer stores them."""

import multiprocessing
import os
import pickle
import signal
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import closing
from itertools import islice
from typing import NamedTuple

from app.lineage.ingest import Arrival, read
from app.lineage.openlineage.parse import Event
from app.lineage.openlineage.problem import BadEvent
from app.lineage.reading import EventFile, Record
from app.lineage.store.batch import Origin
from app.lineage.uncollected import uncollected


class Reading(NamedTuple):
    """How a file is read: events a part, the size of the largest event in bytes, masking, and processes that parse."""

    batch: int
    limit: int
    mask: bool
    jobs: int = 1


class Part(NamedTuple):
    """Arrivals with what parsing made of them, and how far the file was read for them."""

    arrivals: list[Arrival]
    parsed: list[Event | BadEvent]
    offset: int


def parts(file: EventFile, reading: Reading, behind: int) -> Generator[Part, None, None]:
    """Yield the parts of a file behind its first events; raises OSError or EOFError when it cannot be read on.

    Never more than a part for each process is held beside the one that is stored.
    """
    with closing(file.records()) as all_records:
        records = islice(all_records, behind, None)
        jobs = min(reading.jobs, os.cpu_count() or 1)
        yield from _ahead(file, records, reading, jobs) if jobs > 1 else _here(file, records, reading)


def _here(file: EventFile, records: Iterator[Record], reading: Reading) -> Generator[Part, None, None]:
    while part := list(islice(records, reading.batch)):
        arrivals, parsed = parse_part(file.name, part, reading)
        yield Part(arrivals, parsed, file.offset)


def _ahead(file: EventFile, records: Iterator[Record], reading: Reading, jobs: int) -> Generator[Part, None, None]:
    waiting: deque[tuple[list[Record], Future[bytes], int]] = deque()
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs - 1, mp_context=fresh, initializer=_leave_signals) as pool:
        try:
            while True:
                while len(waiting) < jobs and (part := list(islice(records, reading.batch))):
                    waiting.append((part, pool.submit(_packed, part, reading), file.offset))
                if not waiting:
                    return
                part, future, offset = waiting.popleft()
                yield Part(_arrivals(file.name, part), _unpacked(future.result()), offset)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _packed(part: Sequence[Record], reading: Reading) -> bytes:
    with uncollected():
        parsed = parse_part("", part, reading)[1]
        told = [each if isinstance(each, Event) else each.problems for each in parsed]
        return pickle.dumps(told, pickle.HIGHEST_PROTOCOL)


def _unpacked(packed: bytes) -> list[Event | BadEvent]:
    with uncollected():
        told = pickle.loads(packed)  # noqa: S301 - our own process made it a moment ago
    return [each if isinstance(each, Event) else BadEvent(each) for each in told]


def parse_part(name: str, part: Sequence[Record], reading: Reading) -> tuple[list[Arrival], list[Event | BadEvent]]:
    """Return the records of a file as arrivals, with what parsing made of each."""
    arrivals = _arrivals(name, part)
    return arrivals, [_read(arrival, reading) for arrival in arrivals]


def _arrivals(name: str, part: Sequence[Record]) -> list[Arrival]:
    return [Arrival(record.raw, Origin("file", f"{name}:{record.number}")) for record in part]


def _read(arrival: Arrival, reading: Reading) -> Event | BadEvent:
    if len(arrival.raw) > reading.limit:
        return BadEvent.one("too_large", "$", f"an event has at most {reading.limit:,} bytes")
    return read(arrival, mask=reading.mask)


def _leave_signals() -> None:
    """Let the process that stores decide about an interruption."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
