"""Operations of runs and their interactions with datasets, and the edges per day that sum them up (spec 3.5, 3.8)."""

from datetime import date, timedelta
from typing import Any

import msgspec
from sqlalchemy import update
from sqlalchemy.orm import Session
from uuid_utils.compat import uuid7

from app.bulk import insert_rows, select_in
from app.jobs.models import Run
from app.lineage.models import Edge, Interaction, Operation
from app.lineage.openlineage import extract
from app.lineage.openlineage.decode import encode
from app.lineage.openlineage.parse import DatasetRef, Event
from app.lineage.openlineage.roles import naming, works
from app.lineage.openlineage.sqltext import first_of, statement_kind, verbs
from app.lineage.openlineage.times import day_of, micros, moment
from app.lineage.store.history import Schemas
from app.lineage.store.names import Names
from app.lineage.store.runs import Runs, RunState

APPENDING = {"FLINK", "DEBEZIUM", "KAFKA", "KAFKA_CONNECT", "KAFKA_STREAMS"}
LIFECYCLE = {"ALTER", "CREATE", "DROP", "OVERWRITE", "RENAME", "TRUNCATE", "APPEND"}
COUNTED = ("runs", "rows", "bytes", "files")
FIRST_DAY = date(1970, 1, 1)
Key = tuple[int, int, int, str]
EdgeKey = tuple[int, int, str, str, int]


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
    was: dict[EdgeKey, list[int]] = {}
    is_new: bool = True


class Work:
    """Folds inputs and outputs of a batch."""

    def __init__(self, session: Session, realm_id: int, names: Names, runs: Runs, schemas: Schemas) -> None:
        self.session = session
        self.realm_id = realm_id
        self.names = names
        self.runs = runs
        self.schemas = schemas
        self.touches: dict[Key, Touch] = {}
        self.of_run: dict[int, list[tuple[Key, Touch]]] = {}

    def fold(self, events: list[Event]) -> None:
        """Merge all inputs and outputs, then write interactions, operations and edges."""
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
        self._save_operations()

    def _load(self) -> None:
        old = [state.number for state in self.runs.by_number.values() if not state.is_new and state.is_touched]
        columns = Interaction.__table__.columns
        for row in select_in(self.session, columns, self.realm_id, Interaction.operation, old):
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
        before = dataset.columns["last_written_at"]
        if event.type in {"COMPLETE", "RUNNING"} and change != "DROP" and (before is None or event.us >= before):
            dataset.put(last_written_at=event.us, last_written_run=run)

    def _types(self, state: RunState, items: list[tuple[Key, Touch]]) -> None:
        sql = state.facet("job:sql").get("query")
        said = sorted(verbs(sql)) if isinstance(sql, str) else []
        if not said and state.kind.integration in APPENDING:
            said = ["APPEND"]
        for key, touch in items:
            touch.types = ["READ"] if key[3] == "input" else sorted(touch.lifecycle) or said or ["WRITE"]

    def _adds(self, key: Key, touch: Touch, type_: str, run_job: int) -> dict[EdgeKey, list[int]]:
        _, reported, dataset, direction = key
        job = self._edge_job(reported, run_job)
        adds = {(job, dataset, direction, type_, day): [1, 0, 0, 0] for day in touch.days}
        if touch.counted is not None:
            counted = adds.setdefault((job, dataset, direction, type_, touch.counted), [0, 0, 0, 0])
            counted[1:] = [touch.rows or 0, touch.bytes or 0, touch.files or 0]
        return adds

    def _edge_job(self, reported: int, run_job: int) -> int:
        if reported == run_job:
            return reported
        one, other = self.names.job_by_id.get(reported), self.names.job_by_id.get(run_job)
        if one is None or other is None:
            self.names.load_ids({reported, run_job})
            one, other = self.names.job_by_id[reported], self.names.job_by_id[run_job]
        a, b = one.name, other.name
        related = a.namespace == b.namespace and (a.name.startswith(b.name + ".") or b.name.startswith(a.name + "."))
        return run_job if related else reported

    def _save_interactions(self) -> None:
        rows = [self._row(key, touch) for key, touch in self.touches.items()]
        update_columns = tuple(name for name in rows[0] if name not in {"id", "realm_id"}) if rows else ()
        insert_rows(
            self.session.connection(), Interaction.__table__, rows, conflict=("id",), update=update_columns
        )

    def _row(self, key: Key, touch: Touch) -> dict[str, Any]:
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
            "num_bytes": touch.bytes,
            "num_files": touch.files,
            "counted_on": FIRST_DAY + timedelta(days=touch.counted) if touch.counted is not None else None,
            "days": ",".join(map(str, sorted(touch.days))),
            "condition": touch.condition,
        }

    def _save_edges(self) -> None:
        net: dict[EdgeKey, list[int]] = {}
        for key, touch in self.touches.items():
            state = self.runs.by_number[key[0]]
            type_ = "READ" if key[3] == "input" else first_of(touch.types)
            now = self._adds(key, touch, type_, state.row["job_id"])
            if now == touch.was:
                continue
            for sign, adds in ((1, now), (-1, touch.was)):
                for edge, values in adds.items():
                    total = net.setdefault(edge, [0, 0, 0, 0])
                    for place, value in enumerate(values):
                        total[place] += sign * value
        save_edges(self.session, self.realm_id, {edge: values for edge, values in net.items() if any(values)})

    def _save_operations(self) -> None:
        owners = self._owners()
        rows = []
        for state in self.runs.by_number.values():
            reported = state.is_touched and state.row["origin"] == "reported"
            if reported and (state.number in self.of_run or works(state.kind)):
                rows.append(self._operation(state, owners[state.number]))
        insert_rows(
            self.session.connection(),
            Operation.__table__,
            rows,
            conflict=("number",),
            update=tuple(name for name in rows[0] if name not in {"number", "realm_id", "id"}) if rows else (),
        )
        self._move_operations()

    def _operation(self, state: RunState, owner: int) -> dict[str, Any]:
        row, sql = state.row, state.facet("job:sql").get("query")
        job = self.names.job_by_id[row["job_id"]].name.name
        said = naming(state.kind, state.bodies(), job, [])
        sql = sql if isinstance(sql, str) else None
        streaming = (row["processing_type"] or "").upper()
        return {
            "number": state.number,
            "realm_id": self.realm_id,
            "id": row["id"],
            "run": owner,
            "status": row["status"],
            "name": said.operation or job,
            "type": streaming if streaming in {"STREAMING", "SERVICE"} else "BATCH",
            "description": said.description,
            "started_at": moment(row["began_at"]),
            "ended_at": moment(row["ended_at"]) if row["ended_at"] is not None else None,
            "position": said.position,
            "group": said.group,
            "sql": sql,
            "statement_kind": statement_kind(sql) if sql else None,
        }

    def _owners(self) -> dict[int, int]:
        self._load_ancestors()
        known = {n: (s.row["role"], s.row["parent_run"]) for n, s in self.runs.by_number.items()} | self.ancestors
        return {number: owner_of(number, known) for number in self.runs.by_number}

    def _load_ancestors(self) -> None:
        self.ancestors: dict[int, tuple[str, int | None]] = {}
        known = set(self.runs.by_number)
        parts = (state.row for state in self.runs.by_number.values() if state.row["role"] == "part")
        missing = {row["parent_run"] for row in parts} - known - {None}
        while missing:
            columns = (Run.number, Run.role, Run.parent_run)
            found = select_in(self.session, columns, self.realm_id, Run.number, missing)
            self.ancestors |= {row.number: (row.role, row.parent_run) for row in found}
            missing = {row.parent_run for row in found if row.role == "part" and row.parent_run is not None}
            missing -= known | set(self.ancestors)

    def _move_operations(self) -> None:
        """Give the operations of parts below a run that changed its role or parent to their present owner."""
        moved = [
            s.number
            for s in self.runs.by_number.values()
            if not s.is_new and (s.before["role"], s.before["parent_run"]) != (s.row["role"], s.row["parent_run"])
        ]
        known = {n: (s.row["role"], s.row["parent_run"]) for n, s in self.runs.by_number.items()} | self.ancestors
        seen: set[int] = set(moved)
        while moved:
            columns = (Run.number, Run.role, Run.parent_run)
            children = select_in(self.session, columns, self.realm_id, Run.parent_run, moved, "AND role = 'part'")
            children = [row for row in children if row.number not in seen]
            known |= {row.number: (row.role, row.parent_run) for row in children if row.number not in known}
            for row in children:
                self.session.connection().execute(
                    update(Operation)
                    .where(Operation.realm_id == self.realm_id, Operation.number == row.number)
                    .values(run=owner_of(row.number, known))
                )
            moved = [row.number for row in children]
            seen |= set(moved)


