"""Whether two plans say the same, and where they do not."""

from hashlib import sha256
from typing import Any

import msgspec

from app.jobs.progress.plan import Plan

Difference = dict[str, Any]
Path = tuple[str, ...]


def content_digest(plan: Plan) -> bytes:
    """Return 16 bytes that are the same for the same content, in whatever order steps and values are listed."""
    return sha256(msgspec.json.encode(sorted(_flat(plan).items()))).digest()[:16]


def differences(old: Plan, new: Plan) -> list[Difference]:
    """Return [{path, old, new}] by path; what one side lacks is null there, a whole step or value by its name."""
    before, after = _flat(old), _flat(new)
    paths = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    kept = [path for path in paths if not _inside(path, before, after)]
    return [{"path": ".".join(path), "old": before.get(path), "new": after.get(path)} for path in kept]


def _flat(plan: Plan) -> dict[Path, Any]:
    """Return every value by its path; steps and values stand under their own path as their name."""
    found: dict[Path, Any] = {("name",): plan.name}
    for step in plan.steps:
        path: Path = ("steps", step.tag)
        found |= {path: step.tag, (*path, "name"): step.name}
        found |= {(*path, "points"): step.points, (*path, "required"): step.required}
        for value in step.metadata:
            inner: Path = (*path, "metadata", value.name)
            found |= {inner: value.name, (*inner, "kind"): value.kind}
            found |= {(*inner, "units"): value.units, (*inner, "private"): value.private}
    return found


def _inside(path: Path, before: dict[Path, Any], after: dict[Path, Any]) -> bool:
    """Return whether a path lies in a step or value that one side lacks altogether."""
    return any((path[:end] in before) != (path[:end] in after) for end in range(1, len(path)))
