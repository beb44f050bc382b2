"""Edges per day: what interactions add to them, and how the difference is written."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from app.bulk import insert_rows
from app.driver import execute
from app.lineage.models import Edge
from app.lineage.openlineage.parse import Name

COUNTED = ("runs", "rows", "bytes", "files")
# Engines report the greatest number there is for "not known"; a sum of such stays at it instead of failing the batch.
MOST = 2**63 - 1
_SUM = (
    f'"{{0}}" = CAST({{{{least}}}}({MOST}, {{{{greatest}}}}(0, '
    'CAST({{table}}."{0}" AS NUMERIC) + excluded."{0}")) AS BIGINT)'
)
FIRST_DAY = date(1970, 1, 1)
# Job, dataset, direction, type and UTC day (days since 1970).
EdgeKey = tuple[int, int, str, str, int]
Counts = dict[EdgeKey, list[int]]


def adds(
    job: int, dataset: int, direction: str, type_: str, days: Iterable[int], counted: int | None, counts: list[int]
) -> Counts:
    """Return what one interaction adds: a run on each of its days, rows, bytes and files on the day they count on."""
    found = {(job, dataset, direction, type_, day): [1, 0, 0, 0] for day in days}
    if counted is not None:
        found.setdefault((job, dataset, direction, type_, counted), [0, 0, 0, 0])[1:] = counts
    return found


def are_related(a: Name, b: Name) -> bool:
    """Return whether one job name is the other plus ``.suffix``: Spark adds the table a command writes."""
    return a.namespace == b.namespace and (a.name.startswith(f"{b.name}.") or b.name.startswith(f"{a.name}."))


def net(pairs: Iterable[tuple[Counts, Counts]]) -> Counts:
    """Return the sum of (after less before) over interactions, without edges that stay as they were."""
    total: Counts = {}
    for after, before in pairs:
        if after == before:
            continue
        for sign, side in ((1, after), (-1, before)):
            for edge, values in side.items():
                into = total.setdefault(edge, [0, 0, 0, 0])
                for place, value in enumerate(values):
                    into[place] += sign * value
    return {edge: values for edge, values in total.items() if any(values)}


def save_edges(connection: Connection, realm_id: int, counts: Counts) -> None:
    """Add (or with negative values take away) counts of edges; an edge nobody counts on any more disappears."""
    rows: list[dict[str, Any]] = [
        {
            "realm_id": realm_id,
            "job_id": job,
            "dataset_id": dataset,
            "direction": direction,
            "type": type_,
            "day": FIRST_DAY + timedelta(days=day),
            **{name: max(-MOST, min(MOST, value)) for name, value in zip(COUNTED, values, strict=True)},
        }
        for (job, dataset, direction, type_, day), values in sorted(counts.items())
    ]
    insert_rows(
        connection,
        Edge.__table__,
        rows,
        conflict=("realm_id", "job_id", "dataset_id", "direction", "type", "day"),
        update=", ".join(_SUM.format(name) for name in COUNTED),
    )
    if any(row["runs"] < 0 for row in rows):
        jobs = {row["job_id"] for row in rows}
        empty = (Edge.realm_id == realm_id, Edge.job_id.in_(jobs), Edge.runs == 0, Edge.rows == 0)
        execute(connection, Edge.__table__.delete().where(*empty, Edge.bytes == 0, Edge.files == 0))
