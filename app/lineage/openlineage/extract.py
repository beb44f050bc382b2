"""What one event says beyond names: parents, symlinks, column edges, claims, checks, counters. Pure.

Every reader forgives: a facet of a wrong shape says nothing and harms nobody (spec 3.3, tolerance 6).
"""

from typing import Any, NamedTuple

from app.lineage.openlineage.decode import encode, encode_sorted, short_digest
from app.lineage.openlineage.parse import NAME_LIMIT, DatasetRef, Event, Facets, Name, identity

MAX_COUNT = 2**63 - 1
EMPTY: dict[str, Any] = {}
UNKNOWN = "UNKNOWN"


class RunRef(NamedTuple):
    """A run named by another one, perhaps only by its job."""

    run_id: str | None
    job: Name | None


class ColumnInput(NamedTuple):
    """One input column of an output column (None: of the whole output)."""

    output: str | None
    dataset: Name
    column: str
    kinds: str


class End(NamedTuple):
    """One side of a claim: kind dataset, job or none; ``name`` None means the reporting job."""

    kind: str
    name: Name | None
    column: str


class ClaimRef(NamedTuple):
    """A claimed edge from a source to a target."""

    source: End
    target: End
    kinds: str


class Check(NamedTuple):
    """The result of one data quality assertion."""

    name: str
    column: str | None
    params: str | None
    severity: str
    success: bool
    expected: str | None
    actual: str | None


def text(value: object, limit: int = 200) -> str | None:
    """Return a non-empty text, cut to ``limit`` characters, else None."""
    return value[:limit] if isinstance(value, str) and value else None


def name_of(item: object) -> Name | None:
    """Return the identity in a {"namespace", "name"} object, or None; a missing namespace is the empty one."""
    if not isinstance(item, dict):
        return None
    namespace, name = item.get("namespace") or "", item.get("name")
    if not isinstance(name, str) or not name or not isinstance(namespace, str):
        return None
    return None if max(len(namespace), len(name)) > NAME_LIMIT else identity(namespace, name)


def run_ref(item: object) -> RunRef | None:
    """Return run and job of a parent or root object; None without a job, which every run has."""
    if not isinstance(item, dict):
        return None
    run = item.get("run")
    run_id = run.get("runId") if isinstance(run, dict) else None
    if not isinstance(run_id, str) or not 0 < len(run_id) <= 512:  # noqa: PLR2004 - limit of spec 3.2
        run_id = None
    job = name_of(item.get("job"))
    return RunRef(run_id, job) if job is not None else None


def parent_facet(facets: Facets) -> dict[str, Any]:
    """Return the parent facet under its present or its old key, or an empty object."""
    found = facets.get("parent") or facets.get("parentRun") or EMPTY
    return EMPTY if found.get("_deleted") is True else found


def symlinks(ref: DatasetRef) -> list[tuple[Name, str]]:
    """Return the other names of a dataset with their types."""
    items = ref.facets.get("symlinks", EMPTY).get("identifiers")
    named = ((name_of(item), item) for item in (items if isinstance(items, list) else ()))
    return [(name, text(item.get("type"), 64) or "") for name, item in named if name is not None]


def previous_name(ref: DatasetRef) -> Name | None:
    """Return the name a renamed dataset had before."""
    change = ref.facets.get("lifecycleStateChange", EMPTY)
    return name_of(change.get("previousIdentifier")) if change.get("lifecycleStateChange") == "RENAME" else None


def hive_session(event: Event) -> RunRef | None:
    """Return the run that stands for the Hive session of a query: job user@ip, id of session id and creation time."""
    facet = event.run_facets.get("hive_session")
    if facet is None or event.job is None:
        return None
    session, user = text(facet.get("sessionId")), text(facet.get("username"))
    if session is None:
        return None
    job = Name(event.job.namespace, f"{user or 'unknown'}@{text(facet.get('clientIp')) or 'unknown'}")
    return RunRef(f"hive-session:{session}:{text(facet.get('creationTime')) or ''}", job)


def fields_of(facet: dict[str, Any]) -> list[Any] | None:
    """Return the fields of a schema facet; None when it has no list of them."""
    fields = facet.get("fields")
    return fields if isinstance(fields, list) else None


def column_inputs(facet: dict[str, Any]) -> list[ColumnInput]:
    """Return the column edges of a columnLineage facet, each pair once with its kinds, UNKNOWN where none is given."""
    if facet.get("_deleted") is True:
        return []
    found: dict[tuple[str | None, Name, str], set[str]] = {}
    fields = facet.get("fields")
    for output, entry in fields.items() if isinstance(fields, dict) else ():
        if isinstance(entry, dict):
            _gather(found, output, entry.get("inputFields"), entry.get("transformationType"))
    _gather(found, None, facet.get("dataset"), None)
    return [ColumnInput(*key, ",".join(sorted(kinds or {UNKNOWN}))) for key, kinds in found.items()]


def _gather(
    found: dict[tuple[str | None, Name, str], set[str]], output: str | None, items: object, old_type: object
) -> None:
    for item in items if isinstance(items, list) else ():
        name = name_of(item)
        if name is None:
            continue
        field = item.get("field")
        kinds = found.setdefault((output, name, field if isinstance(field, str) else ""), set())
        kinds.update(_kinds(item.get("transformations")))
        if not kinds and isinstance(old_type, str) and old_type:
            kinds.add(f"DIRECT:{old_type}" if old_type in {"IDENTITY", "MASKED"} else old_type)


def _kinds(transformations: object) -> list[str]:
    found = []
    for item in transformations if isinstance(transformations, list) else ():
        if isinstance(item, dict) and isinstance(item.get("type"), str):
            parts = [item["type"], text(item.get("subtype")), "MASKED" if item.get("masking") is True else None]
            found.append(":".join(part.replace(",", " ") for part in parts if part))
    return found


