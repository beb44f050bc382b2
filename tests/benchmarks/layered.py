"""The graph a peer is measured on: layers of datasets with a job behind each, and a hub that many jobs read.

Ten layers of 200 datasets; a dataset below the first is written by one job that reads three of the layer above. 500
more jobs read one dataset of the second layer, the hub, and write one dataset each. 2,500 datasets, 2,300 jobs.
"""

import json
import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from tests.benchmarks.events import COLUMNS, PRODUCER

LAYERS, WIDTH, READS, READERS, DAYS = 10, 200, 3, 500, 6
WAREHOUSE = "postgres://warehouse.example.com:5432"
HUB = "dwh.layer_1.table_0"
ORDINARY = f"dwh.layer_{LAYERS // 2}.table_{WIDTH // 2}"
SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"


class Work(NamedTuple):
    """A job with what it reads and writes."""

    job: str
    inputs: tuple[str, ...]
    output: str


def works(seed: int = 7) -> list[Work]:
    """Return every job of the graph; equal seeds give equal graphs."""
    chance = random.Random(seed)
    found = []
    for layer in range(1, LAYERS):
        for place in range(WIDTH):
            above = chance.sample(range(WIDTH), READS)
            inputs = tuple(f"dwh.layer_{layer - 1}.table_{one}" for one in above)
            found.append(Work(f"load.layer_{layer}.{place}", inputs, f"dwh.layer_{layer}.table_{place}"))
    return found + [Work(f"report.{number}", (HUB,), f"dwh.reports.report_{number}") for number in range(READERS)]


def events(until: datetime, runs: int = 20, chosen: list[Work] | None = None) -> Iterator[bytes]:
    """Yield START and COMPLETE of ``runs`` runs of each job, evenly over the six days before ``until``."""
    apart = timedelta(days=DAYS) / runs
    for number in range(runs):
        at = until - timedelta(days=DAYS) + apart * number
        for work in chosen if chosen is not None else works():
            run_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{work.job}/{number}"))
            for type_, time in (("START", at), ("COMPLETE", at + timedelta(seconds=40))):
                yield json.dumps(_event(type_, time.astimezone(UTC), run_id, work)).encode()


def _event(type_: str, time: datetime, run_id: str, work: Work) -> dict[str, Any]:
    body: dict[str, Any] = {
        "eventType": type_,
        "eventTime": time.isoformat(),
        "producer": PRODUCER,
        "schemaURL": SCHEMA,
        "run": {"runId": run_id},
        "job": {"namespace": "benchmark", "name": work.job},
        "inputs": [{"namespace": WAREHOUSE, "name": name} for name in work.inputs],
        "outputs": [{"namespace": WAREHOUSE, "name": work.output}],
    }
    if type_ == "COMPLETE":
        body["outputs"][0] |= {"facets": _facets(work.inputs), "outputFacets": _counted()}
    return body


def _facets(inputs: tuple[str, ...]) -> dict[str, Any]:
    names = [f"column_{index}" for index in range(COLUMNS)]
    kinds = [{"type": "DIRECT", "subtype": "IDENTITY"}]
    fields = {
        name: {
            "inputFields": [
                {"namespace": WAREHOUSE, "name": table, "field": name, "transformations": kinds} for table in inputs
            ]
        }
        for name in names
    }
    return {
        "schema": _facet("SchemaDatasetFacet", fields=[{"name": name, "type": "bigint"} for name in names]),
        "columnLineage": _facet("ColumnLineageDatasetFacet", fields=fields),
    }


def _counted() -> dict[str, Any]:
    return {"outputStatistics": _facet("OutputStatisticsFacet", rowCount=1000, size=65536)}


def _facet(name: str, **body: Any) -> dict[str, Any]:
    return {"_producer": PRODUCER, "_schemaURL": f"https://openlineage.io/spec/facets/1-0-0/{name}.json", **body}
