"""Selects of search: things by words, runs by any of their ids, things by their exact name."""

from contextlib import suppress
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, case, false, func, or_, select

from app.jobs.models import Job, Run
from app.lineage.models import Dataset, SearchEntry
from app.lineage.queries.words import has_words
from app.locations.models import Address, Location
from app.web.keyset import Rows

LOOKED_AT: Final = 2_000
BIGGEST: Final = 2**62


def datasets(text: str, limit: int) -> Rows:
    """Select (Dataset, rank) of datasets with all words of ``text``: exact name, prefix, inside; then the newest."""
    rank = _rank(text, Dataset.name, Dataset.label)
    activity = func.coalesce(Dataset.last_written_at, Dataset.last_read_at)
    return (
        select(Dataset, rank.label("rank"))
        .where(Dataset.id.in_(_hits(text, "dataset")))
        .order_by(rank, activity.desc().nulls_last(), Dataset.sort_name, Dataset.id)
        .limit(limit)
    )


def jobs(text: str, limit: int) -> Rows:
    """Select (Job, rank) of jobs with all words of ``text``, in the order of ``datasets``."""
    rank = _rank(text, Job.name, Job.name)
    return (
        select(Job, rank.label("rank"))
        .where(Job.id.in_(_hits(text, "job")))
        .order_by(rank, Job.last_run_at.desc().nulls_last(), Job.sort_name, Job.id)
        .limit(limit)
    )


def _hits(text: str, kind: str) -> Rows:
    words = has_words(text)
    return (
        select(SearchEntry.entity_id)
        .where(SearchEntry.kind == kind, words if words is not None else false())
        .order_by(SearchEntry.id.desc())
        .limit(LOOKED_AT)
    )


def _rank(text: str, name: Any, label: Any) -> ColumnElement[int]:
    wanted = text.strip().lower()
    whole = or_(func.lower(name) == wanted, func.lower(label) == wanted)
    last = [func.lower(name).endswith(f"{mark}{wanted}", autoescape=True) for mark in (".", "/", ":")]
    starts = or_(
        func.lower(name).startswith(wanted, autoescape=True), func.lower(label).startswith(wanted, autoescape=True)
    )
    return case((whole, 0), (or_(*last), 1), (starts, 2), else_=3)


def locations(text: str, limit: int) -> Rows:
    """Select locations whose name, type or an address has each word of ``text``."""
    query = select(Location).where(Location.merged_into_id.is_(None))
    for word in text.split():
        address = select(Address.location_id).where(Address.url.icontains(word, autoescape=True))
        query = query.where(
            or_(
                Location.name.icontains(word, autoescape=True),
                Location.type.icontains(word, autoescape=True),
                Location.id.in_(address),
            )
        )
    return query.order_by(Location.sort_name, Location.id).limit(limit)


def runs(text: str, digest: bytes, limit: int) -> Rows:
    """Select (Run, Job) of runs with this reported id, external id, UUID or number, the newest first."""
    ways: list[ColumnElement[bool]] = [Run.digest == digest, Run.external_id == text[:200]]
    if text.isascii() and text.isdigit() and int(text[:20]) < BIGGEST:
        ways.append(Run.number == int(text))
    with suppress(ValueError):
        ways.append(Run.id == UUID(text))
    return (
        select(Run, Job)
        .join(Job, Job.id == Run.job_id)
        .where(or_(*ways))
        .order_by(Run.began_at.desc(), Run.number.desc())
        .limit(limit)
    )


def dataset_named(digest: bytes) -> Rows:
    """Select the dataset with this exact namespace and name."""
    return select(Dataset).where(Dataset.digest == digest)


def job_named(digest: bytes) -> Rows:
    """Select the job with this exact namespace and name."""
    return select(Job).where(Job.digest == digest)


def run_reported(digest: bytes) -> Rows:
    """Select the run with this reported id."""
    return select(Run).where(Run.digest == digest)
