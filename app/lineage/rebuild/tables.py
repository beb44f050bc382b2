"""Which derived tables a rebuild compares, and how their rows find each other."""

from typing import Any, NamedTuple

from app.jobs.models import Dependency, Facet, Job, Owner, Run, RunDetail, RunJob, Tag
from app.lineage.models import (
    Assertion,
    AssertionResult,
    Claim,
    ColumnSet,
    Dataset,
    DatasetSchema,
    Edge,
    Interaction,
    Metric,
    Operation,
    Symlink,
)


class Table(NamedTuple):
    """A table whose rows hang on one thing (``group``); ``refs`` name the columns that hold ids of other things.

    ``skip`` are columns that arrival, people or time decide. ``at`` tells how old a row is: rows from before the oldest
    kept raw event are left alone. ``where`` narrows to what ingestion writes.
    """

    model: Any
    group: str
    refs: dict[str, str]
    skip: frozenset[str]
    at: str | None = None
    where: str = ""


def _table(
    model: Any,
    group: str,
    refs: dict[str, str],
    *skip: str,
    at: str | None = None,
    where: str = "",
) -> Table:
    return Table(model, group, refs, frozenset({"realm_id", *skip}), at, where)


# What time decides of a run that goes on, and what people said of runs and jobs.
CLOCKS = ("progress", "progress_kind", "step", "silent_until", "eta_at", "eta_high_at", "deadline_at")
PEOPLE = ("dismissed_at", "dismissed_by", "dismissed_why", "archived_at", "archived_by")
ALARMS = ("heartbeat_s", "deadline_s", "due_by", "due_zone", "metadata_check", "archived_at", "archived_by")

# Entities keep their ids; of these only columns are put right.
ENTITIES = {
    "job": _table(
        Job, "id", {"parent_job_id": "job", "last_run": "run"},
        "id", "location_id", "created_at", "namespace", "name", "sort_name", "digest", *ALARMS,
    ),
    "dataset": _table(
        Dataset, "id", {"last_written_run": "run", "schema_id": "schema"},
        "id", "storage_id", "created_at", "namespace", "name", "label", "sort_name", "digest", "pinned",
        "alias_for_dataset_id", "archived_at", "archived_by",
    ),
    "run": _table(
        Run, "number", {"job_id": "job", "parent_run": "run", "root_run": "run"},
        "number", "id", "last_seen_at", "started_by_user_id", "runner_id", "digest", "reported_id", *CLOCKS, *PEOPLE,
    ),
}  # fmt: skip

TABLES = {
    "run": (
        _table(RunDetail, "run", {"run": "run"}),
        _table(RunJob, "run", {"run": "run", "job_id": "job"}),
        _table(Operation, "number", {"number": "run", "run": "run"}, "id"),
        _table(
            Interaction,
            "operation",
            {"operation": "run", "job_id": "job", "dataset_id": "dataset", "schema_id": "schema"},
            "id",
            "connect_as_user_id",
        ),
    ),
    "job": (
        _table(Edge, "job_id", {"job_id": "job", "dataset_id": "dataset"}, at="day"),
        _table(Dependency, "from_job_id", {"from_job_id": "job", "to_job_id": "job"}, "id", at="last_at"),
        _table(Facet, "entity_id", {"entity_id": "job"}, "id", "last_at", at="last_at", where="AND kind = 'job'"),
        _table(Tag, "entity_id", {"entity_id": "job"}, "id", where="AND kind = 'job' AND source <> 'headwater'"),
        _table(Owner, "entity_id", {"entity_id": "job"}, "id", where="AND kind = 'job' AND source <> 'headwater'"),
    ),
    "dataset": (
        _table(
            DatasetSchema,
            "dataset_id",
            {"dataset_id": "dataset", "schema_id": "schema", "last_run": "run"},
            "id",
            at="last_at",
        ),
        _table(ColumnSet, "dataset_id", {"dataset_id": "dataset", "job_id": "job"}, "id", "edges_of", at="last_at"),
        _table(
            Symlink,
            "dataset_id",
            {"dataset_id": "dataset", "other_id": "dataset"},
            "id",
            "suppressed_at",
            "suppressed_by",
            "suppressed_why",
            at="last_at",
        ),
        _table(
            Facet,
            "entity_id",
            {"entity_id": "dataset"},
            "id",
            "last_at",
            at="last_at",
            where="AND kind IN ('dataset', 'dataset_io')",
        ),
        _table(
            Tag, "entity_id", {"entity_id": "dataset"}, "id", where="AND kind = 'dataset' AND source <> 'headwater'"
        ),
        _table(
            Owner, "entity_id", {"entity_id": "dataset"}, "id", where="AND kind = 'dataset' AND source <> 'headwater'"
        ),
        _table(Assertion, "dataset_id", {"dataset_id": "dataset"}, "id"),
        _table(Metric, "dataset_id", {"dataset_id": "dataset", "run": "run"}, "id", at="at"),
    ),
}
LATE = (_table(AssertionResult, "assertion_id", {"assertion_id": "assertion", "run": "run"}, "id", at="at"),)
CLAIMS = _table(Claim, "source", {}, "id", at="last_at")
