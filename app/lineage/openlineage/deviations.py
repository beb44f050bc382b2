"""Where an accepted event departs from OpenLineage 2-0-2; for producers, never a reason to refuse (spec 3.3)."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from app.lineage.openlineage.decode import decode

TYPES = frozenset({"START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"})
MEMBERS = frozenset({"eventTime", "producer", "schemaURL", "eventType", "run", "job", "dataset", "inputs", "outputs"})
ZONED = re.compile(r".*(?:[Zz]|[+-]\d\d:\d\d)$", re.DOTALL)
URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
MOST = 100


def deviations(raw: bytes | str) -> list[str]:
    """Return in words what the specification would have otherwise, at most 100; the event is one that was accepted."""
    value = decode(raw.encode() if isinstance(raw, str) else raw)
    found: list[str] = []
    for words in _all(value) if isinstance(value, dict) else ():
        if words not in found:
            found.append(words)
        if len(found) == MOST:
            break
    return found


def _all(value: dict[str, Any]) -> Iterator[str]:
    yield from _envelope(value)
    run, job = value.get("run"), value.get("job")
    if job is not None and run is not None:
        yield from _run(value, run)
    for path, thing in (("run", run), ("job", job), ("dataset", value.get("dataset"))):
        if isinstance(thing, dict):
            yield from _facets(thing, f"$.{path}.facets")
    for direction, own in (("inputs", "inputFacets"), ("outputs", "outputFacets")):
        if job is not None and direction in value and value[direction] is None:
            yield f"{direction} is null"
        for index, dataset in enumerate(value.get(direction) or ()):
            for key in ("facets", own):
                yield from _facets(dataset, f"$.{direction}[{index}].{key}", key)


def _envelope(value: dict[str, Any]) -> Iterator[str]:
    for name in ("schemaURL", "producer"):
        text = value.get(name)
        if text is None:
            yield f"missing {name}"
        elif not isinstance(text, str) or not URI.fullmatch(text):
            yield f"{name} is no URI"
    if not ZONED.match(str(value.get("eventTime"))):
        yield "eventTime has no zone, read as UTC"
    if value.get("dataset") is not None and value.get("job") is not None:
        yield "a dataset beside a job is ignored"
    if value.get("run") is not None and value.get("job") is None:
        yield "a run without a job is ignored"
    for name in sorted(set(value) - MEMBERS):
        yield f"unknown member {name[:100]}"


def _run(value: dict[str, Any], run: dict[str, Any]) -> Iterator[str]:
    type_ = value.get("eventType")
    if type_ is None:
        yield "missing eventType"
    elif type_ not in TYPES:
        yield f"eventType {str(type_)[:100]} is not known"
    try:
        UUID(run.get("runId"))
    except (ValueError, TypeError, AttributeError):
        yield "runId is no UUID"
    facets = run.get("facets")
    if isinstance(facets, dict) and "parentRun" in facets:
        yield "the facet parent has its old name parentRun"


def _facets(thing: dict[str, Any], path: str, key: str = "facets") -> Iterator[str]:
    facets = thing.get(key)
    if key not in thing:
        return
    if not isinstance(facets, dict):
        yield f"{path} is no object"
        return
    for name, body in facets.items():
        here = f"{path}.{name[:100]}"
        if not isinstance(body, dict):
            yield f"{here} is no object"
            continue
        for member in ("_producer", "_schemaURL"):
            if not isinstance(body.get(member), str):
                yield f"{here} has no {member}"
