"""The statement of a walk along columns: what the columns of asked datasets feed, or come from, as last told."""

from functools import lru_cache
from typing import Final

from sqlalchemy import TextClause

from app.lineage.queries.graph_claims import LAST_SET, WITHIN, WRITES
from app.lineage.queries.graph_sql import bound, near

REST: Final = f"""AND c.realm_id = :realm_id AND e.realm_id = :realm_id AND e.set_id = c.edges_of
AND c.id = {LAST_SET.format("c.dataset_id", "c.job_id")} AND {WRITES}"""
DOWN: Final = """SELECT n.node, e."column", e.kinds, c.dataset_id, e.output_column FROM near_d n
CROSS JOIN lineage_column_source s CROSS JOIN lineage_column_set c CROSS JOIN lineage_column_edge e
WHERE n.side = 'down' AND s.realm_id = :realm_id AND s.dataset_id = n.id AND c.dataset_id = s.target_id
AND c.job_id = s.job_id AND c.edges_of = s.set_id AND e.dataset_id = n.id {rest}"""
UP: Final = """SELECT n.node, e.output_column, e.kinds, e.dataset_id, e."column" FROM near_d n
CROSS JOIN lineage_column_set c CROSS JOIN lineage_column_edge e
WHERE n.side = 'up' AND c.dataset_id = n.id {rest}"""
CLAIM: Final = """SELECT n.node, c.{here}_column, c.kinds, c.{there}_id, c.{there}_column FROM near_d n
CROSS JOIN lineage_claim c WHERE n.side = '{side}' AND c.realm_id = :realm_id AND c.evidence = 'explicit'
AND c.{here}_kind = 'dataset' AND c.{here}_id = n.id AND c.{there}_kind = 'dataset'
AND (c.from_column <> '' OR c.to_column <> '') AND c.first_at <= :as_of {within}"""


@lru_cache(maxsize=20)
def beside(dialect: str, view: str, direction: str, *, claims: bool) -> TextClause:
    """Select (asked dataset, its column, kinds, other dataset by any of its names, its column) on one side.

    A column of null or "" is all of the dataset. Parameters: realm_id, first, last, as_of, since, arrays up_d, down_d.
    """
    arms = [(DOWN if direction == "down" else UP).format(rest=REST)]
    if claims:
        here, there = ("from", "to") if direction == "down" else ("to", "from")
        arms.append(CLAIM.format(here=here, there=there, side=direction, within=WITHIN[view]))
    sql = f"WITH RECURSIVE {', '.join(near('d', dialect))} {' UNION ALL '.join(arms)}"
    return bound(sql)
