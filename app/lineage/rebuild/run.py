"""The rebuild itself: fold everything anew beside the realm, then put right what differs, 500 things at a time."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.bulk import allocate, insert_rows, select_in, update_rows
from app.db import scope
from app.jobs.models import Run
from app.lineage.models import Assertion, Claim, ColumnSet, Edge, RawEvent
from app.lineage.openlineage.parse import Name
from app.lineage.rebuild import columns
from app.lineage.rebuild.compare import KINDS, Ids, difference, grouped, identity, rows_of, write
from app.lineage.rebuild.histories import put_right
from app.lineage.rebuild.kept import POINTS, Kept, forget
from app.lineage.rebuild.scratch import Scratch, scratch
from app.lineage.rebuild.since import told_since
from app.lineage.rebuild.tables import CLAIMS, ENTITIES, LATE, TABLES, Table
from app.lineage.store.batch import lock_realm
from app.lineage.store.find import refresh_words
from app.lineage.store.links import regroup
from app.lineage.store.names import Names

BATCH = 500
EXAMPLES = 20


@dataclass
class Report:
    """What a rebuild found: events folded, differences per table, and the first few in words."""

    events: int = 0
    differences: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def add(self, table: str, words: str) -> None:
        """Count one difference."""
        self.differences[table] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(f"{table}: {words}")


def rebuild(
    open_session: Callable[[], Session],
    realm_id: int,
    folder: Path,
    *,
    check: bool = False,
    since: datetime | None = None,
) -> Report:
    """Recompute everything derived in a realm and return what differed; ``check`` changes nothing.

    With ``since`` only jobs, datasets and runs are compared that events at or after that moment tell of.

    Ids of jobs, datasets and runs stay. Each batch holds the realm's lock in a transaction of its own and first folds
    what came in since the last one, so ingestion goes on and whoever comes second folds both. Needs disk for a second
    projection under ``folder`` and memory for one pair of ids per job, dataset and run.
    """
    with scratch(realm_id, folder) as fresh:
        with open_session() as main:
            scope(main, realm_id)
            fresh.follow(main)
        return _Rebuild(open_session, realm_id, fresh, check=check, since=since).work()


class _Rebuild:
    def __init__(
        self,
        open_session: Callable[[], Session],
        realm_id: int,
        fresh: Scratch,
        *,
        check: bool,
        since: datetime | None,
    ) -> None:
        self.open_session = open_session
        self.realm_id = realm_id
        self.fresh = fresh
        self.check = check
        self.since = since
        self.ids = Ids(fresh.session, realm_id)
        self.report = Report()
        self.oldest = datetime.min.replace(tzinfo=UTC)
        self.kept: Kept

    def work(self) -> Report:
        self._step(self._make_missing)
        told = told_since(self.fresh.session, self.realm_id, self.since) if self.since else None
        for kind, (model, key) in KINDS.items():
            if kind == "schema":
                continue
            things = [getattr(row, key) for row in rows_of(self.fresh.session, model, self.realm_id)]
            things = things if told is None else [thing for thing in things if thing in told[kind]]
            for start in range(0, len(things), BATCH):
                part = things[start : start + BATCH]
                self._step(partial(self._compare, kind, part))
        self._step(self._finish)
        self.report.events = self._count()
        return self.report

    def _count(self) -> int:
        query = select(func.count()).select_from(RawEvent).where(RawEvent.realm_id == self.realm_id)
        return self.fresh.session.connection().scalar(query) or 0

    def _step(self, do: Callable[[Session, Ids], None]) -> None:
        with self.open_session() as main:
            scope(main, self.realm_id)
            lock_realm(main, self.realm_id)
            self.fresh.follow(main)
            oldest = select(func.min(RawEvent.event_time)).where(RawEvent.realm_id == self.realm_id)
            self.oldest = main.connection().scalar(oldest) or self.oldest
            self.kept = Kept(main, self.realm_id)
            do(main, self.ids.refresh(main))
            if self.check:
                main.rollback()
            else:
                main.commit()

    def _make_missing(self, main: Session, ids: Ids) -> None:
        missing: dict[str, dict[Name, str]] = {}
        for kind in ("job", "dataset"):
            model = KINDS[kind][0]
            rows = [row for row in rows_of(self.fresh.session, model, self.realm_id) if row.id not in ids.maps[kind]]
            missing[kind] = {Name(row.namespace, row.name): row.origin for row in rows}
            for row in rows:
                self.report.add(model.__tablename__, f"{row.namespace} {row.name} is missing")
        Names(main, self.realm_id).load(missing["job"], missing["dataset"])
        self._make_runs(main, ids.refresh(main))

    def _make_runs(self, main: Session, ids: Ids) -> None:
        rows = [r for r in rows_of(self.fresh.session, Run, self.realm_id) if r.number not in ids.maps["run"]]
        rows = [row for row in rows if not self.kept.took_run(row)]
        numbers = allocate(main.connection(), Run.__table__, len(rows))
        made = []
        for number, row in zip(numbers, rows, strict=True):
            self.report.add("jobs_run", f"{row.reported_id} is missing")
            own = {"number": number, "id": uuid7(), "parent_run": None, "root_run": None}
            made.append(row._asdict() | own | {"job_id": ids.maps["job"][row.job_id]})
        insert_rows(main.connection(), Run.__table__, made)

    def _compare(self, kind: str, things: list[int], main: Session, ids: Ids) -> None:
        things = self._comparable(main, ids, kind, things)
        ours = [ids.maps[kind][thing] for thing in things]
        old = self.kept.told_before(main, kind, ours)
        whole = [thing for thing in things if ids.maps[kind][thing] not in old]
        self._entities(main, ids, kind, whole)
        mine = [ids.maps[kind][thing] for thing in whole]
        for table in TABLES[kind]:
            if table.model is ColumnSet:
                self._columns(main, ids, whole, mine)
                continue
            self._rows(main, ids, table, whole, mine)
            if old and table.model in POINTS:
                late = old - (self.kept.spanning(main, ids) if table.model is Edge else set())
                part = [thing for thing in things if ids.maps[kind][thing] in late]
                self._rows(main, ids, table, part, list(late), late=True)
        if kind == "dataset":
            for alias, canonical in regroup(main, self.realm_id, ours):
                self.report.add("lineage_dataset", f"{alias} is another name of {canonical}")
        if kind in {"dataset", "job"}:
            for number in refresh_words(main, self.realm_id, kind, ours):
                self.report.add("lineage_search", f"{kind} {number} is found by other words")

    def _comparable(self, main: Session, ids: Ids, kind: str, things: list[int]) -> list[int]:
        """Return things of the scratch that the realm has; of tracked runs events decide that are not raw ones."""
        ours = {thing: ids.maps[kind][thing] for thing in things if thing in ids.maps[kind]}
        if kind == "run":
            rows = select_in(main, (Run.number,), self.realm_id, Run.number, ours.values(), "AND origin = 'tracked'")
            tracked = {row.number for row in rows}
            return [thing for thing, number in ours.items() if number not in tracked]
        return list(ours)

    def _rows(
        self, main: Session, ids: Ids, table: Table, things: list[Any], ours: list[Any], *, late: bool = False
    ) -> None:
        theirs = grouped(self.fresh.session, table, self.realm_id, things)
        wanted = self.kept.comparable(table, [ids.translate(table, row) for row in theirs], late=late)
        present = [row._asdict() for row in grouped(main, table, self.realm_id, ours)]
        present = self.kept.comparable(table, present, late=late)
        if self.kept.runs is not None:
            forget(table, wanted, ids)
            forget(table, present, ids)
        missing, extra = difference(table, wanted, present, self.oldest)
        for word, rows in (("missing", missing), ("too many", extra)):
            for row in rows:
                self.report.add(table.model.__tablename__, f"{word}: {identity(table, row)}")
        write(main, table, missing, extra)

    def _entities(self, main: Session, ids: Ids, kind: str, things: list[int]) -> None:
        table = ENTITIES[kind]
        theirs = grouped(self.fresh.session, table, self.realm_id, things)
        ours = [ids.maps[kind][thing] for thing in things if thing in ids.maps[kind]]
        present = {getattr(row, table.group): row._asdict() for row in grouped(main, table, self.realm_id, ours)}
        changes = []
        for row in theirs:
            wanted = ids.translate(table, row)
            number = ids.maps[kind].get(getattr(row, table.group))
            have = present.get(number)
            if have is not None and self.kept.runs is not None:
                forget(table, [wanted, have], ids)
            if have is None or have["origin"] == "tracked" or identity(table, wanted) == identity(table, have):
                continue
            names = [n for n in wanted if n not in table.skip and str(wanted[n]) != str(have[n])]
            self.report.add(table.model.__tablename__, f"{number} differs in {', '.join(names)}")
            put = {name: value for name, value in wanted.items() if name not in table.skip}
            changes.append(put | {table.group: number, "realm_id": self.realm_id})
        update_rows(main.connection(), table.model.__table__, changes, key=table.group)

    def _columns(self, main: Session, ids: Ids, things: list[int], ours: list[int]) -> None:
        wanted = columns.load(self.fresh.session, self.realm_id, things, ids)
        present = columns.load(main, self.realm_id, ours, None)
        for dataset in ours:
            if columns.content(wanted[dataset]) != columns.content(present[dataset]):
                self.report.add("lineage_column_set", f"dataset {dataset} differs")
                columns.replace(main, self.realm_id, dataset, present[dataset], wanted[dataset])

    def _finish(self, main: Session, ids: Ids) -> None:
        for table in LATE:
            theirs = [row.id for row in rows_of(self.fresh.session, Assertion, self.realm_id)]
            ours = [ids.maps["assertion"][id_] for id_ in theirs if id_ in ids.maps["assertion"]]
            self._rows(main, ids, table, theirs, ours, late=True)
        if self.kept.events is None:
            sources = {row.source for row in rows_of(self.fresh.session, Claim, self.realm_id)}
            kept = {row.source for row in rows_of(main, Claim, self.realm_id)}
            self._rows(main, ids, CLAIMS, list(sources), list(kept))
            for words in put_right(main, self.realm_id, ids):
                self.report.add("jobs_duration_stat", words)
