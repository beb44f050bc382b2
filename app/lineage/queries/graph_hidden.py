"""The statement that joins datasets directly: one operation read the one and wrote the other, or somebody says so."""

from functools import lru_cache
from typing import Final

from sqlalchemy import TextClause

from app.lineage.queries import graph_claims, graph_sql
from app.lineage.queries.graph import Shape

COLUMNS: Final = "(kind, node, side, other_kind, other, evidence, type, runs, rows, bytes, files, first_day, last_day)"
COUNTED: Final = ("runs", "rows", "bytes", "files")
# So many writes of a dataset are looked through, back from the last day its job wrote it, for one that also read the
# other: an answer must not cost the more the longer a job has been running.
LOOKED_THROUGH: Final = 2_000
TOGETHER: Final = """(w.last_day < :runs_from OR EXISTS (SELECT 1 FROM (
SELECT i.operation AS operation, i.ended_at AS ended_at FROM lineage_interaction i
WHERE i.realm_id = :realm_id AND i.dataset_id = {target} AND i.direction = 'output'
AND i.started_at < {after} AND i.started_at <= :as_of ORDER BY i.started_at DESC, i.id DESC LIMIT {most}) x
CROSS JOIN lineage_interaction r WHERE r.realm_id = :realm_id AND r.operation = x.operation AND r.dataset_id = {source}
AND r.direction = 'input' AND x.ended_at >= {begins}))"""


@lru_cache(maxsize=50)
def joined(shape: Shape, *, tests: bool) -> TextClause:
    """Select datasets joined with asked ones, in the rows of ``graph.around`` and one column more: the job, or 0.

    ``tests`` says whether jobs of type TEST count. Counters are those of what was written. Parameters as there, and
    ``runs_from``: the first day whose runs are kept; what was written before is joined by its job alone.
    """
    dialect = shape.dialect
    fold = shape.fold if shape.view == "current" else ""
    tables = graph_sql.near("d", dialect)
    tables.append("each_d(node, id, side, direction) AS (SELECT DISTINCT id, id, side, direction FROM near_d)")
    tables.append(f"one{COLUMNS} AS ({_union(graph_sql.seen('d', fold=fold, table='each_d'))})")
    only = "" if tests else "AND coalesce(j.type, '') <> 'TEST'"
    tables.append(f"""near_j(node, id, side, direction) AS (SELECT DISTINCT o.other, o.other, o.side,
CASE o.side WHEN 'up' THEN 'input' ELSE 'output' END FROM one o CROSS JOIN jobs_job j
WHERE j.realm_id = :realm_id AND j.id = o.other {only})""")
    tables.append(f"two{COLUMNS} AS ({_union(graph_sql.seen('j', fold=fold))})")
    arms = [_operations("up", dialect), _operations("down", dialect)]
    if shape.claims:
        arms += [_claims(side, shape.view, dialect) for side in ("up", "down")]
        arms += [_declared(side, shape.view, dialect) for side in ("up", "down")]
    if shape.columns:
        arms += [_columns(side, dialect) for side in ("up", "down")]
    sql = f"WITH RECURSIVE {', '.join(tables)} {_union(arms)}"
    return graph_sql.bound(sql)


def _union(arms: list[str]) -> str:
    return " UNION ALL ".join(arms)


def _operations(side: str, dialect: str) -> str:
    # What was written tells the counters: on the way up that is the asked dataset, on the way down the other.
    written, source, target = ("o", "t.other", "o.node") if side == "up" else ("t", "o.node", "t.other")
    sums = ", ".join(f"sum({written}.{name})" for name in COUNTED)
    together = TOGETHER.format(
        target=target,
        source=source,
        after=graph_sql.after("w.last_day", dialect),
        begins=graph_sql.begins("w.first_day", dialect),
        most=LOOKED_THROUGH,
    ).replace("w.", f"{written}.")
    return f"""SELECT 'd', n.node, '{side}', 'd', t.other, 'operation', {written}.type, {sums},
min({written}.first_day), max({written}.last_day), o.other
FROM near_d n JOIN one o ON o.node = n.id AND o.side = n.side JOIN two t ON t.node = o.other AND t.side = o.side
WHERE n.side = '{side}' AND t.other <> o.node AND {together}
GROUP BY n.node, t.other, {written}.type, o.other"""


def _claims(side: str, view: str, dialect: str) -> str:
    here, there = ("to", "from") if side == "up" else ("from", "to")
    job = f"CASE WHEN c.source LIKE 'job:%' THEN {graph_claims.SOURCE_JOB} ELSE 0 END"
    at = f"c.{here}_kind = 'dataset' AND c.{here}_id = n.id AND c.{there}_kind = 'dataset'"
    days = f"{graph_sql.day('c.first_at', dialect)}, {graph_sql.day('c.last_at', dialect)}"
    return f"""SELECT 'd', c.node, c.side, 'd', c.{there}_id, c.evidence, '', 0, 0, 0, 0, {days}, {job}
FROM {graph_claims.grouped("d", side, at)} WHERE c.first_at <= :as_of {graph_claims.WITHIN[view]}"""


def _declared(side: str, view: str, dialect: str) -> str:
    here, there = ("to", "from") if side == "up" else ("from", "to")
    within = graph_claims.WITHIN[view]
    return f"""SELECT 'd', n.node, n.side, 'd', b.{there}_id, 'declared', '', 0, 0, 0, 0, {_days(dialect)},
c.{there}_id FROM near_d n CROSS JOIN lineage_claim c CROSS JOIN lineage_claim b
WHERE n.side = '{side}' AND c.realm_id = :realm_id AND c.{here}_kind = 'dataset' AND c.{here}_id = n.id
AND c.{there}_kind = 'job' AND c.evidence = 'declared' AND c.first_at <= :as_of {within}
AND b.realm_id = :realm_id AND b.{here}_kind = 'job' AND b.{here}_id = c.{there}_id AND b.{there}_kind = 'dataset'
AND b.evidence = 'declared' AND b.first_at <= :as_of {within.replace("c.", "b.")}
GROUP BY n.node, n.side, b.{there}_id, c.{there}_id"""


def _columns(side: str, dialect: str) -> str:
    last = graph_claims.LAST_SET.format("c.dataset_id", "c.job_id")
    if side == "up":
        order, other = "lineage_column_set c CROSS JOIN lineage_column_source s", "s.dataset_id"
        found = "c.dataset_id = n.id AND s.set_id = c.edges_of"
    else:
        order, other = "lineage_column_source s CROSS JOIN lineage_column_set c", "s.target_id"
        found = "s.dataset_id = n.id"
    return f"""SELECT 'd', n.node, n.side, 'd', {other}, 'column', '', 0, 0, 0, 0, {_days(dialect)}, c.job_id
FROM near_d n CROSS JOIN {order} WHERE n.side = '{side}' AND s.realm_id = :realm_id AND c.realm_id = :realm_id
AND {found} AND c.dataset_id = s.target_id AND c.job_id = s.job_id AND c.edges_of = s.set_id AND c.id = {last}
AND {graph_claims.WRITES} GROUP BY n.node, n.side, {other}, c.job_id"""


def _days(dialect: str) -> str:
    return f"{graph_sql.day('min(c.first_at)', dialect)}, {graph_sql.day('max(c.last_at)', dialect)}"
