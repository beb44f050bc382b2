"""Selects of search: things by words, runs by any of their ids, things by their exact name."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, case, exists, false, func, literal, or_, select, union, union_all
from sqlalchemy.orm import aliased

from app.jobs.models import Job, Owner, Run, Tag
from app.lineage.models import Dataset, Lateness, SearchEntry
from app.lineage.queries.words import entries
from app.locations.models import Address, Location
from app.web.keyset import EXAMINED, Rows
from app.web.matching import Choice
from app.web.whole import whole

BEST: Final = 50
LOOKED_AT: Final = 200
BIGGEST: Final = 2**62
Tiers = Sequence[Sequence[Choice]]


def datasets(tiers: Tiers, text: str, narrower: Sequence[ColumnElement[bool]], limit: int) -> Rows:
    """Select (Dataset, rank) of those the documents name: exact name, beginning, inside; then the newest."""
    rank, found = _rank(text, Dataset.name, Dataset.label), _candidates("dataset", tiers, wide=bool(narrower))
    activity = func.coalesce(Dataset.last_written_at, Dataset.last_read_at)
    return (
        select(Dataset, rank.label("rank"))
        .join(found, found.c.entity_id == Dataset.id)
        .where(*narrower)
        .order_by(rank, activity.desc().nulls_last(), Dataset.sort_name, Dataset.id)
        .limit(limit)
    )


def jobs(tiers: Tiers, text: str, narrower: Sequence[ColumnElement[bool]], limit: int) -> Rows:
    """Select (Job, rank) in the order of ``datasets``; names that were only mentioned are no jobs yet."""
    rank, found = _rank(text, Job.name, Job.name), _candidates("job", tiers, wide=bool(narrower))
    return (
        select(Job, rank.label("rank"))
        .join(found, found.c.entity_id == Job.id)
        .where(*narrower)
        .order_by(rank, Job.last_run_at.desc().nulls_last(), Job.sort_name, Job.id)
        .limit(limit)
    )


def columns(asks: Sequence[Sequence[Choice]], limit: int) -> Rows:
    """Select names of columns whose documents meet any of the conditions, at most ``limit`` for each."""
    found = union_all(*(entries("column", ask, limit).subquery().select() for ask in asks))
    return select(SearchEntry.name).where(SearchEntry.kind == "column", SearchEntry.entity_id.in_(found))


def documents(asks: Sequence[tuple[str, Sequence[Choice]]], limit: int) -> Rows:
    """Select the words of documents that meet conditions, each of a kind."""
    parts = [
        select(SearchEntry.words).where(SearchEntry.kind == kind, SearchEntry.entity_id.in_(entries(kind, ask, limit)))
        for kind, ask in asks
    ]
    return select(union_all(*parts).subquery())


def tally(kind: str, choices: Sequence[Choice], limit: int) -> Rows:
    """Select how many things the documents name, up to ``limit``."""
    return select(func.count()).select_from(entries(kind, choices, limit).limit(limit).subquery())


def words_of(kind: str, ids: Collection[int]) -> Rows:
    """Select (id, words) of the documents of some things."""
    return select(SearchEntry.entity_id, SearchEntry.words).where(
        SearchEntry.kind == kind, SearchEntry.entity_id.in_(ids)
    )


def said(ids: dict[str, Collection[int]]) -> Rows:
    """Select (kind, id, what, text) of the owners and tags of datasets and jobs."""
    parts = []
    for kind, found in ids.items():
        kinds = literal(kind).label("kind")
        parts += [
            select(kinds, Owner.entity_id.label("id"), literal("owner").label("what"), Owner.name.label("text")).where(
                Owner.kind == kind, Owner.entity_id.in_(found)
            ),
            select(kinds, Tag.entity_id, literal("tag"), Tag.key).where(Tag.kind == kind, Tag.entity_id.in_(found)),
        ]
    return select(union_all(*parts).subquery())


def _candidates(kind: str, tiers: Tiers, *, wide: bool) -> Any:
    """Select the ids of things that could be shown: the best, so many of the rest; more where filters thin them out."""
    most = [*[BEST] * (len(tiers) - 1), EXAMINED if wide else LOOKED_AT]
    parts = [entries(kind, tier, limit).subquery().select() for tier, limit in zip(tiers, most, strict=True)]
    return union(*parts).subquery("found")


def _rank(text: str, name: Any, label: Any) -> ColumnElement[int]:
    wanted = text.strip().lower()
    whole = or_(func.lower(name) == wanted, func.lower(label) == wanted)
    last = [func.lower(name).endswith(f"{mark}{wanted}", autoescape=True) for mark in (".", "/", ":")]
    starts = or_(
        func.lower(name).startswith(wanted, autoescape=True), func.lower(label).startswith(wanted, autoescape=True)
    )
    inside = func.lower(name).contains(wanted, autoescape=True)
    return case((whole, 0), (or_(*last), 1), (starts, 2), (inside, 3), else_=4)


def dataset_state(words: Collection[str]) -> ColumnElement[bool]:
    """Return the condition of datasets in one of these states: late, dropped, never_written, never_read."""
    late = exists().where(Lateness.dataset_id == Dataset.id, Lateness.realm_id == Dataset.realm_id)
    known: dict[str, ColumnElement[bool]] = {
        "late": late,
        "dropped": Dataset.lifecycle == "DROP",
        "never_written": Dataset.last_written_at.is_(None),
        "never_read": Dataset.last_read_at.is_(None),
    }
    return or_(false(), *(known[word] for word in words if word in known))


def job_state(words: Collection[str]) -> ColumnElement[bool]:
    """Return the condition of jobs whose last run has one of these states, or that never ran."""
    last = aliased(Run)
    ended = exists().where(last.number == Job.last_run, last.realm_id == Job.realm_id, last.status.in_(words))
    return or_(ended, Job.last_run.is_(None)) if "never_run" in words else ended


def locations(text: str, types: Collection[str], limit: int) -> Rows:
    """Select locations whose name, type or an address has each word of ``text``."""
    query = select(Location).where(Location.merged_into_id.is_(None))
    if types:
        query = query.where(func.lower(Location.type).in_(types))
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
    if (number := whole(text, BIGGEST)) is not None:
        ways.append(Run.number == number)
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
