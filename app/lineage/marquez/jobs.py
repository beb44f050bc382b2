"""Jobs of a namespace or of all, and their versions."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.jobs.models import Job, Run, Tag
from app.lineage.marquez import facets, find, io, paging, queries, queries_runs, runs, shapes
from app.lineage.marquez.asked import Ask, Wrong, missing
from app.lineage.marquez.ids import job_version
from app.lineage.openlineage.parse import Name

Json = dict[str, Any]
LATEST = 10
EXAMINED = 500


def everywhere(ask: Ask) -> Json:
    """Answer the jobs of all namespaces, only those whose last run is in one of ``lastRunStates`` where given."""
    found = queries.jobs(None, None)
    states = [each.strip().upper() for each in ask.args.get("lastRunStates", "").split(",") if each.strip()]
    if unknown := sorted(set(states) - set(shapes.STATES.values())):
        raise Wrong(400, f"lastRunStates does not know {', '.join(unknown)[:100]}.")
    if states:
        found = found.where(queries.last_run_is([ours for ours, theirs in shapes.STATES.items() if theirs in states]))
    return _page(ask, found)


def listed(ask: Ask, namespace: str) -> Json:
    """Answer the jobs of a namespace by name."""
    name, location = find.namespace(ask, namespace)
    return _page(ask, queries.jobs(name, location.id))


def _page(ask: Ask, found: Any) -> Json:
    rows = [row[0] for row in paging.rows(ask, found)]
    does = known(ask, rows)
    return {
        "jobs": [shapes.job(row, does[row.id]) for row in rows],
        "totalCount": paging.total(ask, found, Job.id),
    }


def one(ask: Ask, namespace: str, name: str) -> Json:
    """Answer one job."""
    row = find.job(ask, namespace, name)
    return shapes.job(row, known(ask, [row])[row.id])


def known(ask: Ask, rows: Sequence[Job], latest: int = LATEST) -> dict[int, shapes.Does]:
    """Return what is told of jobs beside their rows, by id; twenty statements.

    Of the latest runs only the newest one brings its facets, or a page of jobs would carry those of a thousand runs.
    """
    if not rows:
        return {}
    session, ids = ask.session, [row.id for row in rows]
    above = {row.parent_job_id for row in rows if row.parent_job_id is not None}
    parents = {row.id: row for row in session.scalars(queries.jobs_of(above))} if above else {}
    found = {row.id: shapes.Does(parents.get(row.parent_job_id or 0)) for row in rows}
    _add_io(ask, found)
    _add_runs(session, found, latest)
    for entity, kept in facets.load(session, {row.id: facets.index(row.facets) for row in rows}).items():
        found[entity].facets = kept
    for entity, key in session.execute(queries.tags("job", ids).with_only_columns(Tag.entity_id, Tag.key).distinct()):
        found[entity].tags.append(key)
    for entity, _column, text in session.execute(queries.described("job", ids)):
        found[entity].described = text
    for row in rows:
        does = found[row.id]
        # Without a run, what the job is said to read and write is its version.
        if does.version is None:
            does.version = job_version(Name(row.namespace, row.name), does.inputs, does.outputs)
    return found


def _add_io(ask: Ask, found: dict[int, shapes.Does]) -> None:
    current = io.current(ask.session, ask.realm_id, found)
    named = io.names(ask.session, {one for each in current.values() for one in each.ids})
    for job_id, each in current.items():
        found[job_id].inputs = sorted(named[one] for one in each.inputs if one in named)
        found[job_id].outputs = sorted(named[one] for one in each.outputs if one in named)


def _add_runs(session: Session, found: dict[int, shapes.Does], latest: int) -> None:
    walks = session.execute(queries_runs.newest_runs(found, latest))
    numbers = [int(number) for _, joined in walks if joined for number in joined.split(",")]
    newest: list[Run] = list(session.scalars(queries_runs.runs_numbered(numbers))) if numbers else []
    by_job: dict[int, list[Run]] = defaultdict(list)
    for row in newest:
        by_job[row.job_id].append(row)
    told = runs.told(session, newest, whole={rows[0].number for rows in by_job.values()})
    for job_id, rows in by_job.items():
        found[job_id].runs = [told[row.number] for row in rows]
        found[job_id].version = told[rows[0].number]["jobVersion"]["version"]


def versions(ask: Ask, namespace: str, name: str) -> Json:
    """Answer the versions of a job, newest first, made of its last 500 runs."""
    row = find.job(ask, namespace, name)
    found = _versions(ask, row)
    return {"versions": paging.sliced(ask, found), "totalCount": len(found)}


def version(ask: Ask, namespace: str, name: str, version: str) -> Json:
    """Answer one version of a job."""
    row = find.job(ask, namespace, name)
    wanted = str(find.version("Job version", version))
    found: Json | None = next((each for each in _versions(ask, row) if each["version"] == wanted), None)
    if found is None:
        raise missing("Job version", version)
    return found


def _versions(ask: Ask, row: Job) -> list[Json]:
    """Return one version for each set of datasets that runs read and wrote, the one used last first."""
    does = known(ask, [row], 1)[row.id]
    newest = list(ask.session.scalars(queries_runs.runs(row.id).limit(EXAMINED)))
    found: dict[str, Json] = {}
    first: dict[str, Run] = {}
    latest: dict[str, Run] = {}
    for each, told in zip(newest, runs.told(ask.session, newest, whole=()).values(), strict=True):
        key = told["jobVersion"]["version"]
        first[key] = each
        latest.setdefault(key, each)
        found.setdefault(key, _version(row, does, told))
    whole = runs.told(ask.session, list(latest.values()))
    for key, each in found.items():
        each["createdAt"] = shapes.iso(first[key].first_event_at or first[key].began_at)
        each["latestRun"] = whole[latest[key].number]
    return list(found.values()) or [_version(row, does, None)]


def _version(row: Job, does: shapes.Does, run: Json | None) -> Json:
    data = shapes.job_data(row, does)
    key = run["jobVersion"]["version"] if run is not None else str(does.version)
    sides = ("inputs", "inputDatasetVersions"), ("outputs", "outputDatasetVersions")
    io_ = {side: data[side] if run is None else [_dataset(each) for each in run[told]] for side, told in sides}
    return {
        "id": {"namespace": row.namespace, "name": row.name, "version": key},
        "name": row.name,
        "version": key,
        "type": data["type"],
        "namespace": row.namespace,
        "createdAt": data["createdAt"],
        **io_,
        "location": data["location"],
        "description": data["description"],
        "latestRun": None,
        "facets": does.facets,
    }


def _dataset(version: Json) -> Json:
    return {name: version["datasetVersionId"][name] for name in ("namespace", "name")}
