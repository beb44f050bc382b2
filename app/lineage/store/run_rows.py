"""The rows of runs: columns, facets with event counts, and every job name a run carried."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import Connection

from app.bulk import insert_rows, update_rows
from app.jobs.models import Run, RunDetail, RunJob
from app.lineage.openlineage.times import moment
from app.lineage.store.run_state import COLUMNS, RunState, stored


def write_runs(connection: Connection, realm_id: int, states: Sequence[RunState]) -> None:
    """Write runs as they are in hand: four statements; of known runs only the columns that changed."""
    new = [{key: stored(key, state.row[key]) for key in COLUMNS} for state in states if state.is_new]
    insert_rows(connection, Run.__table__, new)
    old = [state for state in states if not state.is_new]
    changed = sorted({key for state in old for key in COLUMNS if state.row[key] != state.before[key]})
    rows = [{key: stored(key, state.row[key]) for key in ("number", "realm_id", *changed)} for state in old]
    update_rows(connection, Run.__table__, rows if changed else [], key="number")
    details = [
        {
            "run": state.number,
            "realm_id": realm_id,
            "facets": msgspec.json.encode(state.facets).decode(),
            "events": msgspec.json.encode(state.events).decode(),
        }
        for state in states
        if state.events
    ]
    insert_rows(connection, RunDetail.__table__, details, conflict=("run",), update=("facets", "events"))
    links = [
        {
            "run": s.number,
            "realm_id": realm_id,
            "job_id": job,
            "first_at": moment(at[0]),
            "last_at": moment(at[1]),
        }
        for s in states
        for job, at in s.jobs.items()
    ]
    insert_rows(connection, RunJob.__table__, links, conflict=("run", "job_id"), update=("first_at", "last_at"))
