"""The runs behind a run: which run wrote each version it read, and so on upwards."""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import select

from app.jobs.models import Job, Run
from app.lineage.marquez import find, queries, shapes
from app.lineage.marquez.asked import Ask
from app.lineage.marquez.ids import job_version
from app.lineage.marquez.runs import io_of, newest_of
from app.lineage.openlineage.parse import Name

Json = dict[str, Any]
MOST_RUNS: Final = 1_000


def upstream(ask: Ask) -> Json:
    """Answer the run ``runId`` and the runs above it, nearest first; ``depth`` counts runs."""
    start, depth = find.run(ask, ask.text("runId")), ask.depth
    told: dict[int, Json] = {}
    frontier: Sequence[Run] = [start]
    for _ in range(depth + 1):
        if not frontier:
            break
        above = _tell(ask, frontier, told)
        wanted = sorted(above - told.keys())[: MOST_RUNS - len(told)]
        rows = ask.session.scalars(select(Run).where(Run.number.in_(wanted)).order_by(Run.number)) if wanted else ()
        frontier = list(rows)
    return {"runs": list(told.values())}


def _tell(ask: Ask, rows: Sequence[Run], told: dict[int, Json]) -> set[int]:
    """Add the shapes of runs; return the numbers of the runs that wrote what they read."""
    session = ask.session
    jobs: dict[int, Job] = {row.id: row for row in session.scalars(queries.jobs_of({one.job_id for one in rows}))}
    inputs, outputs = io_of(session, [row.number for row in rows])
    versions = {version for found in inputs.values() for _, version in found if version is not None}
    writes = newest_of(session, versions)
    for row in rows:
        job = Name(jobs[row.job_id].namespace, jobs[row.job_id].name)
        version = job_version(job, (name for name, _ in inputs[row.number]), (name for name, _ in outputs[row.number]))
        told[row.number] = {
            "job": shapes.version_id(job, version),
            "run": {
                "id": row.reported_id,
                "start": shapes.iso(row.started_at),
                "end": shapes.iso(row.ended_at),
                "status": shapes.STATES.get(row.status, "NEW"),
            },
            "inputs": [
                {
                    **shapes.version_id(name, version),
                    "producedByRunId": writes[version].reported_id if version in writes else None,
                }
                for name, version in inputs[row.number]
            ],
        }
    return {write.number for write in writes.values()}
