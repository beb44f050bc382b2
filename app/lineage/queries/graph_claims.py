"""Pieces of SQL for edges that no day tells: claims, column sets, control flow. See graph_sql.py."""

from typing import Final

from app.lineage.queries.graph_sql import NEWEST, day

SOURCE_JOB: Final = "CAST(substr(c.source, 5) AS bigint)"
BY_JOB: Final = "c.source LIKE 'job:%' AND c.from_kind = 'dataset' AND c.to_kind = 'dataset'"
# Nothing newer was said by the same source, as far as its first and last reports tell.
CURRENT: Final = """AND (c.evidence = 'renamed' OR NOT EXISTS (SELECT 1 FROM lineage_claim x
WHERE x.realm_id = :realm_id AND x.evidence = c.evidence AND x.source = c.source
AND ((x.last_at <= :as_of AND (x.last_at > c.last_at OR (x.last_at = c.last_at AND x.last_event > c.last_event)))
OR (x.first_at <= :as_of AND x.first_at > c.last_at))))
AND NOT (c.evidence = 'declared' AND EXISTS (SELECT 1 FROM jobs_job s WHERE s.realm_id = :realm_id
AND s.id = CASE WHEN c.from_kind = 'job' THEN c.from_id ELSE c.to_id END
AND s.static_at <= :as_of AND s.static_at > c.last_at))"""
WITHIN: Final = {"current": CURRENT, "window": "AND c.last_at >= :since", "ever": ""}
# The set a job said last of a target, up to the moment asked.
LAST_SET: Final = """(SELECT l.id FROM lineage_column_set l WHERE l.realm_id = :realm_id AND l.dataset_id = {0}
AND l.job_id = {1} AND l.first_at <= :as_of ORDER BY l.first_at DESC, l.first_event DESC LIMIT 1)"""
# A set counts while its job still writes the target, or where it never did in a run: a declaration or a dataset's own.
WRITES: Final = f"""(c.job_id = 0 OR EXISTS (SELECT 1 FROM lineage_edge w WHERE w.realm_id = :realm_id
AND w.dataset_id = c.dataset_id AND w.direction = 'output' AND w.job_id = c.job_id
AND w.day >= :first AND w.day <= :last)
OR EXISTS (SELECT 1 FROM lineage_edge w WHERE w.realm_id = :realm_id AND w.dataset_id = c.dataset_id
AND w.direction = 'output' AND w.job_id = c.job_id AND w.day = {NEWEST.format("c.job_id")})
OR EXISTS (SELECT 1 FROM jobs_job o WHERE o.realm_id = :realm_id AND o.id = c.job_id AND o.origin = 'declared'))"""


def claims(kind: str, view: str, dialect: str) -> list[str]:
    """Return the arms that find claims at ``near`` datasets (d) or jobs (j).

    What a job says of two datasets goes through the job.
    """
    word = "dataset" if kind == "d" else "job"
    arms = []
    for side, here, there in (("up", "to", "from"), ("down", "from", "to")):
        through = f"CASE WHEN {BY_JOB} THEN 'j' WHEN c.{there}_kind = 'job' THEN 'j' ELSE 'd' END"
        other = f"CASE WHEN {BY_JOB} THEN {SOURCE_JOB} ELSE c.{there}_id END"
        at = f"c.{here}_kind = '{word}' AND c.{here}_id = n.id AND c.{there}_kind <> 'none'"
        arms.append(_claim(kind, side, (through, other), at, view, dialect))
        if kind == "j":
            said = f"c.evidence = 'explicit' AND c.source = 'job:' || n.id AND {BY_JOB}"
            arms.append(_claim(kind, side, ("'d'", f"c.{there}_id"), said, view, dialect))
    return arms


