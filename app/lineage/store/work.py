"""Interactions of runs with datasets, and the edges per day that sum them up (spec 3.6, 3.8)."""

from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.bulk import Asked, ask, insert_rows, update_rows
from app.driver import bound
from app.lineage.models import Interaction
from app.lineage.openlineage import extract
from app.lineage.openlineage.dbt import is_incremental
from app.lineage.openlineage.decode import encode
from app.lineage.openlineage.parse import DatasetRef, Event
from app.lineage.openlineage.sqltext import first_of, verbs
from app.lineage.openlineage.times import day_of, micros, moment
from app.lineage.store.edges import FIRST_DAY, Counts, adds, are_related, net, save_edges
from app.lineage.store.names import Names
from app.lineage.store.run_state import RunState
from app.lineage.store.runs import Runs
from app.lineage.store.schemas import Schemas

APPENDING = {"FLINK", "DEBEZIUM", "KAFKA", "KAFKA_CONNECT", "KAFKA_STREAMS"}
LIFECYCLE = {"ALTER", "CREATE", "DROP", "OVERWRITE", "RENAME", "TRUNCATE", "APPEND"}
# Beside the types that lifecycle facets name: dbt adds to the dataset, which the text of SQL overrules.
ADDED_TO = "append"
# Engines whose run facets name the user that connects to the data.
CONNECTING = {"SPARK", "HIVE"}
NOBODY: dict[str, Any] = {"started_by_name": None, "started_by_user_id": None}
Key = tuple[int, int, int, str]


class Touch(msgspec.Struct, eq=False):
    """An interaction in hand; times in us, days as numbers, ``was`` what it added to edges before the batch."""

    id: Any
    started: int
    ended: int
    lifecycle: set[str]
    types: list[str]
    schema: int | None = None
    schema_at: int | None = None
    rows: int | None = None
    bytes: int | None = None
    files: int | None = None
    counted: int | None = None
    days: set[int] = set()
    condition: str | None = None
    was: Counts = {}
    before: dict[str, Any] = {}
    is_new: bool = True


