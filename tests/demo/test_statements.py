"""SQL text and column lineage come from one declaration and agree."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from app.demo.facets import SPARK
from app.demo.model import Step
from app.demo.sparkjobs import BUILD_CORE, STAGE_SHOP
from app.demo.statements import column_lineage, sql
from app.demo.world import World
from tests.demo.reading import NOW

WORLD = World(NOW, 30, 7)
BEFORE = NOW - timedelta(days=20)
CORE_ORDERS = BUILD_CORE.steps[0]


def _transformations(step: Step, column: str) -> list[tuple[str, str, bool]]:
    """Return (input column, subtype, masking) of an output column."""
    fields = cast("dict[str, Any]", column_lineage(step, WORLD, BEFORE, SPARK)["fields"])
    inputs = fields[column]["inputFields"]
    return [(one["field"], kind["subtype"], kind["masking"]) for one in inputs for kind in one["transformations"]]


def test_a_column_of_the_same_name_is_taken_unchanged() -> None:
    assert _transformations(CORE_ORDERS, "status") == [("status", "IDENTITY", False)]
    assert "\n    o.status,\n" in sql(CORE_ORDERS, WORLD, BEFORE, "spark")


def test_an_aggregate_groups_by_everything_else() -> None:
    assert _transformations(CORE_ORDERS, "paid") == [("amount", "AGGREGATION", False)]
    assert "group by o.order_id, o.customer_id, c.city" in sql(CORE_ORDERS, WORLD, BEFORE, "spark")


def test_a_hash_is_masking() -> None:
    assert _transformations(STAGE_SHOP.steps[2], "email_hash") == [("email", "TRANSFORMATION", True)]


def test_a_dropped_column_leaves_text_and_lineage() -> None:
    assert "voucher_code" in sql(CORE_ORDERS, WORLD, BEFORE, "spark")
    assert "voucher_code" not in sql(CORE_ORDERS, WORLD, NOW, "spark")
    assert "voucher_code" not in str(column_lineage(CORE_ORDERS, WORLD, NOW, SPARK))


def test_joins_and_filters_influence_the_whole_output() -> None:
    whole = cast("list[Any]", column_lineage(CORE_ORDERS, WORLD, BEFORE, SPARK)["dataset"])
    kinds = {(one["field"], one["transformations"][0]["subtype"]) for one in whole}
    assert {("customer_id", "JOIN"), ("status", "FILTER"), ("city", "GROUP_BY")} <= kinds
