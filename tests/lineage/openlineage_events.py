"""Small OpenLineage events for tests: plain dictionaries, as clients send them."""

from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]
PRODUCER = "https://github.com/OpenLineage/OpenLineage/tree/1.54.0/client/python"
FIRST = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WAREHOUSE = "postgres://db.example:5432"


def at(minute: float) -> str:
    """Return an event time so many minutes after the morning of 2 March 2026."""
    return (FIRST + timedelta(minutes=minute)).isoformat()


def moment(minute: float) -> datetime:
    """Return the same as a datetime."""
    return FIRST + timedelta(minutes=minute)


def facet(**body: Any) -> Json:
    """Return a facet with its envelope."""
    return {"_producer": PRODUCER, "_schemaURL": "https://openlineage.io/spec/facets/1-0-0/Facet.json", **body}


def run(
    run_id: str,
    job: str,
    type_: str | None = "COMPLETE",
    minute: float = 0,
    *,
    inputs: list[Json] | None = None,
    outputs: list[Json] | None = None,
    facets: Json | None = None,
    job_facets: Json | None = None,
    namespace: str = "etl",
    **more: Any,
) -> Json:
    """Return a RunEvent; ``more`` replaces or adds members of the event itself."""
    event: Json = {
        "eventTime": at(minute),
        "producer": PRODUCER,
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": run_id, "facets": facets or {}},
        "job": {"namespace": namespace, "name": job, "facets": job_facets or {}},
        "inputs": inputs or [],
        "outputs": outputs or [],
    }
    return event | ({"eventType": type_} if type_ else {}) | more


def job(name: str, minute: float = 0, *, namespace: str = "etl", job_facets: Json | None = None, **more: Any) -> Json:
    """Return a JobEvent."""
    return {
        "eventTime": at(minute),
        "producer": PRODUCER,
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/JobEvent",
        "job": {"namespace": namespace, "name": name, "facets": job_facets or {}},
        **more,
    }


def dataset(item: Json, minute: float = 0, **more: Any) -> Json:
    """Return a DatasetEvent about what ``table`` returned."""
    return {
        "eventTime": at(minute),
        "producer": PRODUCER,
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent",
        "dataset": item,
        **more,
    }


def table(name: str, namespace: str = WAREHOUSE, *, counts: Json | None = None, **facets: Any) -> Json:
    """Return a dataset; ``counts`` are its output statistics, the rest are facets by name."""
    item: Json = {"namespace": namespace, "name": name, "facets": facets}
    return item | ({"outputFacets": {"outputStatistics": facet(**counts)}} if counts is not None else {})


def schema(*names: str, type_: str = "int") -> Json:
    """Return a schema facet of columns."""
    return facet(fields=[{"name": name, "type": type_} for name in names])


def symlinks(*names: str, namespace: str = WAREHOUSE, type_: str = "TABLE") -> Json:
    """Return a symlinks facet."""
    return facet(identifiers=[{"namespace": namespace, "name": name, "type": type_} for name in names])


def columns(**outputs: list[tuple[str, str]]) -> Json:
    """Return a columnLineage facet: output column -> pairs of input table and column."""
    fields = {
        output: {"inputFields": [source(name, column) for name, column in inputs]} for output, inputs in outputs.items()
    }
    return facet(fields=fields)


def source(name: str, column: str, *kinds: str, namespace: str = WAREHOUSE) -> Json:
    """Return an input field; kinds such as DIRECT or INDIRECT:JOIN."""
    transformations = [dict(zip(("type", "subtype"), kind.split(":"), strict=False)) for kind in kinds]
    item = {"namespace": namespace, "name": name, "field": column}
    return item | ({"transformations": transformations} if kinds else {})


def parent(run_id: str | None, job: str, *, namespace: str = "etl", root: Json | None = None) -> Json:
    """Return a parent facet."""
    body: Json = {"job": {"namespace": namespace, "name": job}} | ({"run": {"runId": run_id}} if run_id else {})
    return facet(**body, **({"root": root} if root else {}))


def job_type(integration: str, type_: str, processing: str = "BATCH") -> Json:
    """Return job facets with only a jobType."""
    return {"jobType": facet(integration=integration, jobType=type_, processingType=processing)}
