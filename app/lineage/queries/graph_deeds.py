"""The statements of a walk at run and operation level: interactions instead of days, the newest first."""

from functools import lru_cache
from typing import Final

from sqlalchemy import BigInteger, Text, TextClause, TextualSelect, Uuid, column, text

from app.db import UtcDateTime
from app.lineage.queries import graph_claims, graph_sql

COUNTERS: Final = ("num_rows", "num_bytes", "num_files")
PICKED: Final = (
    f"i.id, i.operation, i.dataset_id, i.types, i.started_at, i.ended_at, i.condition, i.{', i.'.join(COUNTERS)}"
)
INTERACTION: Final = f"i.{', i.'.join(COUNTERS)}, i.started_at, i.ended_at, i.condition"
FACTS: Final = """SELECT r.number AS number, r.id AS id, {op} AS name, r.status AS status, r.role AS role,
coalesce(r.started_at, r.began_at) AS began_at, r.ended_at AS ended_at, r.processing_type AS processing_type,
r.integration AS integration, j.namespace AS namespace, j.name AS job, j.type AS type, l.type AS platform
FROM {ids} JOIN jobs_run r ON r.number = v.value AND r.realm_id = :realm_id
JOIN jobs_job j ON j.id = r.job_id AND j.realm_id = :realm_id
JOIN locations_location l ON l.id = j.location_id AND l.realm_id = :realm_id {join}"""


@lru_cache(maxsize=50)
def around(dialect: str, *, runs: bool, datasets: bool, deeds: bool, current: bool, claims: str) -> TextClause:
    """Select what stands next to datasets (newest ``most`` interactions each), and next to runs or operations.

    Rows begin as those of ``graph.around`` and go on with rows, bytes, files, first and last moment, condition.
    Parameters: realm_id, as_of, since, from_ (moments), first, last (days), most, and the arrays of ids.
    """
    tables, arms = [], []
    deed = "p.run" if runs else "i.operation"
    word = "r" if runs else "o"
    if datasets:
        tables += graph_sql.near("d", dialect)
        picked = [_newest(dialect), *([_older(dialect)] if current else [])]
        tables.append(f"picked AS ({' UNION '.join(picked)})")
        arms.append(f"""SELECT 'd', i.node, i.side, '{word}', {deed}, 'operation', i.types, 1, {INTERACTION}
FROM picked i JOIN lineage_operation p ON p.realm_id = :realm_id AND p.number = i.operation""")
        if claims:
            arms += [_claims(side, claims) for side in ("up", "down")]
    if deeds:
        tables += graph_sql.near("j", dialect)
        below = "p.run = n.id" if runs else "p.number = n.id"
        arms.append(f"""SELECT '{word}', n.node, n.side, 'd', i.dataset_id, 'operation', i.types, 1, {INTERACTION}
FROM near_j n CROSS JOIN lineage_operation p CROSS JOIN lineage_interaction i WHERE p.realm_id = :realm_id AND {below}
AND i.realm_id = :realm_id AND i.operation = p.number AND i.direction = n.direction AND i.started_at <= :as_of""")
    sql = f"WITH RECURSIVE {', '.join(tables)} {' UNION ALL '.join(arms)}"
    return graph_sql.bound(sql)


def _newest(dialect: str) -> str:
    of = """i.realm_id = :realm_id AND i.dataset_id = n.id AND i.direction = n.direction
AND i.started_at <= :as_of AND i.ended_at >= :from_"""
    order = "ORDER BY i.started_at DESC, i.id DESC LIMIT :most"
    if dialect == "sqlite":
        inner = f"SELECT i.id FROM lineage_interaction i WHERE {of} {order}"
        return f"""SELECT n.node AS node, n.side AS side, {PICKED} FROM near_d n CROSS JOIN lineage_interaction i
WHERE +i.realm_id = :realm_id AND i.id IN ({inner})"""
    return f"""SELECT n.node AS node, n.side AS side, {PICKED} FROM near_d n
JOIN LATERAL (SELECT i.* FROM lineage_interaction i WHERE {of} {order}) i ON TRUE"""


def _older(dialect: str) -> str:
    """Select what a job did on its newest day where that is before the view; it may have begun a week earlier."""
    newest = graph_sql.NEWEST.format("t.job_id")
    back = f"date({newest}, '-7 day')" if dialect == "sqlite" else graph_sql.begins(f"({newest} - 7)", dialect)
    return f"""SELECT n.node, n.side, {PICKED} FROM near_d n CROSS JOIN lineage_touch t
CROSS JOIN lineage_interaction i CROSS JOIN jobs_run r
WHERE t.realm_id = :realm_id AND t.dataset_id = n.id AND t.direction = n.direction AND {newest} < :first
AND i.realm_id = :realm_id AND i.dataset_id = n.id AND i.direction = n.direction AND i.started_at >= {back}
AND i.started_at < {graph_sql.after(newest, dialect)} AND i.ended_at >= {graph_sql.begins(newest, dialect)}
AND r.realm_id = :realm_id AND r.number = i.operation AND (r.job_id = t.job_id OR i.job_id = t.job_id)"""


def _claims(side: str, view: str) -> str:
    here, there = ("to", "from") if side == "up" else ("from", "to")
    nothing = "CAST(NULL AS bigint), CAST(NULL AS bigint), CAST(NULL AS bigint)"
    at = (
        f"c.{here}_kind = 'dataset' AND c.{here}_id = n.id AND c.{there}_kind = 'dataset' AND c.source NOT LIKE 'job:%'"
    )
    return f"""SELECT 'd', c.node, c.side, 'd', c.{there}_id, c.evidence, '', 0, {nothing},
c.first_at, c.last_at, CAST(NULL AS text)
FROM {graph_claims.grouped("d", side, at)} WHERE c.first_at <= :as_of {graph_claims.WITHIN[view]}"""


@lru_cache(maxsize=4)
def facts(dialect: str, *, runs: bool) -> TextualSelect:
    """Select what boxes of runs (or of operations) show; array ``ids`` of run numbers."""
    join = "" if runs else "JOIN lineage_operation p ON p.number = v.value AND p.realm_id = :realm_id"
    # SQLite else begins with all runs and tries every id on each.
    sql = FACTS.replace("JOIN jobs_run", "CROSS JOIN jobs_run") if dialect == "sqlite" else FACTS
    words = ("name", "status", "role")
    rest = ("processing_type", "integration", "namespace", "job", "type", "platform")
    return text(sql.format(ids=graph_sql.ids("ids", dialect), op="j.name" if runs else "p.name", join=join)).columns(
        column("number", BigInteger),
        column("id", Uuid),
        *(column(name, Text) for name in words),
        column("began_at", UtcDateTime),
        column("ended_at", UtcDateTime),
        *(column(name, Text) for name in rest),
    )
