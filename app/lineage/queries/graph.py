"""The statements of a walk: what stands next to datasets and jobs, and the little a walk must know of them.

Written as text: a walk runs a handful of them, and building selects would cost more than they do. Lists of ids travel
as one value, so a statement is the same whatever its width.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sqlalchemy import TextClause, text

from app.lineage.queries import graph_claims, graph_sql

HOMES: Final = """SELECT 'd', v.value, d.id, d.namespace, d.name, NULL FROM {ids}
CROSS JOIN lineage_dataset r CROSS JOIN lineage_dataset d WHERE r.id = v.value AND r.realm_id = :realm_id
AND d.id = coalesce(r.alias_for_dataset_id, r.id) AND d.realm_id = :realm_id"""
FOUND: Final = "WITH RECURSIVE found(id) AS (SELECT value FROM {ids} {above})"
JOBS: Final = """SELECT 'j', j.id, CASE WHEN {folded} THEN j.parent_job_id END, j.namespace, j.name, j.type
FROM found f JOIN jobs_job j ON j.id = f.id AND j.realm_id = :realm_id"""
BEGINNING: Final = """SELECT d.id, d.namespace, d.name FROM {texts} CROSS JOIN lineage_dataset d
WHERE d.realm_id = :realm_id AND d.sort_name >= v.value AND d.sort_name < v.value || {last}
AND d.alias_for_dataset_id IS NULL LIMIT 20000"""
ABOVE: Final = """UNION SELECT j.parent_job_id FROM found f JOIN jobs_job j ON j.id = f.id
WHERE j.realm_id = :realm_id AND j.parent_job_id IS NOT NULL AND {folded}"""
SETTINGS: Final = """SELECT 'rule' AS what, kind, pattern, name, position, id, enabled FROM lineage_graph_rule
WHERE realm_id = :realm_id
UNION ALL SELECT 'kept', what, CAST(kept_from AS text), '', 0, 0, TRUE FROM lineage_retention WHERE realm_id = :realm_id
UNION ALL SELECT 'days', name, coalesce(val, ''), '', 0, 0, TRUE FROM realms_config
WHERE realm_id = :realm_id AND slice_id IS NULL AND name = 'LINEAGE_CURRENT_DAYS'
UNION ALL SELECT * FROM (SELECT 'has', 'claims', '', '', 0, 0, TRUE FROM lineage_claim
WHERE realm_id = :realm_id LIMIT 1) c
UNION ALL SELECT * FROM (SELECT 'has', 'columns', '', '', 0, 0, TRUE FROM lineage_column_source
WHERE realm_id = :realm_id LIMIT 1) s
ORDER BY 1, 5, 6"""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a statement must look for: the databases' dialect, the view, how jobs fold, which evidence there is."""

    dialect: str
    view: str
    fold: str
    datasets: bool
    jobs: bool
    claims: bool
    columns: bool
    control: bool


@lru_cache(maxsize=200)
def around(shape: Shape) -> TextClause:
    """Select what stands next to asked nodes, on the side asked: one row for each neighbour, evidence and type.

    Rows: kind (d or j) and id of the asked node, side, kind and id of the neighbour (a dataset by any of its names, a
    job before folding), evidence, type, runs, rows, bytes, files, first and last day. Parameters: realm_id, first,
    last, as_of, since, and the arrays up_d, down_d, up_j, down_j.
    """
    tables, arms = _parts(shape)
    return graph_sql.bound(f"{tables} {arms}")


@lru_cache(maxsize=200)
def neighbours(shape: Shape) -> TextClause:
    """Select the first five columns of ``around``, each neighbour once: for those who only ask what is there."""
    tables, arms = _parts(shape)
    return graph_sql.bound(f"{tables} SELECT DISTINCT kind, node, side, other_kind, other FROM ({arms}) AS found")


def _parts(shape: Shape) -> tuple[str, str]:
    kinds = [kind for kind, wanted in (("d", shape.datasets), ("j", shape.jobs)) if wanted]
    tables = [cte for kind in kinds for cte in graph_sql.near(kind, shape.dialect, fold=shape.fold)]
    arms = [arm for kind in kinds for arm in graph_sql.seen(kind, fold=shape.fold if shape.view == "current" else "")]
    if shape.claims:
        arms += [arm for kind in kinds for arm in graph_claims.claims(kind, shape.view, shape.dialect)]
    if shape.columns:
        arms += [arm for kind in kinds for arm in graph_claims.columns(kind, shape.dialect)]
    if shape.control and shape.jobs:
        arms += graph_claims.control(shape.dialect)
    return f"WITH RECURSIVE {', '.join(tables)}", " UNION ALL ".join(arms)


@lru_cache(maxsize=50)
def names(dialect: str, fold: str, *, datasets: bool, jobs: bool) -> TextClause:
    """Select names of datasets by any of their ids (array ``ids``), and of jobs (``ids_j``) and those above them.

    Rows: d, id, canonical id, namespace, name, null; and j, id, job it folds into or null, namespace, name, type.
    """
    arms = [HOMES.format(ids=graph_sql.ids("ids", dialect))] if datasets else []
    if not jobs:
        return text(arms[0])
    folded = graph_sql.FOLDED[fold].format("j")
    above = ABOVE.format(folded=folded) if fold != "none" else ""
    arms.append(JOBS.format(folded=folded))
    return text(f"{FOUND.format(ids=graph_sql.ids('ids_j', dialect), above=above)} {' UNION ALL '.join(arms)}")


@lru_cache(maxsize=20)
def beginning(dialect: str) -> TextClause:
    """Select (id, namespace, name) of canonical datasets whose names begin with one of the texts ``ids``; 20,000."""
    if dialect == "sqlite":
        return text(BEGINNING.format(texts="json_each(:ids) AS v", last="char(1114111)"))
    texts = 'unnest(CAST(:ids AS text[]) COLLATE "C") AS v(value)'
    return text(BEGINNING.format(texts=texts, last="chr(1114111)"))


def settings() -> TextClause:
    """Select what a walk must know of the realm: its rules, what is kept, settings, kinds of evidence."""
    return text(SETTINGS)
