"""Runs: shapes with what they read and wrote, and the answers about them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from app.jobs.models import Job, Run
from app.lineage.marquez import find, paging, queries, queries_runs, shapes
from app.lineage.marquez.asked import Ask
from app.lineage.marquez.ids import job_version, schema_version
from app.lineage.marquez.io import names
from app.lineage.models import Interaction
from app.lineage.openlineage.parse import Name
from app.lineage.show import shown_value

Json = dict[str, Any]


def of_job(ask: Ask, namespace: str, name: str) -> Json:
    """Answer the runs of a job, newest first."""
    job = find.job(ask, namespace, name)
    found = queries_runs.runs(job.id)
    rows = [row[0] for row in paging.rows(ask, found)]
    return {"runs": list(told(ask.session, rows).values()), "totalCount": paging.total(ask, found, Run.number)}


def one(ask: Ask, run_id: str) -> Json:
    """Answer one run."""
    row = find.run(ask, run_id)
    return told(ask.session, [row])[row.number]


def facets(ask: Ask, run_id: str) -> Json:
    """Answer the facets of a run, or those its job had in it."""
    of = ask.choice("type", "RUN", "RUN", "JOB")
    row = find.run(ask, run_id)
    kept = _facets(ask.session, [row.number]).get(row.number, {})
    found = {name.removeprefix("job:"): body for name, body in kept.items() if name.startswith("job:") == (of == "JOB")}
    return {"runId": row.reported_id, "facets": found}


def told(session: Session, rows: Sequence[Run], *, whole: Collection[int] | None = None) -> dict[int, Json]:
    """Return the shapes of runs by number, in the order given; seven statements.

    ``whole`` are the numbers of those that come with their facets, all of them unless given.
    """
    if not rows:
        return {}
    wanted = [row.number for row in rows]
    jobs = {job.id: job for job in session.scalars(queries.jobs_of({row.job_id for row in rows}))}
    inputs, outputs = io_of(session, wanted)
    facets = _facets(session, wanted if whole is None else [number for number in wanted if number in whole])
    return {
        row.number: shapes.run(
            row, _did(jobs[row.job_id], inputs[row.number], outputs[row.number], facets.get(row.number, {}))
        )
        for row in rows
    }


Versions = list[tuple[Name, UUID | None]]


def _did(job: Job, inputs: Versions, outputs: Versions, kept: Json) -> shapes.Did:
    name = Name(job.namespace, job.name)
    version = job_version(name, (one for one, _ in inputs), (one for one, _ in outputs))
    own = {key: body for key, body in kept.items() if not key.startswith("job:")}
    return shapes.Did(name, version, inputs, outputs, own)


def io_of(session: Session, numbers: Collection[int]) -> tuple[dict[int, Versions], dict[int, Versions]]:
    """Return ((dataset, version) read, (dataset, version) written) by run; four statements.

    A version that was read is the newest write before the reading; where there is none the schema then reported.
    """
    found: list[Interaction] = list(session.scalars(queries_runs.io(numbers)))
    read = _read(session, numbers) if any(one.direction == "input" for one in found) else {}
    named = names(session, {one.dataset_id for one in found})
    inputs: dict[int, Versions] = defaultdict(list)
    outputs: dict[int, Versions] = defaultdict(list)
    seen: set[tuple[int, int, str]] = set()
    for each in found:
        # A run that carried two job names tells of the same dataset under both.
        if (key := (each.operation, each.dataset_id, each.direction)) in seen:
            continue
        seen.add(key)
        if each.direction == "input":
            inputs[each.operation].append((named[each.dataset_id], read.get(each.id)))
        else:
            outputs[each.operation].append((named[each.dataset_id], each.id))
    return inputs, outputs


def _read(session: Session, numbers: Collection[int]) -> dict[UUID, UUID]:
    rows = session.execute(queries_runs.read_versions(numbers)).all()
    writes = newest_of(session, {row[1] for row in rows if row[1] is not None})
    found: dict[UUID, tuple[Any, ...]] = {}
    for reading, write, span in rows:
        if write is not None:
            rank = (2, writes[write].started_at, write)
        elif span is not None:
            rank = (1, span, schema_version(span))
        else:
            continue
        if reading not in found or rank > found[reading]:
            found[reading] = rank
    return {reading: rank[2] for reading, rank in found.items()}


def newest_of(session: Session, writes: Collection[UUID]) -> dict[UUID, Any]:
    """Return (id, started_at, dataset_id, number, reported_id) of writes by id; one statement."""
    return {row.id: row for row in session.execute(queries_runs.writes_by_id(writes))} if writes else {}


def _facets(session: Session, numbers: Collection[int]) -> dict[int, Json]:
    found: dict[int, Json] = {}
    for number, text in session.execute(queries_runs.run_facets(numbers)) if numbers else ():
        kept = {name: body for name, (_, _, body) in msgspec.json.decode(text).items() if _is_there(name, body)}
        found[number] = shown_value(kept)
    return found


def _is_there(name: str, body: Any) -> bool:
    return name != "job:producer" and isinstance(body, dict) and body.get("_deleted") is not True
