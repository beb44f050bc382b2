"""What programs are told of tracking: plans, runs, events."""

from typing import Any, Final

from app.jobs.api.described import RUN_ID
from app.web.described import describe

GROUP: Final = "Tracking runs"
IDS: Final = {"run_id": "The id or number of the run."}
STANDING: Final[dict[str, Any]] = {
    "status": "running",
    "progress": 10.0,
    "eta_at": "2026-03-02T09:12:00Z",
    "deadline_at": None,
    "cancel_requested": False,
}
VALUE: Final = {"name": "Score", "kind": "number", "units": "%", "private": False}
FETCH: Final = {"tag": "fetch", "name": "Fetch", "points": 1, "required": True, "metadata": []}
WORK: Final = {"tag": "run", "name": "Run", "points": 8, "required": True, "metadata": [VALUE]}
PLAN: Final = {"tag": "lung", "name": "Lung", "version": "1.2.0", "steps": [FETCH, WORK]}
KNOWN: Final = {
    **PLAN,
    "id": 7,
    "latest": True,
    "archived": False,
    "created_at": "2026-03-02T08:00:00Z",
    "steps": [{"id": 21, **FETCH}, {"id": 22, **WORK}],
}
OPENED: Final = {
    "id": RUN_ID,
    "number": 1042,
    "attempt": 1,
    "external_id": "433",
    "job": "lung",
    "version": "1.2.0",
    "url": f"https://headwater.example/r/acme/jobs/runs/{RUN_ID}",
    "parent": {"run": {"runId": RUN_ID}, "job": {"namespace": "headwater://clinic", "name": "lung"}},
    **STANDING,
    "status": "queued",
    "progress": 0.0,
}
SAID: Final = {
    "kind": "complete",
    "step": "fetch",
    "metadata": {"Score": 91.5},
    "event_id": "a1",
    "occurred_at": "2026-03-02T09:01:00Z",
}
EVENT: Final = {
    "id": 88,
    "sequence": 3,
    "kind": "complete",
    "wire_kind": "complete",
    "state": "completed",
    "step": "fetch",
    "name": "",
    "metadata": {"Score": 91.5},
    "fraction": None,
    "progress": None,
    "reason": None,
    "occurred_at": "2026-03-02T09:01:00Z",
    "received_at": "2026-03-02T09:01:00.2Z",
    "event_id": "a1",
    "updates": None,
    "flags": [],
}


def init() -> None:
    """Say it."""
    _plans()
    _runs()
    _handed_out()
    _report()
    describe("api_events.take", GROUP, path=IDS, body=SAID, answer={"id": 88, **STANDING}, status=201)
    describe("api_events.index", GROUP, path=IDS, paged=True, answer={"items": [EVENT], "next": None})
    one = {"job": "nightly", "run": "2026-11-22", "kind": "step", "step": "load"}
    describe("api_one_call.take", GROUP, body=one, answer={"id": 88, **STANDING}, status=201)


def _handed_out() -> None:
    told = {"offset": 4096, **STANDING}
    offset = {"offset": "How many bytes of the log came before; the end unless given."}
    describe("api_handed_out.append", GROUP, path=IDS, query=offset, body="Reading 4,000 rows\n", answer=told)
    link = {"id": RUN_ID, "expires_at": "2026-03-09T09:00:00Z", "metadata": False, "log": False, "opens": 0,
            "revoked_at": None}  # fmt: skip
    made = {**link, "secret": "kPq3...", "url": "https://headwater.example/s/kPq3..."}
    describe("api_handed_out.share", GROUP, path=IDS, body={"hours": 24}, answer=made, status=201)
    closed = {**link, "revoked_at": "2026-03-03T09:00:00Z"}
    ids = {**IDS, "share_id": "The id of the link."}
    describe("api_handed_out.unshare", GROUP, path=ids, body={}, answer=closed)
    badge = {"id": RUN_ID, "created_at": "2026-03-02T09:00:00Z", "revoked_at": None}
    shown = {**badge, "secret": "kPq3...", "url": "https://headwater.example/b/kPq3....svg"}
    describe("api_handed_out.badge", GROUP, path=IDS, body={}, answer=shown, status=201)
    ids = {**IDS, "badge_id": "The id of the badge."}
    describe("api_handed_out.unbadge", GROUP, path=ids, body={}, answer={**badge, "revoked_at": "2026-03-03T09:00:00Z"})
    alarms = {"heartbeat_s": 600, "deadline_s": None, "due_by": "07:30", "due_zone": "Europe/Berlin",
              "metadata_check": "warn"}  # fmt: skip
    describe("api_alarms.patch", GROUP, body={"heartbeat_s": 600}, answer={"id": 5, **alarms})


