"""What goes wrong below the mount, in the words its clients know: always ``detail``."""

from collections.abc import Sequence
from typing import Any, Final

from flask import Response, g, request

from app.accounts.models import Role
from app.jobs.tracker.answers import Nouns, of_path, told
from app.jobs.tracker.wrong import SAID, Wrong, wrong
from app.refusal import Problem
from app.web.identity import sent_key
from app.web.problem import Trouble

MISSING: Final = "Invalid credentials. Missing x-api_key header"
UNAUTHORIZED: Final = "Invalid credentials. Unauthorized"
NO_PROVIDER: Final = "This key belongs to no provider"
# What people looked at in the tracker itself is refused in other words than what programs send.
LOOKED_AT: Final = ("tracker_runs.index", "tracker_runs.show", "tracker_runs.events", "tracker_reporting.report")
SHORT: Final = {"not_found": "Not Found", "method_not_allowed": "Method Not Allowed"}
LONGEST: Final = 10_000


def speak(trouble: Trouble) -> Response:
    """Return the answer to a request that went wrong."""
    status, detail = _said(trouble)
    headers = {name: value for name, value in (trouble.headers or {}).items() if name != "WWW-Authenticate"}
    if status == 401:  # noqa: PLR2004 - the status that asks for credentials
        headers["WWW-Authenticate"] = "Bearer"
    return told({"detail": detail}, status, headers)


def _said(trouble: Trouble) -> tuple[int, Any]:
    if trouble.status == 401 or _speaks_for_nobody(trouble):  # noqa: PLR2004 - no key, or none that works
        return _credentials()
    if trouble.code in SHORT:
        return trouble.status, SHORT[trouble.code]
    if trouble.status == 403 and _writes_for_nobody():  # noqa: PLR2004 - a key that may not do this
        return 403, NO_PROVIDER
    return _refused(trouble, g.get("tracker_nouns") or of_path())


def _refused(trouble: Trouble, nouns: Nouns) -> tuple[int, Any]:
    if trouble.code == "exists":
        words = f"{nouns.run} configuration: this version already exists with other content"
        return 400, {"msg": words, "changes": _changes(trouble.extra["changes"])}
    if trouble.code == "unknown_tag":
        return 400, f"Invalid {nouns.run} configuration tag"
    if trouble.status == 422:  # noqa: PLR2004 - what is wrong is listed
        return 422, trouble.extra.get(SAID) or [_listed(problem, nouns) for problem in trouble.errors]
    return trouble.status, trouble.detail


def _speaks_for_nobody(trouble: Trouble) -> bool:
    """Return whether the account of the key has left: the guard then says 404, for pages hide their realm."""
    return trouble.code == "not_found" and bool(request.endpoint) and "standing" not in g


def _writes_for_nobody() -> bool:
    return request.method == "POST" and "standing" in g and g.standing.role != Role.PROVIDER


def _credentials() -> tuple[int, str]:
    if request.endpoint in LOOKED_AT:
        return 401, "Not authenticated"
    return 403, MISSING if sent_key() is None else UNAUTHORIZED


def _changes(found: Sequence[dict[str, Any]]) -> str:
    return "; ".join(f"{_wire(each['path'])}: {each['old']!r} -> {each['new']!r}" for each in found)[:LONGEST]


def _wire(path: str) -> str:
    """Return a path of our plans in the names of the wire."""
    parts = path.split(".", 1)
    return ".".join(["step_configurations", *parts[1:]]) if parts[0] == "steps" else path


def _listed(problem: Problem, nouns: Nouns) -> Wrong:
    """Return what an action of ours refused, with its place in the names of the wire."""
    field = (problem.field or "").strip("/")
    if request.method == "GET":
        return wrong(("query", f"{field}_date"), problem.detail)
    names = {
        "external_id": nouns.external_id, "customer": nouns.customer_id, "job": nouns.name, "step": "tag",
        "steps": "step_configurations",
        "metadata": "metadata_configurations" if field.startswith("steps") else "event_metadata",
    }  # fmt: skip
    parts = [int(part) if part.isdecimal() else names.get(part, part) for part in field.split("/") if part]
    return wrong(("body", *parts), problem.detail)
