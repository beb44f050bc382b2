"""The pieces of SQL that walks of the graph are put together from; the two databases differ only here."""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Date, TextClause, bindparam, text

from app.db import UtcDateTime

# As in totals.py: SQLite refuses to add two of the greatest numbers there are.
MOST: Final = 2**53
# A dbt node is a part of its invocation and yet drawn as itself (table of parts); what stands below it folds into it.
FOLDED: Final = {
    "auto": "({0}.role = 'part' AND NOT (coalesce({0}.integration, '') = 'DBT' AND coalesce({0}.type, '') <> 'SQL'))",
    "root": "(1 = 1)",
    "none": "(1 = 0)",
}
SUMS: Final = ", ".join(
    ["sum(e.runs)"]
    + [f"sum(CASE WHEN e.{name} > {MOST} THEN {MOST} ELSE e.{name} END)" for name in ("rows", "bytes", "files")]
    + ["min(e.day)", "max(e.day)"]
)
ONCE: Final = "e.runs, e.rows, e.bytes, e.files, e.day, e.day"
# The newest day on which a job did anything, up to the day asked.
NEWEST: Final = (
    "(SELECT max(x.day) FROM lineage_edge x WHERE x.realm_id = :realm_id AND x.job_id = {0} AND x.day <= :last)"
)

TYPES: Final[dict[str, Any]] = {
    **dict.fromkeys(("first", "last", "runs_from"), Date),
    **dict.fromkeys(("as_of", "since", "from_"), UtcDateTime),
}


def bound(sql: str) -> TextClause:
    """Return a statement that takes days and moments as Python knows them."""
    found = (bindparam(name, type_=type_) for name, type_ in TYPES.items() if f":{name}" in sql)
    return text(sql).bindparams(*found)


def ids(name: str, dialect: str) -> str:
    """Return a table ``v`` of one column ``value`` from the bound list ``name``."""
    if dialect == "sqlite":
        return f"json_each(:{name}) AS v"
    return f"unnest(CAST(:{name} AS bigint[])) AS v(value)"


def array(numbers: Iterable[int], dialect: str) -> str:
    """Return numbers as ``ids`` expects them bound."""
    inner = ",".join(map(str, numbers))
    return f"[{inner}]" if dialect == "sqlite" else f"{{{inner}}}"


def day(moment: str, dialect: str) -> str:
    """Return the UTC day of a moment."""
    return f"date({moment})" if dialect == "sqlite" else f"CAST({moment} AT TIME ZONE 'UTC' AS date)"


def after(day: str, dialect: str) -> str:
    """Return the moment at which a UTC day is over, to compare moments with."""
    return f"date({day}, '+1 day')" if dialect == "sqlite" else f"(CAST({day} + 1 AS timestamp) AT TIME ZONE 'UTC')"


def begins(day: str, dialect: str) -> str:
    """Return the moment at which a UTC day begins, to compare moments with."""
    return day if dialect == "sqlite" else f"(CAST({day} AS timestamp) AT TIME ZONE 'UTC')"


def seen(kind: str, *, fold: str, table: str = "") -> list[str]:
    """Return the arms that find edges of ``near`` datasets (d) or jobs (j), or of ``table``, by their days.

    With ``fold`` (current view) also those of a job's newest day, where neither it nor, of a folded part, its siblings
    did anything since.
    """
    of, other = ("dataset_id", "job_id") if kind == "d" else ("job_id", "dataset_id")
    word = "j" if kind == "d" else "d"
    head = f"SELECT '{kind}' AS kind, n.node AS node, n.side AS side, '{word}' AS other_kind, e.{other} AS other"
    rest = f"""FROM {table or f"near_{kind}"} n CROSS JOIN lineage_edge e
WHERE e.realm_id = :realm_id AND e.{of} = n.id AND e.direction = n.direction AND e.day >= :first AND e.day <= :last
GROUP BY n.node, n.side, e.{other}, e.type"""
    arms = [f"{head}, 'operation' AS evidence, e.type AS type, {SUMS} {rest}"]
    if fold:
        arms.append(f"{head}, 'operation', e.type, {ONCE} {_older(kind, fold, table or f'near_{kind}')}")
    return arms


def _older(kind: str, fold: str, table: str) -> str:
    job = "t.job_id" if kind == "d" else "n.id"
    # Plus 0: the edge is looked up by its job and day; by its dataset there may be as many rows as there are readers.
    touch = (
        "CROSS JOIN lineage_touch t CROSS JOIN lineage_edge e WHERE t.realm_id = :realm_id AND t.dataset_id = n.id "
        "AND t.direction = n.direction AND e.dataset_id + 0 = t.dataset_id"
        if kind == "d"
        else "CROSS JOIN lineage_edge e WHERE e.direction = n.direction"
    )
    same = " AND e.direction = t.direction" if kind == "d" else ""
    sibling = f"""AND NOT EXISTS (SELECT 1 FROM jobs_job p CROSS JOIN jobs_job s CROSS JOIN lineage_edge x
WHERE p.realm_id = :realm_id AND p.id = {job} AND p.role = 'part' AND {FOLDED[fold].format("p")}
AND s.realm_id = :realm_id AND s.parent_job_id = p.parent_job_id AND s.role = 'part'
AND x.realm_id = :realm_id AND x.job_id = s.id AND x.day > e.day AND x.day <= :last)"""
    return f"""FROM {table} n {touch}
AND e.realm_id = :realm_id AND e.job_id = {job}{same}
AND {NEWEST.format(job)} < :first AND e.day = {NEWEST.format(job)}
{sibling if fold != "none" else ""}"""


def near(kind: str, dialect: str, *, fold: str = "none") -> list[str]:
    """Return the CTEs ``asked_`` and ``near_``: asked nodes with every name (d) or part (j) that belongs to them."""
    up, down = ("output", "input") if kind == "d" else ("input", "output")
    asked = f"""asked_{kind}(node, side, direction) AS (
SELECT value, 'up', '{up}' FROM {ids(f"up_{kind}", dialect)} UNION ALL
SELECT value, 'down', '{down}' FROM {ids(f"down_{kind}", dialect)})"""
    rest = ""
    if kind == "d":
        rest = """ UNION ALL SELECT a.node, d.id, a.side, a.direction FROM asked_d a CROSS JOIN lineage_dataset d
WHERE d.realm_id = :realm_id AND d.alias_for_dataset_id = a.node"""
    elif kind == "j" and fold != "none":
        rest = f""" UNION SELECT n.node, j.id, n.side, n.direction FROM near_j n CROSS JOIN jobs_job j
WHERE j.realm_id = :realm_id AND j.parent_job_id = n.id AND {FOLDED[fold].format("j")}"""
    return [
        asked,
        f"near_{kind}(node, id, side, direction) AS (SELECT node, node, side, direction FROM asked_{kind}{rest})",
    ]