class Work:
    """Folds inputs and outputs of a batch."""

    def __init__(self, session: Session, realm_id: int, names: Names, runs: Runs, schemas: Schemas) -> None:
        self.connection = bound(session)
        self.realm_id = realm_id
        self.names = names
        self.runs = runs
        self.schemas = schemas
        self.touches: dict[Key, Touch] = {}
        self.asked = Asked()
        self.of_run: dict[int, list[tuple[Key, Touch]]] = {}

    def ask(self) -> None:
        """Send the question that ``fold`` waits for."""
        old = [state.number for state in self.runs.by_number.values() if not state.is_new]
        self.asked = ask(self.connection, Interaction.__table__.columns, self.realm_id, Interaction.operation, old)

    def fold(self, events: list[Event]) -> None:
        """Merge all inputs and outputs, then write interactions and edges."""
        self._load()
        for event in events:
            if event.kind == "run":
                for place, ref in enumerate(event.datasets):
                    self._touch(event, place, ref)
        for key, touch in self.touches.items():
            self.of_run.setdefault(key[0], []).append((key, touch))
        for number, items in self.of_run.items():
            self._types(self.runs.by_number[number], items)
        self._save_interactions()
        self._save_edges()

    def _load(self) -> None:
        for row in self.asked.rows():
            if not self.runs.by_number[row.operation].is_touched:
                continue
            touch = Touch(
                row.id,
                micros(row.started_at),
                micros(row.ended_at) if row.ended_at is not None else micros(row.started_at),
                set(row.lifecycle.split(",")) - {""},
                row.types.split(","),
                row.schema_id,
                micros(row.schema_at) if row.schema_at is not None else None,
                row.num_rows,
                row.num_bytes,
                row.num_files,
                (row.counted_on - FIRST_DAY).days if row.counted_on is not None else None,
                {int(day) for day in row.days.split(",")},
                row.condition,
                before=row._asdict(),
                is_new=False,
            )
            key = (row.operation, row.job_id, row.dataset_id, row.direction)
            state = self.runs.by_number[row.operation]
            touch.was = self._adds(key, touch, row.type, state.before["job_id"])
            self.touches[key] = touch

    def _touch(self, event: Event, place: int, ref: DatasetRef) -> None:
        if event.job is None:
            return
        dataset, us = self.names.datasets[ref.name], event.us
        key = (self.runs.of_event[event.arrival], self.names.jobs[event.job].id, dataset.id, ref.direction)
        touch = self.touches.get(key)
        if touch is None:
            touch = self.touches[key] = Touch(uuid7(), us, us, set(), [], days=set(), was={})
        touch.started, touch.ended = min(touch.started, us), max(touch.ended, us)
        touch.days.add(day_of(us))
        self._count(touch, event, ref)
        schema = self.schemas.of_ref.get((event.arrival, place))
        if schema is not None and (touch.schema_at is None or us >= touch.schema_at):
            touch.schema, touch.schema_at = schema, us
        if ref.direction == "output":
            self._written(touch, event, ref, key[0])
        elif dataset.columns["last_read_at"] is None or us > dataset.columns["last_read_at"]:
            dataset.put(last_read_at=us)
        condition = ref.io_facets.get("subset")
        if condition is not None:
            touch.condition = max(touch.condition or "", encode(condition))

    @staticmethod
    def _count(touch: Touch, event: Event, ref: DatasetRef) -> None:
        rows, size, files = extract.counters(ref)
        if rows is None and size is None and files is None:
            return
        touch.rows, touch.bytes = _most(touch.rows, rows), _most(touch.bytes, size)
        touch.files = _most(touch.files, files)
        day = day_of(event.us)
        touch.counted = day if touch.counted is None else min(touch.counted, day)

    def _written(self, touch: Touch, event: Event, ref: DatasetRef, run: int) -> None:
        dataset = self.names.datasets[ref.name]
        change = ref.facets.get("lifecycleStateChange", {}).get("lifecycleStateChange")
        if change in LIFECYCLE:
            touch.lifecycle.add(change)
        if is_incremental(ref.facets) or is_incremental(event.job_facets):
            touch.lifecycle.add(ADDED_TO)
        before = dataset.columns["last_written_at"]
        if event.type in {"COMPLETE", "RUNNING"} and change != "DROP" and (before is None or event.us >= before):
            dataset.put(last_written_at=event.us, last_written_run=run)

    def _types(self, state: RunState, items: list[tuple[Key, Touch]]) -> None:
        sql = state.facet("job:sql").get("query")
        said = sorted(verbs(sql)) if isinstance(sql, str) else []
        if not said and state.kind.integration in APPENDING:
            said = ["APPEND"]
        for key, touch in items:
            stated = sorted(touch.lifecycle - {ADDED_TO}) or said
            plain = "APPEND" if touch.lifecycle else "WRITE"
            touch.types = ["READ"] if key[3] == "input" else stated or [plain]

    def _adds(self, key: Key, touch: Touch, type_: str, run_job: int) -> Counts:
        counts = [touch.rows or 0, touch.bytes or 0, touch.files or 0]
        return adds(self._edge_job(key[1], run_job), key[2], key[3], type_, touch.days, touch.counted, counts)

    def _edge_job(self, reported: int, run_job: int) -> int:
        if reported == run_job:
            return reported
        self.names.load_ids({reported, run_job})
        jobs = self.names.job_by_id
        return run_job if are_related(jobs[reported].name, jobs[run_job].name) else reported

    def _save_interactions(self) -> None:
        rows = [(self._row(key, touch), touch) for key, touch in self.touches.items()]
        insert_rows(self.connection, Interaction.__table__, [row for row, touch in rows if touch.is_new])
        old = [(row, touch.before) for row, touch in rows if not touch.is_new]
        changed = sorted({name for row, before in old for name, value in row.items() if value != before[name]})
        kept = [{name: row[name] for name in ("id", "realm_id", *changed)} for row, _ in old]
        update_rows(self.connection, Interaction.__table__, kept if changed else [], key="id")

    def _row(self, key: Key, touch: Touch) -> dict[str, Any]:
        row = self.runs.by_number[key[0]].row
        who = row if row["integration"] in CONNECTING else NOBODY
        return {
            "id": touch.id,
            "realm_id": self.realm_id,
            "operation": key[0],
            "job_id": key[1],
            "dataset_id": key[2],
            "direction": key[3],
            "type": "READ" if key[3] == "input" else first_of(touch.types),
            "types": ",".join(touch.types),
            "lifecycle": ",".join(sorted(touch.lifecycle)),
            "started_at": moment(touch.started),
            "ended_at": moment(touch.ended),
            "schema_id": touch.schema,
            "schema_at": moment(touch.schema_at) if touch.schema_at is not None else None,
            "num_rows": touch.rows,
            "connect_as_name": who["started_by_name"],
            "connect_as_user_id": who["started_by_user_id"],
            "num_bytes": touch.bytes,
            "num_files": touch.files,
            "counted_on": FIRST_DAY + timedelta(days=touch.counted) if touch.counted is not None else None,
            "days": ",".join(map(str, sorted(touch.days))),
            "condition": touch.condition,
        }

    def _save_edges(self) -> None:
        pairs = []
        for key, touch in self.touches.items():
            type_ = "READ" if key[3] == "input" else first_of(touch.types)
            pairs.append((self._adds(key, touch, type_, self.runs.by_number[key[0]].row["job_id"]), touch.was))
        save_edges(self.connection, self.realm_id, net(pairs))


def _most(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return one if other is None else other
    return max(one, other)
