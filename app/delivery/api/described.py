"""What programs are told of the API of hooks, deliveries and workers."""

from typing import Any

from app.web.described import describe

HOOKS, DELIVERIES = "Hooks", "Deliveries"
ID = "0194a6de-7c00-7000-8000-000000000001"
BODY: dict[str, Any] = {
    "name": "to-ci",
    "trigger": {"on": ["run.failed", "*.late"], "match": "all", "filters": [{"name": "^nightly"}]},
    "hook": {
        "type": "webhook",
        "url": "https://ci.example.org/in",
        "method": "POST",
        "body": "basic",
        "callback": True,
    },
    "timeout": 900,
}
HOOK = {
    "id": ID,
    **BODY,
    "description": "",
    "owner": "ada",
    "max_attempts": 10,
    "concurrency": 4,
    "ordered": False,
    "request_timeout_s": 15,
    "enabled": True,
    "disabled_at": None,
    "disabled_why": None,
    "failures_in_row": 0,
    "last_success_at": "2026-03-02T09:00:00.123456Z",
    "last_failure_at": None,
    "version": 1,
    "created_at": "2026-03-01T08:00:00.123456Z",
    "created_by": "ada",
}
DELIVERY = {
    "id": ID,
    "message_id": f"msg_{ID.replace('-', '')}",
    "hook_id": ID,
    "hook": "to-ci",
    "seq": 48213,
    "type": "run.failed",
    "kind": "run",
    "entity_id": "4711",
    "label": "nightly_load",
    "test": False,
    "replays": 0,
    "state": "succeeded",
    "reason": None,
    "attempts": 1,
    "status": 204,
    "created_at": "2026-03-02T09:00:00.123456Z",
}
FILTERS = {
    "q": "Words in what was changed.",
    "hook": "The id of a hook.",
    "state": "One of pending, sending, waiting, paused, succeeded, failed, skipped, cancelled.",
    "type": "The verb of the change, such as `run.failed`.",
    "since": "A date or time: deliveries since then.",
    "until": "A date or time: deliveries before then.",
}
SECRET = {**HOOK, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}


def init() -> None:
    """Say it."""
    found = {"q": "Words in the name.", "enabled": "`1` or `0`."}
    describe("api_hooks.index", HOOKS, query=found, paged=True, answer={"items": [HOOK], "next": None})
    describe("api_hooks.create", HOOKS, body=BODY, answer=SECRET, status=201)
    describe("api_hooks.show", HOOKS, answer=HOOK)
    describe("api_hooks.change", HOOKS, body=BODY, answer=HOOK)
    describe("api_hooks.remove", HOOKS, status=204)
    describe("api_hooks.rotate", HOOKS, body={"grace_hours": 24}, answer=SECRET)
    describe("api_hooks.activate", HOOKS, body={"backlog": True}, answer={"enabled": True, "deliveries": 12})
    describe("api_hooks.deactivate", HOOKS, answer={"enabled": False, "deliveries": 12})
    tried = {"delivery": ID, "state": "succeeded", "reason": None, "status": 204, "error": None, "duration_ms": 31}
    describe("api_hooks.test", HOOKS, body={"seq": 48213}, answer=tried)
    asked = {"state": "failed", "from_seq": 100, "to_seq": 900, "dry_run": True}
    describe("api_hooks.replay", HOOKS, body=asked, answer={"count": 17, "dry_run": True})
    _deliveries()


def _deliveries() -> None:
    attempt = {"number": 1, "at": "2026-03-02T09:00:00.123456Z", "duration_ms": 31, "status": 204, "error": None}
    describe("api_deliveries.index", DELIVERIES, query=FILTERS, paged=True, answer={"items": [DELIVERY], "next": None})
    describe("api_deliveries.show", DELIVERIES, answer={**DELIVERY, "attempts_made": [attempt]})
    describe("api_deliveries.replay", DELIVERIES, answer={**DELIVERY, "state": "pending", "replays": 1})
    describe("api_deliveries.cancel", DELIVERIES, answer={**DELIVERY, "state": "cancelled"})
    worker = {"id": ID, "name": "embedded 4711", "host": "web-1", "version": "0.1.0"}
    numbers = {"lag": 0, "queued": 0, "oldest_due_at": None, "last_sign_at": "2026-03-02T09:00:00.123456Z"}
    describe("api_deliveries.worker", DELIVERIES, answer={**numbers, "workers": [worker], "tasks": [], "parked": []})
    describe(
        "api_callbacks.end",
        DELIVERIES,
        body={"status": "running", "message": "42 of 100", "progress": 0.42},
        answer={"state": "waiting"},
        path={"delivery": "The id of the delivery; its own token is the bearer."},
    )
