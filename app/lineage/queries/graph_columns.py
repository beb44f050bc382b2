"""The statements of the column graph: which column feeds which between drawn datasets, and what their schemas were."""

from functools import lru_cache
from typing import Final

from sqlalchemy import BigInteger, Text, TextualSelect, column

from app.lineage.queries import graph_claims, graph_sql

MOST: Final = 20_000
LINES: Final = """SELECT e.dataset_id AS source, e."column" AS source_column, c.dataset_id AS target,
e.output_column AS target_column, e.kinds AS kinds
FROM {ids} CROSS JOIN lineage_column_set c CROSS JOIN lineage_column_edge e
WHERE c.realm_id = :realm_id AND c.dataset_id = v.value AND c.id = {last} AND {writes}
AND e.realm_id = :realm_id AND e.set_id = c.edges_of
UNION SELECT c.from_id, c.from_column, c.to_id, c.to_column, c.kinds
FROM {ids} CROSS JOIN lineage_claim c WHERE c.realm_id = :realm_id AND c.to_kind = 'dataset' AND c.to_id = v.value
AND c.from_kind = 'dataset' AND c.evidence = 'explicit' AND (c.to_column <> '' OR c.from_column <> '')
AND c.first_at <= :as_of {within}
ORDER BY 3, 4, 1, 2, 5 LIMIT {most}"""
SCHEMAS: Final = """SELECT w.dataset_id AS dataset_id, s.fields AS fields FROM {ids}
CROSS JOIN lineage_dataset_schema w CROSS JOIN lineage_schema s
WHERE w.realm_id = :realm_id AND w.dataset_id = v.value AND w.first_at <= :as_of
AND NOT EXISTS (SELECT 1 FROM lineage_dataset_schema x WHERE x.realm_id = :realm_id AND x.dataset_id = w.dataset_id
AND x.first_at <= :as_of AND (CASE WHEN x.last_at > :as_of THEN :as_of ELSE x.last_at END,
x.last_event, x.id) > (CASE WHEN w.last_at > :as_of THEN :as_of ELSE w.last_at END, w.last_event, w.id))
AND s.realm_id = :realm_id AND s.id = w.schema_id"""


@lru_cache(maxsize=12)
def lines(dialect: str, view: str) -> TextualSelect:
    """Select (source dataset, its column, target dataset, its column, kinds) as last said up to ``as_of``.

    Array ``ids`` holds the targets, by any of their names; an empty or absent column is the whole dataset. 20,000 rows.
    """
    sql = LINES.format(
        ids=graph_sql.ids("ids", dialect),
        last=graph_claims.LAST_SET.format("c.dataset_id", "c.job_id"),
        writes=graph_claims.WRITES,
        within=graph_claims.WITHIN[view],
        most=MOST,
    )
    return graph_sql.bound(sql).columns(
        column("source", BigInteger),
        column("source_column", Text),
        column("target", BigInteger),
        column("target_column", Text),
        column("kinds", Text),
    )


@lru_cache(maxsize=4)
def schemas(dialect: str) -> TextualSelect:
    """Select (dataset id, fields) of the schema each dataset of the array ``ids`` had at ``as_of``."""
    told = graph_sql.bound(SCHEMAS.format(ids=graph_sql.ids("ids", dialect)))
    return told.columns(column("dataset_id", BigInteger), column("fields", Text))
