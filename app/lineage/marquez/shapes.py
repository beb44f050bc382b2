"""What Marquez clients read, made of our rows. Pure: everything a shape needs is handed in."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from app.jobs.models import Job, Run
from app.lineage.marquez.ids import job_uuid
from app.lineage.models import Dataset
from app.lineage.openlineage.parse import Name
from app.lineage.schema_fields import flatten
from app.locations.grammar import locate

Json = dict[str, Any]
STATES: Final = {
    "queued": "NEW",
    "unknown": "NEW",
    "running": "RUNNING",
    "completed": "COMPLETED",
    "failed": "FAILED",
    "cancelled": "ABORTED",
}
STREAMS: Final = frozenset({"kafka", "pubsub", "kinesis", "pulsar", "eventhubs", "rabbitmq"})
STREAM_TYPES: Final = frozenset({"TOPIC", "STREAM"})


def iso(at: datetime | None) -> str | None:
    """Return a moment as ``2026-03-02T09:00:00.000000Z``, None for none."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if at is not None else None


def latest(*times: datetime | None) -> datetime | None:
    """Return the latest of some moments, None when there is none."""
    return max(filter(None, times), default=None)


def name_id(name: Name) -> Json:
    """Return the id of a dataset or job."""
    return {"namespace": name.namespace, "name": name.name}


def version_id(name: Name, version: UUID | None) -> Json:
    """Return the id of a version of a dataset or job."""
    return {**name_id(name), "version": str(version) if version else None}


def namespace(name: str, created_at: datetime) -> Json:
    """Return a namespace; who owns it nobody reports, so it is anonymous as in Marquez."""
    at = iso(created_at)
    return {
        "name": name,
        "createdAt": at,
        "updatedAt": at,
        "ownerName": "anonymous",
        "description": None,
        "isHidden": False,
    }


def source(type_: str, name: str, url: str, first: datetime, last: datetime) -> Json:
    """Return a source."""
    return {
        "type": type_.upper(),
        "name": name,
        "createdAt": iso(first),
        "updatedAt": iso(last),
        "connectionUrl": url,
        "description": None,
    }


@dataclass(slots=True)
class Said:
    """What a dataset's shape needs beside its row: of all its names, this one's first.

    ``columns`` are tags by column (None: of the dataset); ``described`` texts of people by column.
    """

    names: list[Dataset]
    fields: list[Any] = field(default_factory=list)
    columns: dict[str | None, list[str]] = field(default_factory=dict)
    described: dict[str | None, str] = field(default_factory=dict)
    facets: Json = field(default_factory=dict)
    version: UUID | None = None
    lineage: list[Json] | None = None


def dataset_type(row: Dataset) -> str:
    """Return DB_TABLE or STREAM."""
    is_stream = (row.type or "").upper() in STREAM_TYPES or locate(row.namespace).type in STREAMS
    return "STREAM" if is_stream else "DB_TABLE"


def source_name(row: Dataset, facets: Mapping[str, Any]) -> str:
    """Return the name of a dataset's source: that of its dataSource facet, else its namespace."""
    facet = facets.get("dataSource")
    found = facet.get("name") if isinstance(facet, dict) else None
    return found if isinstance(found, str) and found else row.namespace


def fields_of(said: Said, fields: Sequence[Any] | None = None) -> list[Json]:
    """Return fields with tags and descriptions; nested ones by their path."""
    return [
        {
            "name": each.path,
            "type": each.type,
            "tags": said.columns.get(each.path, []),
            "description": said.described.get(each.path) or each.description,
        }
        for each in flatten(said.fields if fields is None else fields)
    ]


def dataset_data(row: Dataset, said: Said) -> Json:
    """Return what lineage tells of a dataset."""
    described = next((one.description for one in said.names if one.description), None)
    written = latest(*(one.last_written_at for one in said.names))
    read = latest(*(one.last_read_at for one in said.names))
    return {
        "id": {"namespace": row.namespace, "name": row.name},
        "type": dataset_type(row),
        "name": row.name,
        "physicalName": row.name,
        "createdAt": iso(row.created_at),
        "updatedAt": iso(latest(row.created_at, written, read, row.schema_at)),
        "namespace": row.namespace,
        "sourceName": source_name(row, said.facets),
        "fields": fields_of(said),
        "tags": said.columns.get(None, []),
        "lastModifiedAt": iso(written),
        "lastLifecycleState": row.lifecycle,
        "description": said.described.get(None) or described,
    }


