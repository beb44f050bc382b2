"""Events for benchmarks: synthetic START and COMPLETE pairs, and recorded ones replayed under fresh run ids."""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

PRODUCER = "https://example.com/benchmark"
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
JOBS = 100
COLUMNS = 10


def synthetic(runs: int, *, first: int = 0, jobs: int = JOBS) -> Iterator[bytes]:
    """Yield START and COMPLETE of ``runs`` runs: 2 inputs, 1 output, 10 columns each, column lineage on the output."""
    for number in range(first, first + runs):
        job = number % jobs
        run_id = str(uuid.UUID(int=number + (7 << 76) + (2 << 62)))
        at = BEGIN + timedelta(seconds=20 * number)
        for type_, time in (("START", at), ("COMPLETE", at + timedelta(seconds=15))):
            yield json.dumps(_event(type_, time, run_id, job)).encode()


def _facet(name: str, **body: Any) -> dict[str, Any]:
    return {"_producer": PRODUCER, "_schemaURL": f"https://openlineage.io/spec/facets/1-0-0/{name}.json", **body}


def _event(type_: str, time: datetime, run_id: str, job: int) -> dict[str, Any]:
    inputs = [("postgres://db.example.com:5432", f"shop.public.table_{job}_{side}") for side in "ab"]
    names = [f"column_{index}" for index in range(COLUMNS)]
    fields = [{"name": name, "type": "bigint"} for name in names]
    lineage = {
        name: {
            "inputFields": [
                {
                    "namespace": namespace,
                    "name": table,
                    "field": name,
                    "transformations": [{"type": "DIRECT", "subtype": "IDENTITY", "description": "", "masking": False}],
                }
                for namespace, table in inputs
            ]
        }
        for name in names
    }
    schema = {"schema": _facet("SchemaDatasetFacet", fields=fields)}
    return {
        "eventType": type_,
        "eventTime": time.isoformat(),
        "producer": PRODUCER,
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": run_id, "facets": {}},
        "job": {
            "namespace": "benchmark",
            "name": f"job_{job}",
            "facets": {
                "jobType": _facet("JobTypeJobFacet", integration="SPARK", jobType="JOB", processingType="BATCH")
            },
        },
        "inputs": [{"namespace": namespace, "name": table, "facets": schema} for namespace, table in inputs],
        "outputs": [
            {
                "namespace": "s3://warehouse",
                "name": f"mart/table_{job}",
                "facets": schema | {"columnLineage": _facet("ColumnLineageDatasetFacet", fields=lineage)},
                "outputFacets": {"outputStatistics": _facet("OutputStatisticsFacet", rowCount=1000, size=65536)},
            }
        ],
    }


def replayed(folder: Path, pattern: str, count: int) -> Iterator[bytes]:
    """Yield ``count`` recorded events; each round gives all runs, parents included, fresh ids, so that none repeats."""
    lines = [line for path in sorted(folder.glob(pattern)) for line in path.read_text().splitlines() if line.strip()]
    ids = sorted({json.loads(line)["run"]["runId"] for line in lines})
    number = round_ = 0
    while number < count:
        fresh = {id_: str(uuid.uuid5(uuid.NAMESPACE_URL, f"{round_}/{id_}")) for id_ in ids}
        for line in lines:
            for id_, other in fresh.items():
                line = line.replace(id_, other)  # noqa: PLW2901 - the line is rewritten id by id
            yield line.encode()
            number += 1
            if number >= count:
                return
        round_ += 1
