"""The dbt project of the analytics team: seeds, a snapshot, models in layers, tests."""

from __future__ import annotations

from app.demo.model import Check, Model, Step

STG = "models/staging"
MARTS = "models/marts"


def _staging(name: str, raw: str, **select: str) -> Model:
    """Return a staging view over one raw table."""
    step = Step(f"stg_{name}", {"r": raw}, f"staging.stg_{name}", {key.upper(): text for key, text in select.items()})
    return Model(step, 1, f"{STG}/stg_{name}.sql", "view")


def _core(name: str, reads: dict[str, str], select: dict[str, str], joins: dict[str, str] | None = None) -> Model:
    """Return a model of the core layer."""
    return Model(Step(name, reads, f"core.{name}", select, joins or {}), 2, f"models/core/{name}.sql")


def _mart(step: Step, layer: int = 3, materialized: str = "table") -> Model:
    """Return a mart; layer 4 reads other marts."""
    return Model(step, layer, f"{MARTS}/{step.name}.sql", materialized)


SEEDS = (
    Model(Step("holidays", {}, "seeds.holidays"), 0, "seeds/holidays.csv", "seed", "seed"),
    Model(Step("delivery_zones", {}, "seeds.delivery_zones"), 0, "seeds/delivery_zones.csv", "seed", "seed"),
)
SNAPSHOTS = (
    Model(
        Step(
            "products_snapshot",
            {"p": "shop.products"},
            "snapshots.products_snapshot",
            {"DBT_VALID_TO": "cast(null as timestamp_ntz)"},
            mode="MERGE",
        ),
        0,
        "snapshots/products_snapshot.sql",
        "snapshot",
        "snapshot",
    ),
)
FUNNEL = "mart_conversion_funnel_by_acquisition_channel_and_device_class_rolling_28_days"
MODELS = (
    _staging("orders", "shop.orders", status="lower(r.STATUS)", voucher_code="nullif(trim(r.VOUCHER_CODE), '')"),
    _staging("order_items", "shop.order_items"),
    _staging("customers", "shop.customers", city="initcap(r.CITY)"),
    _staging("products", "shop.products"),
    _staging("payments", "shop.payments", method="lower(r.METHOD)"),
    _staging("deliveries", "ops.deliveries"),
    _staging("sessions", "app.sessions"),
    _core(
        "int_order_totals",
        {"o": "staging.stg_orders", "i": "staging.stg_order_items", "p": "staging.stg_payments"},
        {"ITEMS": "count(i.ORDER_ITEM_ID)", "GOODS_TOTAL": "sum(i.LINE_TOTAL)", "CAPTURED": "sum(p.AMOUNT)"},
        {"i": "i.ORDER_ID = o.ORDER_ID", "p": "p.ORDER_ID = o.ORDER_ID"},
    ),
    _core(
        "int_customer_orders",
        {"o": "staging.stg_orders"},
        {"FIRST_ORDER": "min(o.ORDER_DATE)", "ORDERS": "count(o.ORDER_ID)", "SPENT": "sum(o.PAID)"},
    ),
    _core("int_delivery_times", {"d": "staging.stg_deliveries"}, {"IS_LATE": "d.DELAY_MINUTES > 10"}),
    _mart(
        Step(
            "dim_customers",
            {"c": "staging.stg_customers", "o": "core.int_customer_orders"},
            "marts.dim_customers",
            {"IS_ACTIVE": "o.ORDERS > 0 and c.MARKETING_CONSENT"},
            {"o": "o.CUSTOMER_ID = c.CUSTOMER_ID"},
        )
    ),
    _mart(
        Step(
            "dim_products",
            {"p": "snapshots.products_snapshot", "s": "staging.stg_products"},
            "marts.dim_products",
            joins={"s": "s.PRODUCT_ID = p.PRODUCT_ID"},
            where="p.DBT_VALID_TO is null",
        )
    ),
    _mart(
        Step(
            "fct_orders",
            {"o": "staging.stg_orders", "t": "core.int_order_totals"},
            "marts.fct_orders",
            joins={"t": "t.ORDER_ID = o.ORDER_ID"},
            where="o.STATUS <> 'cancelled'",
            mode="APPEND",
        ),
        materialized="incremental",
    ),
    _mart(
        Step(
            "fct_order_items",
            {"i": "staging.stg_order_items", "o": "staging.stg_orders"},
            "marts.fct_order_items",
            joins={"o": "o.ORDER_ID = i.ORDER_ID"},
            mode="APPEND",
        ),
        materialized="incremental",
    ),
    _mart(Step("fct_deliveries", {"d": "core.int_delivery_times"}, "marts.fct_deliveries")),
    _mart(
        Step("fct_sessions", {"s": "staging.stg_sessions"}, "marts.fct_sessions", mode="APPEND"),
        materialized="incremental",
    ),
    _mart(
        Step(
            "mart_revenue_daily",
            {"f": "marts.fct_orders", "h": "seeds.holidays"},
            "marts.mart_revenue_daily",
            {
                "ORDERS": "count(f.ORDER_ID)",
                "REVENUE": "sum(f.CAPTURED + f.DELIVERY_FEE)",
                "VOUCHER_SHARE": "avg(iff(f.VOUCHER_CODE is null, 0, 1))",
                "IS_HOLIDAY": "max(h.HOLIDAY_DATE is not null)",
            },
            {"h": "h.HOLIDAY_DATE = f.ORDER_DATE"},
        ),
        4,
    ),
    _mart(
        Step(
            "mart_customer_lifetime_value",
            {"c": "marts.dim_customers", "f": "marts.fct_orders"},
            "marts.mart_customer_lifetime_value",
            {"SEGMENT": "iff(sum(f.CAPTURED) > 2000, 'gold', 'regular')", "LIFETIME_VALUE": "sum(f.CAPTURED)"},
            {"f": "f.CUSTOMER_ID = c.CUSTOMER_ID"},
        ),
        4,
    ),
    _mart(
        Step(
            "mart_delivery_punctuality",
            {"d": "marts.fct_deliveries", "z": "seeds.delivery_zones"},
            "marts.mart_delivery_punctuality",
            {"DELIVERIES": "count(d.ORDER_ID)", "LATE_SHARE": "avg(iff(d.IS_LATE, 1, 0))"},
            {"z": "z.CITY = d.CITY"},
        ),
        4,
    ),
    _mart(
        Step(
            FUNNEL,
            {"s": "marts.fct_sessions"},
            f"marts.{FUNNEL}",
            {
                "STARTED_ON": "to_date(s.STARTED_AT)",
                "SESSIONS": "count(s.SESSION_ID)",
                "CHECKOUTS": "sum(iff(s.HAS_CHECKOUT, 1, 0))",
                "CONVERSION": "avg(iff(s.HAS_CHECKOUT, 1, 0))",
            },
            where="s.STARTED_AT >= dateadd(day, -28, current_date)",
        ),
        4,
    ),
    _mart(
        Step(
            "mart_stock_cover",
            {"p": "marts.dim_products", "s": "ops.stock_daily", "i": "marts.fct_order_items"},
            "marts.mart_stock_cover",
            {
                "AVAILABLE": "max(s.AVAILABLE)",
                "SOLD_28D": "sum(i.QUANTITY)",
                "COVER_DAYS": "max(s.AVAILABLE) / sum(i.QUANTITY) * 28",
            },
            {"s": "s.PRODUCT_ID = p.PRODUCT_ID", "i": "i.PRODUCT_ID = p.PRODUCT_ID"},
        ),
        4,
    ),
)
EXPOSED = {"marts.mart_revenue_daily": ("board_revenue", "https://bi.greenbasket.example/dashboards/12-board-revenue")}
TESTS = (
    *(
        Check(kind, f"staging.stg_{name}", column)
        for kind in ("unique", "not_null")
        for name, column in (
            ("orders", "ORDER_ID"),
            ("order_items", "ORDER_ITEM_ID"),
            ("customers", "CUSTOMER_ID"),
            ("products", "PRODUCT_ID"),
        )
    ),
    Check("not_null", "staging.stg_orders", "VOUCHER_CODE", "warn"),
    Check("accepted_values", "staging.stg_payments", "METHOD"),
    Check("relationships", "staging.stg_order_items", "PRODUCT_ID", "warn"),
    *(Check(kind, "marts.fct_orders", "ORDER_ID") for kind in ("unique", "not_null")),
    Check("not_null", "marts.fct_deliveries", "CITY"),
    Check("unique", "marts.dim_customers", "CUSTOMER_ID"),
    Check("expression_is_true", "marts.mart_revenue_daily", "REVENUE"),
)