def column_digest(facet: dict[str, Any]) -> bytes:
    """Return 16 bytes for the content of a columnLineage facet, blind to key order; a deleted one has no content."""
    said = EMPTY if facet.get("_deleted") is True else facet
    return short_digest([said.get("fields"), said.get("dataset")])


def claims(facet: dict[str, Any], owner: End) -> list[ClaimRef]:
    """Return the edges a ``lineage`` facet states; a target with ``inputs: []`` gets one from nowhere.

    ``owner`` is what the facet hangs on: a job facet's entries may leave their job out, a dataset facet is one entry.
    """
    entries = facet.get("entries") if owner.kind == "job" else [facet]
    found = []
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict):
            continue
        found += _claims_of(entry.get("inputs"), owner if owner.kind == "dataset" else _end(entry, owner))
        fields = entry.get("fields")
        for column, field in fields.items() if isinstance(fields, dict) else ():
            if isinstance(field, dict):
                found += _claims_of(field.get("inputs"), _end(entry, owner)._replace(column=column))
    return found


def _claims_of(inputs: object, target: End) -> list[ClaimRef]:
    if not isinstance(inputs, list):
        return []
    if not inputs:
        return [ClaimRef(End("none", None, ""), target, "")]
    nowhere = End("none", None, "")
    ends = [(_end(item, nowhere), item) for item in inputs if isinstance(item, dict)]
    return [
        ClaimRef(end, target, ",".join(_kinds(item.get("transformations")))) for end, item in ends if end.kind != "none"
    ]


def _end(item: dict[str, Any], default: End) -> End:
    name, field = name_of(item), item.get("field")
    if name is None:
        return default
    kind = "job" if item.get("type") == "JOB" else "dataset"
    return End(kind, name, field if isinstance(field, str) else "")


def dependencies(event: Event) -> list[tuple[Name, Name, str, str | None]]:
    """Return control flow as (from, to, type, rules): the jobDependencies facet and Airflow's task ids."""
    if event.job is None:
        return []
    found = []
    facet = event.run_facets.get("jobDependencies", EMPTY)
    rule = text(facet.get("trigger_rule"))
    for key in ("upstream", "downstream"):
        items = facet.get(key)
        for item in items if isinstance(items, list) else ():
            other = name_of(item.get("job")) if isinstance(item, dict) else None
            if other is not None:
                pair = (other, event.job) if key == "upstream" else (event.job, other)
                found.append((*pair, text(item.get("dependency_type"), 64) or "", rule))
    return found + _airflow_tasks(event)


def _airflow_tasks(event: Event) -> list[tuple[Name, Name, str, str | None]]:
    facet = event.run_facets.get("airflow", EMPTY)
    dag, task = facet.get("dag"), facet.get("task")
    if not isinstance(dag, dict) or not isinstance(task, dict) or event.job is None:
        return []
    dag_id = text(dag.get("dag_id"), NAME_LIMIT)
    found: list[tuple[Name, Name, str, str | None]] = []
    for key in ("upstream_task_ids", "downstream_task_ids"):
        for other in _id_list(task.get(key)):
            name = Name(event.job.namespace, f"{dag_id}.{other}")
            pair = (name, event.job) if key.startswith("up") else (event.job, name)
            found.append((*pair, "DIRECT_INVOCATION", text(task.get("trigger_rule"))))
    return found if dag_id else []


def _id_list(value: object) -> list[str]:
    if isinstance(value, list):
        return [item for item in value if isinstance(item, str) and item]
    if isinstance(value, str):
        return [part for raw in value.strip("[]{}() ").split(",") if (part := raw.strip().strip("'\""))]
    return []


def checks(ref: DatasetRef) -> list[Check]:
    """Return assertions of a dataset; the same one in facets and input facets counts once."""
    found: dict[tuple[str, str | None, str | None], Check] = {}
    for facets in (ref.facets, ref.io_facets):
        items = facets.get("dataQualityAssertions", EMPTY).get("assertions")
        for item in items if isinstance(items, list) else ():
            check = _check(item)
            if check is not None:
                found.setdefault((check.name, check.column, check.params), check)
    return list(found.values())


def _check(item: object) -> Check | None:
    if not isinstance(item, dict) or not isinstance(item.get("success"), bool):
        return None
    name = text(item.get("assertion"), 1_000)
    if name is None:
        return None
    params = item.get("params")
    return Check(
        name,
        text(item.get("column"), NAME_LIMIT),
        encode_sorted(params).decode() if params else None,
        "warn" if str(item.get("severity")).lower() in {"warn", "warning"} else "error",
        item["success"],
        _shown(item.get("expected")),
        _shown(item.get("actual")),
    )


def _shown(value: object) -> str | None:
    if value is None:
        return None
    return value[:1_000] if isinstance(value, str) else encode(value)[:1_000]


def count(value: object) -> int | None:
    """Return a counter from 0 to 2**63-1; text, fractions, negatives and larger ones say nothing (12.0 counts)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float):
        if not value.is_integer():
            return None
        value = int(value)
    return value if 0 <= value <= MAX_COUNT else None


def counters(ref: DatasetRef) -> tuple[int | None, int | None, int | None]:
    """Return (rows, bytes, files) of an input or output."""
    facet = ref.io_facets.get("inputStatistics" if ref.direction == "input" else "outputStatistics", EMPTY)
    return count(facet.get("rowCount")), count(facet.get("size")), count(facet.get("fileCount"))


def metrics(ref: DatasetRef) -> dict[str, Any] | None:
    """Return the dataQualityMetrics facet of a dataset, wherever it stands."""
    return ref.io_facets.get("dataQualityMetrics") or ref.facets.get("dataQualityMetrics")
