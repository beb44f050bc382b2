"""What is kept and for how long: old rows go in small batches, old edges become sums of months."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.bulk import insert_rows
from app.changes.actor import Actor
from app.changes.log import record
from app.db import scope, utcnow
from app.lineage.models import RawEvent, Rejection, Retention
from app.lineage.queries import retention as queries
from app.lineage.retention_edges import fold_edges
from app.lineage.retention_runs import remove_runs
from app.realms.settings import numbers

BATCH = 1_000
MOST_COUNTED = 10_000
REJECTION_DAYS = 30
SETTINGS = ("LINEAGE_RAW_DAYS", "LINEAGE_RUN_DAYS", "LINEAGE_RUN_COUNT", "EDGE_DAYS")
WORDS = {"events": "Events as they came", "rejections": "Refused bodies", "runs": "Runs", "edges": "Edges by day"}
NOTHING: Mapping[str, int] = MappingProxyType({})
Remove = Callable[[Session, int, "Limits"], int]


@dataclass(frozen=True, slots=True)
class Limits:
    """The first UTC day of each kind that is kept whole, and how many runs of a job are kept whatever their age."""

    events: date
    rejections: date
    runs: date
    edges: date
    newest: int

    @property
    def by_kind(self) -> dict[str, date]:
        """Return the first day kept by the kind of thing."""
        return {kind: getattr(self, kind) for kind in WORDS}


@dataclass(slots=True)
class Report:
    """What one pass took away, by kind; edges are daily rows that became part of a month."""

    removed: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Return how many rows went."""
        return sum(self.removed.values())


@dataclass(frozen=True, slots=True)
class Previewed:
    """How many things of a kind the next pass would take, counted to 10,000."""

    kind: str
    before: date
    count: int

    @property
    def words(self) -> str:
        """Return the count as pages show it."""
        return f"{MOST_COUNTED:,}+" if self.count > MOST_COUNTED else f"{self.count:,}"


def limits(session: Session, realm_id: int, now: datetime, wanted: Mapping[str, int] = NOTHING) -> Limits:
    """Return what is kept at a moment by the realm's settings, or by those ``wanted`` instead: one statement.

    Edges are folded by whole months, so that the sum of a month never stands beside days of it.
    """
    given = {**numbers(session, realm_id, *SETTINGS), **wanted}
    today = now.astimezone(UTC).date()

    def back(days: int) -> date:
        return today - timedelta(days=min(days, today.toordinal() - 1))

    return Limits(
        events=back(given["LINEAGE_RAW_DAYS"]),
        rejections=back(REJECTION_DAYS),
        runs=back(given["LINEAGE_RUN_DAYS"]),
        edges=back(given["EDGE_DAYS"]).replace(day=1),
        newest=given["LINEAGE_RUN_COUNT"],
    )


def midnight(day: date) -> datetime:
    """Return the first moment of a UTC day."""
    return datetime.combine(day, time(), UTC)


def keep(session: Session, realm_id: int, actor: Actor, now: datetime | None = None) -> Report:
    """Take away what is no longer kept: each batch of at most 1,000 rows is committed by itself.

    Datasets, jobs, schemas, claims, symlinks and column edges stay. What went is noted for the pages, and a pass that
    took anything is one row of the change log.
    """
    now = now or utcnow()
    scope(session, realm_id)
    kept = limits(session, realm_id, now)
    session.rollback()
    report = Report()
    for kind, remove in _REMOVERS.items():
        report.removed[kind] = remove(session, realm_id, kept)
        scope(session, realm_id)
        note(session, realm_id, kind, kept.by_kind[kind], report.removed[kind], now)
        session.commit()
    if report.total:
        told = [(WORDS[kind].lower(), count, None) for kind, count in report.removed.items() if count]
        record(session, "retention.ended", "retention", realm_id, "Retention of lineage", actor, fields=told)
        session.commit()
    return report


def note(session: Session, realm_id: int, kind: str, day: date, removed: int, now: datetime) -> None:
    """Keep from when on things of a kind are whole; nothing is noted before anything went. Does not commit."""
    row = session.get(Retention, (realm_id, kind))
    if row is None and not removed:
        return
    if row is None:
        session.add(Retention(realm_id=realm_id, what=kind, kept_from=day, ran_at=now, removed=removed))
        return
    row.ran_at = now
    if removed:
        row.kept_from, row.removed = max(row.kept_from, day), row.removed + removed


def preview(session: Session, realm_id: int, now: datetime, wanted: Mapping[str, int] = NOTHING) -> list[Previewed]:
    """Return what the next pass would take, by other settings where some are ``wanted``; a statement for each kind."""
    kept, most = limits(session, realm_id, now, wanted), MOST_COUNTED + 1
    selects: dict[str, Any] = {
        "events": queries.old_events(realm_id, midnight(kept.events), most),
        "rejections": queries.old_rejections(realm_id, midnight(kept.rejections), most),
        "runs": queries.old_runs(realm_id, midnight(kept.runs), kept.newest, (), most),
        "edges": queries.any_daily_edges(realm_id, kept.edges, most),
    }
    connection = session.connection()
    counts = {kind: connection.scalar(queries.counted(found)) or 0 for kind, found in selects.items()}
    return [Previewed(kind, kept.by_kind[kind], count) for kind, count in counts.items()]


def _events(session: Session, realm_id: int, kept: Limits) -> int:
    before = midnight(kept.events)
    return _by_id(session, realm_id, RawEvent, lambda: queries.old_events(realm_id, before, BATCH))


def _rejections(session: Session, realm_id: int, kept: Limits) -> int:
    before = midnight(kept.rejections)
    return _by_id(session, realm_id, Rejection, lambda: queries.old_rejections(realm_id, before, BATCH))


def _by_id(session: Session, realm_id: int, model: Any, next_batch: Callable[[], Any]) -> int:
    removed = 0
    while ids := _values(session, next_batch()):
        gone = delete(model.__table__).where(model.__table__.c.realm_id == realm_id, model.__table__.c.id.in_(ids))
        session.connection().execute(gone)
        session.commit()
        removed += len(ids)
    session.rollback()
    return removed


def _values(session: Session, found: Any) -> Sequence[int]:
    return session.connection().execute(found).scalars().all()


def _runs(session: Session, realm_id: int, kept: Limits) -> int:
    return remove_runs(session, realm_id, midnight(kept.runs), kept.newest, BATCH)


def _edges(session: Session, realm_id: int, kept: Limits) -> int:
    return fold_edges(session, realm_id, kept.edges, BATCH)


_REMOVERS: dict[str, Remove] = {"events": _events, "rejections": _rejections, "runs": _runs, "edges": _edges}


def claim(session: Session, realm_id: int, what: str, every: timedelta, now: datetime) -> bool:
    """Return whether a recurring task is due and this caller is the one to do it; commits the claim.

    The row of the task is its lease: whoever moves ``ran_at`` forward does the work.
    """
    table = Retention.__table__
    row = {"realm_id": realm_id, "what": what, "kept_from": now.date(), "ran_at": now - every * 2, "removed": 0}
    insert_rows(session.connection(), table, [row], conflict=("realm_id", "what"))
    mine = (table.c.realm_id == realm_id, table.c.what == what, table.c.ran_at <= now - every)
    claimed = session.connection().execute(table.update().where(*mine).values(ran_at=now)).rowcount == 1
    session.commit()
    return claimed