def _claim(kind: str, side: str, other: tuple[str, str], at: str, view: str, dialect: str) -> str:
    days = f"{day('c.first_at', dialect)}, {day('c.last_at', dialect)}"
    return f"""SELECT '{kind}', c.node, c.side, {other[0]}, {other[1]}, c.evidence, '', 0, 0, 0, 0, {days}
FROM {grouped(kind, side, at)} WHERE c.first_at <= :as_of {WITHIN[view]}"""


def grouped(kind: str, side: str, at: str) -> str:
    """Return a table ``c`` of the claims at ``near`` nodes for which ``at`` holds, once whatever columns they name.

    Whether a claim is current is looked up for each of its rows: a wide table's columns would ask it a thousand times.
    """
    ends = ("evidence", "source", "from_kind", "from_id", "to_kind", "to_id")
    told = ", ".join(f"c.{name} AS {name}" for name in ends)
    return f"""(SELECT n.node AS node, n.side AS side, {told}, min(c.first_at) AS first_at, max(c.last_at) AS last_at,
max(c.last_event) AS last_event FROM near_{kind} n CROSS JOIN lineage_claim c
WHERE n.side = '{side}' AND c.realm_id = :realm_id AND c.first_at <= :as_of AND {at}
GROUP BY n.node, n.side, {", ".join(f"c.{name}" for name in ends)}) c"""


def _by(word: str) -> str:
    """Return an expression to group by; a constant is none on PostgreSQL."""
    return "" if word.startswith("'") else f"{word}, "


def columns(kind: str, dialect: str) -> list[str]:
    """Return the arms that find jobs and datasets joined by column lineage; job 0 is a dataset's own word."""
    if kind == "j":
        source = _columns(kind, "up", "'d'", "s.dataset_id", dialect)
        return [source, _columns(kind, "down", "'d'", "s.target_id", dialect)]
    job = "CASE WHEN c.job_id = 0 THEN 'd' ELSE 'j' END"
    up = _columns(kind, "up", job, "CASE WHEN c.job_id = 0 THEN s.dataset_id ELSE c.job_id END", dialect)
    down = _columns(kind, "down", job, "CASE WHEN c.job_id = 0 THEN s.target_id ELSE c.job_id END", dialect)
    return [up, down]


def _columns(kind: str, side: str, word: str, other: str, dialect: str) -> str:
    days = f"{day('min(c.first_at)', dialect)}, {day('max(c.last_at)', dialect)}"
    joined = "c.dataset_id = s.target_id AND c.job_id = s.job_id AND c.edges_of = s.set_id"
    order = "lineage_column_source s CROSS JOIN lineage_column_set c"
    found = "s.job_id = n.id" if kind == "j" else "s.dataset_id = n.id"
    if kind == "d" and side == "up":
        order = "lineage_column_set c CROSS JOIN lineage_column_source s"
        found = "c.dataset_id = n.id AND s.set_id = c.edges_of"
    return f"""SELECT '{kind}', n.node, n.side, {word}, {other}, 'column', '', 0, 0, 0, 0, {days}
FROM near_{kind} n CROSS JOIN {order} WHERE n.side = '{side}' AND s.realm_id = :realm_id AND c.realm_id = :realm_id
AND {found} AND {joined} AND c.id = {LAST_SET.format("c.dataset_id", "c.job_id")} AND {WRITES}
GROUP BY n.node, n.side, {_by(word)}{other}"""


def control(dialect: str) -> list[str]:
    """Return the arms that find control flow between jobs."""
    days = f"{day('c.first_at', dialect)}, {day('c.last_at', dialect)}"
    return [
        f"""SELECT 'j', n.node, n.side, 'j', c.{there}_job_id, 'control', c.type, 0, 0, 0, 0, {days}
FROM near_j n CROSS JOIN jobs_dependency c WHERE n.side = '{side}' AND c.realm_id = :realm_id
AND c.{here}_job_id = n.id AND c.first_at <= :as_of"""
        for side, here, there in (("up", "to", "from"), ("down", "from", "to"))
    ]