def dataset(row: Dataset, said: Said) -> Json:
    """Return a dataset whole."""
    return {
        **dataset_data(row, said),
        "currentVersion": str(said.version) if said.version else None,
        "columnLineage": said.lineage,
        "facets": said.facets,
        "deleted": row.lifecycle == "DROP",
    }


def job_type(row: Job) -> str:
    """Return BATCH, STREAM or SERVICE."""
    if (row.processing_type or "").upper().startswith("STREAM"):
        return "STREAM"
    return "SERVICE" if (row.type or "").upper() == "SERVICE" else "BATCH"


@dataclass(slots=True)
class Does:
    """What a job's shape needs beside its row; ``runs`` are shapes, newest first."""

    parent: Job | None = None
    inputs: list[Name] = field(default_factory=list)
    outputs: list[Name] = field(default_factory=list)
    runs: list[Json] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    facets: Json = field(default_factory=dict)
    described: str | None = None
    version: UUID | None = None


def job_data(row: Job, does: Does) -> Json:
    """Return what lineage tells of a job."""
    parent = does.parent
    prefix = f"{parent.name}." if parent is not None else ""
    code = does.facets.get("sourceCodeLocation")
    return {
        "id": {"namespace": row.namespace, "name": row.name},
        "type": job_type(row),
        "name": row.name,
        "simpleName": row.name.removeprefix(prefix) or row.name,
        "parentJobName": parent.name if parent is not None else None,
        "parentJobUuid": str(job_uuid(parent.digest)) if parent is not None else None,
        "createdAt": iso(row.created_at),
        "updatedAt": iso(latest(row.created_at, row.last_run_at, row.static_at)),
        "namespace": row.namespace,
        "inputs": [name_id(name) for name in does.inputs],
        "outputs": [name_id(name) for name in does.outputs],
        "location": code.get("url") if isinstance(code, dict) and isinstance(code.get("url"), str) else None,
        "description": does.described or row.description,
        "latestRun": does.runs[0] if does.runs else None,
    }


def job(row: Job, does: Does) -> Json:
    """Return a job whole."""
    return {
        **job_data(row, does),
        "latestRuns": does.runs,
        "tags": does.tags,
        "facets": does.facets,
        "currentVersion": str(does.version) if does.version else None,
    }


@dataclass(slots=True)
class Did:
    """What a run's shape needs beside its row: (dataset, version) of what it read and wrote, and its facets."""

    job: Name
    version: UUID
    inputs: list[tuple[Name, UUID | None]] = field(default_factory=list)
    outputs: list[tuple[Name, UUID | None]] = field(default_factory=list)
    facets: Json = field(default_factory=dict)


def run(row: Run, did: Did) -> Json:
    """Return a run; its id is the reported one."""
    took = (row.ended_at - row.started_at).total_seconds() if row.started_at and row.ended_at else None
    return {
        "id": row.reported_id,
        "createdAt": iso(row.first_event_at or row.began_at),
        "updatedAt": iso(latest(row.last_event_at, row.ended_at) or row.began_at),
        "nominalStartTime": iso(row.nominal_start_at),
        "nominalEndTime": iso(row.nominal_end_at),
        "state": STATES.get(row.status, "NEW"),
        "startedAt": iso(row.started_at),
        "endedAt": iso(row.ended_at),
        "durationMs": round(took * 1000) if took is not None else None,
        "args": _args(row, did.facets),
        "jobVersion": version_id(did.job, did.version),
        "inputDatasetVersions": _versions(did.inputs),
        "outputDatasetVersions": _versions(did.outputs),
        "facets": did.facets,
    }


def _versions(found: Iterable[tuple[Name, UUID | None]]) -> list[Json]:
    return [{"datasetVersionId": version_id(name, version), "facets": {}} for name, version in found]


def _args(row: Run, facets: Mapping[str, Any]) -> dict[str, str]:
    """Return what Marquez keeps as arguments: the nominal times and the parent."""
    found = {"nominal_start_time": iso(row.nominal_start_at), "nominal_end_time": iso(row.nominal_end_at)}
    parent = facets.get("parent")
    if isinstance(parent, dict):
        above, job = parent.get("run"), parent.get("job")
        found["run_id"] = above.get("runId") if isinstance(above, dict) else None
        if isinstance(job, dict):
            found |= {"name": job.get("name"), "namespace": job.get("namespace")}
    return {name: value for name, value in found.items() if isinstance(value, str)}
