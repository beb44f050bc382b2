"""What programs are told of the lists beside datasets: jobs, operations, places, schemas, columns."""

from typing import Final

from app.jobs.api.described import JOB, JOB_QUERY, RUN_ID
from app.web.described import describe

LISTS: Final = "Other lists"
SEEN: Final = {"first_seen_at": "2026-02-01T09:00:00Z", "last_seen_at": "2026-03-02T09:03:00Z"}
OPERATION: Final = {
    "id": RUN_ID,
    "name": "insert into shop.public.orders",
    "run": RUN_ID,
    "job": "load_orders",
    "group": None,
    "position": 1,
    "type": "BATCH",
    "status": "completed",
    "started_at": "2026-03-02T09:00:00Z",
    "ended_at": "2026-03-02T09:03:00Z",
    "duration_s": 180.0,
    "statement_kind": "INSERT",
    "datasets_read": 1,
    "datasets_written": 1,
    "rows_in": 1000,
    "rows_out": 1000,
    "description": None,
}
OPERATION_QUERY: Final = {
    "q": "Words in name and SQL.",
    "status": "`running`, `completed`, `failed` and the other states of runs.",
    "kind": "`SELECT`, `INSERT`, `CREATE`, `MERGE`, `UPDATE`, `DELETE` or `COPY`.",
    "run": "The number of the run it belongs to.",
    "job": "The number of a job.",
    "dataset": "The number of a dataset it touched.",
    "since": "Operations that began since then: a time, or `24h`, `7d`.",
    "until": "Operations that began before then.",
}
STORAGE: Final = {"id": 4, "type": "postgres", "location": "db", "name": "shop", "datasets": 31}
LOCATION: Final = {
    "id": 3,
    "type": "postgres",
    "name": "db",
    "addresses": ["postgres://db:5432"],
    "external_id": "",
    "storages": 2,
    "datasets": 48,
    "jobs": 0,
}
DIGEST: Final = "0c7f3f5e-9d3b-5a0b-8f5e-1d2c3b4a5f60"
SCHEMA: Final = {"id": 2, "digest": DIGEST, "fields": 1, "columns": ["id"], "datasets": 3}
FIELD: Final = {"path": "id", "type": "bigint", "description": None}
NAME: Final = {"id": 17, "namespace": "postgres://db:5432", "name": "shop.public.orders"}


def init() -> None:
    """Say it."""
    where = {"q": "A part of the name.", "type": "Such as `postgres`, `s3`, `kafka`."}
    describe("api_lists.jobs", LISTS, query=JOB_QUERY, paged=True, answer=_page(JOB))
    describe("api_lists.operations", LISTS, query=OPERATION_QUERY, paged=True, answer=_page(OPERATION))
    describe("api_lists.storages", LISTS, query=where, paged=True, answer=_page(STORAGE))
    describe("api_lists.locations", LISTS, query=where, paged=True, answer=_page(LOCATION))
    _schemas()
    touched = {"dataset": NAME, "types": ["APPEND"], "rows": 1000, "bytes": 4096, "files": None, "change_percent": 12.5}
    told = {"run": RUN_ID, "previous": None, "inputs": [], "outputs": [touched], "truncated": False}
    describe("api_lists.run_io", "Jobs and runs", path={"run_id": "The id or number of the run."}, answer=told)


def _schemas() -> None:
    since = {"type": "The type of a column.", "since": "What changed since then: a date or time."}
    query = {"q": "A part of the name of a column.", "column": "The exact name of a column.", **since}
    describe("api_catalogue.schemas", LISTS, query=query, paged=True, answer=_page({**SCHEMA, **SEEN}))
    difference = {"change": "added", "path": "id", "before": None, "after": "bigint", "guess": False}
    user = {**NAME, "current": True, "first_at": SEEN["first_seen_at"], "last_at": SEEN["last_seen_at"]}
    whole = {"id": 2, "digest": DIGEST, "fields": [FIELD], "datasets": [user]}
    against = {"against": "The number of another schema: what changed from that one to this."}
    answer = {**whole, "against": 1, "differences": [difference]}
    describe("api_catalogue.schema", LISTS, query=against, answer=answer)
    query = {"q": "A part of the name.", "name": "The exact name.", **since}
    column = {"name": "id", "type": "bigint", "datasets": 12}
    describe("api_catalogue.columns", LISTS, query=query, paged=True, answer=_page(column))


def _page(row: object) -> dict[str, object]:
    return {"items": [row], "next": None}