def owner_of(number: int, known: dict[int, tuple[str, int | None]]) -> int:
    """Return the nearest run upwards that is no part; a cycle or a missing parent ends the walk."""
    seen = set()
    while number in known and number not in seen:
        seen.add(number)
        role, parent = known[number]
        if role != "part" or parent is None or parent in seen:
            return number
        number = parent
    return number


def save_edges(session: Session, realm_id: int, net: dict[EdgeKey, list[int]]) -> None:
    """Add (or with negative values take away) counts of edges; an edge nobody counts on any more disappears."""
    rows: list[dict[str, Any]] = [
        {
            "realm_id": realm_id,
            "job_id": job,
            "dataset_id": dataset,
            "direction": direction,
            "type": type_,
            "day": FIRST_DAY + timedelta(days=day),
            **dict(zip(COUNTED, values, strict=True)),
        }
        for (job, dataset, direction, type_, day), values in sorted(net.items())
    ]
    insert_rows(
        session.connection(),
        Edge.__table__,
        rows,
        conflict=("realm_id", "job_id", "dataset_id", "direction", "type", "day"),
        update=", ".join(f'"{name}" = {{table}}."{name}" + excluded."{name}"' for name in COUNTED),
    )
    if any(row["runs"] < 0 for row in rows):
        jobs = {row["job_id"] for row in rows}
        empty = (Edge.realm_id == realm_id, Edge.job_id.in_(jobs), Edge.runs == 0, Edge.rows == 0)
        session.connection().execute(Edge.__table__.delete().where(*empty, Edge.bytes == 0, Edge.files == 0))


def _most(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return one if other is None else other
    return max(one, other)