def _report() -> None:
    asked = {
        "start": "Events that happened since then: a day, a time, or `24h`, `7d`.",
        "end": "Events that happened before then; now unless given.",
        "tag": "Of one job.",
        "customer": "Of one customer, by login.",
        "format": "`csv` answers all of it as a file.",
    }
    names = ("run", "external_id", "attempt", "job", "version", "provider", "customer", "status", "event", "kind",
             "step", "step_name", "points", "name", "metadata", "occurred_at", "received_at")  # fmt: skip
    values = (1042, "433", 1, "lung", "1.2.0", "clinic", "ann", "running", 88, "complete", "fetch", "Fetch", 1, "",
              '{"Score": 91.5}', "2026-03-02T09:01:00Z", "2026-03-02T09:01:00.2Z")  # fmt: skip
    row = dict(zip(names, values, strict=True))
    lines = {"tail": "How many lines, 200 unless given."}
    describe("api_details.log", GROUP, path=IDS, query=lines, answer="Reading 4,000 rows\nDone\n", kind="text/plain")
    went = {"runs": 100, "ended": 98, "completed": 96, "success": 0.98, "median_s": 181.5, "p80_s": 204.0}
    describe("api_details.statistics", GROUP, answer=went)
    year = {"year": "Such as `2026`; the last with runs unless given.",
            "by": "`configuration`, `customer`, `status` or `integration`."}  # fmt: skip
    month = {"month": "2026-01", "runs": 91, "success": 0.98, "by": {"Lung 1.2.0": 91}}
    took = {"name": "lung", "runs": 91, "median": 181.5, "p80": 204.0, "step": "run", "job_id": 5}
    told = {"year": 2026, "by": "configuration", "years": [2026], "months": [month], "durations": [took],
            "steps": [took]}  # fmt: skip
    describe("api_analytics.analytics", GROUP, query=year, answer=told)
    describe("api_report.report", GROUP, query=asked, answer={"count": 1, "is_more": False, "items": [row]})


def _plans() -> None:
    describe("api_configurations.register_one", GROUP, body=PLAN, answer=KNOWN, status=201)
    asked = {"tag": "Those of a tag.", "version": "One version of it, or `latest`."}
    describe("api_configurations.index", GROUP, query=asked, paged=True, answer={"items": [KNOWN], "next": None})
    describe("api_configurations.show", GROUP, answer=KNOWN)


def _runs() -> None:
    named = {"tag": "lung", "external_id": "433", "customer": "clinic-7"}
    describe("api_runs.open_one", GROUP, body=named, answer=OPENED, status=201)
    end = {"status": "failed", "reason": "disk full"}
    ended = {**STANDING, "status": "failed", "eta_at": None}
    describe("api_runs.completion", GROUP, path=IDS, body=end, answer=ended)
    for name in ("archive", "restore"):
        describe(f"api_runs.{name}", GROUP, path=IDS, body={}, answer=ended)
    describe("api_runs.heartbeat", GROUP, path=IDS, body={}, answer=STANDING)
    asked = {"outcome": "requested", "children": 0, **STANDING, "cancel_requested": True}
    describe("api_runs.cancellation", GROUP, path=IDS, body={"why": "wrong input"}, answer=asked)
    describe("api_runs.dismissal", GROUP, path=IDS, body={"why": "the scheduler was replaced"}, answer=STANDING)
    describe("api_runs.attempts", GROUP, path=IDS, body={}, answer={**OPENED, "attempt": 2}, status=201)
