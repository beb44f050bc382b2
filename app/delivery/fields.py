"""What programs and exports are told of hooks, deliveries and workers."""

from collections.abc import Callable
from typing import Any

from app.delivery.models import Attempt, Delivery, Hook

Fields = dict[str, Callable[[Any], object]]


def _of(*names: str) -> Fields:
    return {name: _getter(name) for name in names}


def _getter(name: str) -> Callable[[Any], object]:
    return lambda row: getattr(row, name)


def _target(hook: Hook) -> dict[str, Any]:
    return {**hook.target, **({"credential": "[redacted]"} if hook.credential else {})}


HOOK: Fields = {
    **_of("id", "name", "description"),
    "owner": lambda hook: hook.owner.name,
    "trigger": lambda hook: hook.trigger,
    "hook": _target,
    **_of("timeout", "max_attempts", "concurrency", "ordered", "request_timeout_s", "enabled", "disabled_at"),
    **_of("disabled_why", "failures_in_row", "last_success_at", "last_failure_at", "previous_until", "version"),
    **_of("created_at", "created_by", "updated_at", "updated_by"),
}
DELIVERY: Fields = {
    **_of("id", "message_id", "hook_id"),
    "hook": lambda delivery: delivery.hook.name if delivery.hook else None,
    **_of("sender", "seq", "type", "kind", "entity_id", "label", "test", "replays", "cause_depth", "state", "reason"),
    **_of("attempts", "status", "next_attempt_at", "deadline_at", "finished_at", "created_at", "progress"),
    "message": lambda delivery: delivery.callback_message,
}
ATTEMPT: Fields = _of("number", "at", "duration_ms", "status", "error", "response_head", "response_body")
WORKER: Fields = _of("id", "name", "host", "version", "started_at", "last_seen_at")
TURN: Fields = _of("name", "due_at", "done_at", "took_ms", "tries", "error", "parked_at")


def whole(delivery: Delivery, attempts: list[Attempt], *, bodies: bool) -> Fields:
    """Return the fields of one delivery with its attempts; what was sent and answered only with ``bodies``."""
    hidden = () if bodies else ("response_head", "response_body")
    rows = [{name: make(one) for name, make in ATTEMPT.items() if name not in hidden} for one in attempts]
    sent = _of("request_head", "request_body") if bodies else {}
    del delivery
    return {**DELIVERY, **sent, "attempts_made": lambda _delivery: rows}
