"""Selects on logs of runs as they are written."""

from collections.abc import Sequence

from sqlalchemy import Select, select

from app.jobs.models import LogChunk


def last_before(run: int, offset: int) -> Select[LogChunk]:
    """Select the last chunk of a run that begins at an offset or before it."""
    return (
        select(LogChunk).where(LogChunk.run == run, LogChunk.offset <= offset).order_by(LogChunk.offset.desc()).limit(1)
    )


def places(run: int) -> Select[int, int, int]:
    """Select (id, offset, size) of all chunks of a run in order."""
    return select(LogChunk.id, LogChunk.offset, LogChunk.size).where(LogChunk.run == run).order_by(LogChunk.offset)


def chunks(ids: Sequence[int]) -> Select[LogChunk]:
    """Select chunks by their ids."""
    return select(LogChunk).where(LogChunk.id.in_(ids))
