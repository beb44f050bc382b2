"""What programs are told of sending events and of what came in."""

from typing import Any, Final

from app.lineage.api import described_lists, described_reading
from app.web.described import describe

SENDING: Final = "Sending events"
ARRIVED: Final = "What came in"
EVENT: Final[dict[str, Any]] = {
    "eventType": "COMPLETE",
    "eventTime": "2026-03-02T09:03:00Z",
    "producer": "https://example.com/etl",
    "run": {"runId": "0189c1d0-aa11-7c11-8000-2b1a6d1f0c01"},
    "job": {"namespace": "etl", "name": "load_orders"},
    "inputs": [{"namespace": "s3://landing", "name": "orders"}],
    "outputs": [{"namespace": "postgres://db:5432", "name": "shop.public.orders"}],
}
ARRIVAL: Final = {
    "id": 4711,
    "received_at": "2026-03-02T09:03:01Z",
    "event_time": "2026-03-02T09:03:00Z",
    "kind": "run",
    "event_type": "COMPLETE",
    "run": "01941f29-7c00-7000-8000-000000000001",
    "run_reported": "0189c1d0-aa11-7c11-8000-2b1a6d1f0c01",
    "job_namespace": "etl",
    "job_name": "load_orders",
    "dataset_namespace": None,
    "dataset_name": None,
    "producer": "https://example.com/etl",
    "source": "http",
    "source_ref": None,
    "key": "hw_Ab3d",
    "size": 812,
}
REJECTION: Final = {
    "id": 12,
    "received_at": "2026-03-02T09:03:01Z",
    "source": "http",
    "source_ref": None,
    "key": "hw_Ab3d",
    "code": "missing",
    "path": "$.run.runId",
    "detail": "must be given",
    "size": 90,
}
TIMES: Final = {"since": "A date or time: events received since then.", "until": "Events received before then."}
EVENT_QUERY: Final = {
    "q": "Words in the name of the job.",
    "run": "The id of a run, ours or as reported.",
    "job": "The name or number of a job.",
    "kind": "`run`, `job` or `dataset`.",
    "type": "`START`, `RUNNING`, `COMPLETE`, `FAIL`, `ABORT`, `OTHER`.",
    "source": "`http`, `batch`, `file` or `kafka`.",
    "producer": "How the producer's URL begins.",
    **TIMES,
}
COUNTS: Final = {"received": 2, "successful": 1, "duplicates": 0, "failed": 1, "retriable": 0, "non_retriable": 1}
FAILURE: Final = {"index": 1, "reason": "must be given", "code": "missing", "path": "$.job", "retriable": False}


def init() -> None:
    """Say it."""
    taken = {"status": "accepted", "event": 4711, "kind": "run", "run": ARRIVAL["run"], "url": "/r/acme/jobs/runs/…"}
    dry = {"dry_run": "`1` only says what would happen: jobs, runs, datasets and changes."}
    describe("lineage_receive.receive", SENDING, query=dry, body=EVENT, answer=taken, status=201)
    report = {"status": "partial_success", "summary": COUNTS, "failed_events": [FAILURE]}
    every = {"results": "`all` tells of every event, not only of those that failed."}
    describe("lineage_batch.receive", SENDING, query=every, body=[EVENT], answer=report)
    describe("lineage_arrived.events", ARRIVED, query=EVENT_QUERY, paged=True, answer=_page(ARRIVAL))
    describe("lineage_arrived.event", ARRIVED, answer={**ARRIVAL, "body": EVENT})
    query = {"q": "Words in body or reason.", "code": "Why it was refused.", "source": "Where it came from."}
    describe("lineage_arrived.rejections", ARRIVED, query=query, paged=True, answer=_page(REJECTION))
    describe("lineage_arrived.rejection", ARRIVED, answer={**REJECTION, "body": '{"eventType": "COMPLETE"}'})
    describe("lineage_arrived.replay_one", ARRIVED, answer={"status": "accepted", "event": 4712})
    facts = {"jobs": [["etl", "load_orders"]], "datasets": [["s3://landing", "orders"]]}
    describe("lineage_arrived.facts", ARRIVED, query={"shape": "`sets` or `full`."}, answer=facts)
    sample = 'headwater_lineage_events_total{result="accepted",source="http"} 4711.0\n'
    describe("lineage_metrics.metrics", ARRIVED, kind="text/plain; version=1.0.0", answer=sample)
    describe(
        "api_export.openlineage",
        ARRIVED,
        query={**TIMES, "job": "The name or number of a job."},
        kind="application/x-ndjson",
        answer='{"eventType": "START", "run": {…}, …}\n{"eventType": "COMPLETE", "run": {…}, …}\n',
    )
    described_reading.init()
    described_lists.init()


def _page(row: object) -> dict[str, object]:
    return {"items": [row], "next": None}
