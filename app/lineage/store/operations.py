"""Operations: the work of one reporting run, owned by the nearest run upwards that is no part (spec 3.5)."""

from collections.abc import Container
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from app.bulk import insert_rows, select_in
from app.driver import bound, execute
from app.jobs.endless import ENDLESS
from app.jobs.models import Run
from app.lineage.models import Operation
from app.lineage.openlineage.roles import naming, works
from app.lineage.openlineage.sqltext import statement_kind
from app.lineage.openlineage.times import moment
from app.lineage.store.names import Names
from app.lineage.store.run_state import RunState
from app.lineage.store.runs import Runs


class Operations:
    """Writes the operations of a batch and moves those whose owner became another."""

    def __init__(self, session: Session, realm_id: int, names: Names, runs: Runs) -> None:
        self.connection = bound(session)
        self.realm_id = realm_id
        self.names = names
        self.runs = runs
        self.ancestors: dict[int, tuple[str, int | None]] = {}

    def save(self, with_io: Container[int]) -> None:
        """Write the operations of touched runs; ``with_io`` holds the runs that have inputs or outputs."""
        owners = self._owners()
        reported = [s for s in self.runs.by_number.values() if s.is_touched and s.row["origin"] == "reported"]
        rows = [self._operation(s, owners[s.number]) for s in reported if s.number in with_io or works(s.kind)]
        self._drop([s.number for s in reported if not s.is_new and s.number not in with_io and not works(s.kind)])
        insert_rows(
            self.connection,
            Operation.__table__,
            rows,
            conflict=("number",),
            update=tuple(name for name in rows[0] if name not in {"number", "realm_id", "id"}) if rows else (),
        )
        self._move_operations()

    def _drop(self, numbers: list[int]) -> None:
        """Take away operations of runs that turned out to have none of their own."""
        if numbers:
            mine = (Operation.realm_id == self.realm_id, Operation.number.in_(numbers))
            execute(self.connection, delete(Operation).where(*mine))

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
            "type": streaming if streaming in ENDLESS else "BATCH",
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
        known = set(self.runs.by_number)
        parts = (state.row for state in self.runs.by_number.values() if state.row["role"] == "part")
        missing = {row["parent_run"] for row in parts} - known - {None}
        while missing:
            columns = (Run.number, Run.role, Run.parent_run)
            found = select_in(self.connection, columns, self.realm_id, Run.number, missing)
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
            children = select_in(self.connection, columns, self.realm_id, Run.parent_run, moved, "AND role = 'part'")
            children = [row for row in children if row.number not in seen]
            known |= {row.number: (row.role, row.parent_run) for row in children if row.number not in known}
            for row in children:
                mine = (Operation.realm_id == self.realm_id, Operation.number == row.number)
                owner = owner_of(row.number, known)
                execute(self.connection, update(Operation).where(*mine).values(run=owner))
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
