"""Spark applications of the lake: from the landing zone to staging, core and features."""

from __future__ import annotations

from app.demo.model import SparkApp, Step

STAGE_SHOP = SparkApp(
    "stage_shop_tables",
    "Landing to staging: shop",
    (
        Step(
            "orders",
            {"o": "landing:orders"},
            "staging.orders",
            {"order_date": "to_date(o.placed_at)"},
            where="o.updated_at >= date_sub(current_date(), 2)",
        ),
        Step(
            "order_items",
            {"i": "landing:order_items"},
            "staging.order_items",
            {"line_total": "i.quantity * i.unit_price"},
        ),
        Step("customers", {"c": "landing:customers"}, "staging.customers", {"email_hash": "sha2(lower(c.email), 256)"}),
        Step("products", {"p": "landing:products"}, "staging.products"),
        Step(
            "payments",
            {"p": "landing:payments"},
            "staging.payments",
            {"card_masked": "mask(p.card_last4)"},
            where="p.state <> 'void'",
        ),
        Step("refunds", {"r": "landing:refunds"}, "staging.refunds"),
    ),
    {"spark.executor.instances": "6", "spark.sql.shuffle.partitions": "200"},
)
STAGE_OPS = SparkApp(
    "stage_ops_tables",
    "Landing to staging: operations",
    (
        Step(
            "deliveries",
            {"d": "landing:deliveries", "r": "landing:routes"},
            "staging.deliveries",
            joins={"r": "r.route_id = d.route_id"},
        ),
        Step("stock", {"s": "landing:stock_levels"}, "staging.stock", where="s.on_hand >= 0"),
    ),
    {"spark.executor.instances": "3"},
)
BUILD_CORE = SparkApp(
    "build_core_tables",
    "Staging to core",
    (
        Step(
            "orders",
            {"o": "staging.orders", "c": "staging.customers", "p": "staging.payments"},
            "core.orders",
            {"paid": "sum(p.amount)"},
            {"c": "c.customer_id = o.customer_id", "p": "p.order_id = o.order_id"},
            "o.status <> 'draft'",
        ),
        Step(
            "order_items",
            {"i": "staging.order_items", "p": "staging.products"},
            "core.order_items",
            joins={"p": "p.product_id = i.product_id"},
        ),
        Step(
            "stock_daily",
            {"s": "staging.stock", "p": "staging.products"},
            "core.stock_daily",
            {"available": "s.on_hand - s.reserved", "stock_date": "to_date(s.counted_at)"},
            {"p": "p.product_id = s.product_id"},
        ),
        Step(
            "delivery_performance",
            {"d": "staging.deliveries", "o": "core.orders"},
            "core.delivery_performance",
            {"delay_minutes": "(unix_timestamp(d.delivered_at) - unix_timestamp(d.promised_at)) / 60"},
            {"o": "o.order_id = d.order_id"},
            "d.status = 'delivered'",
        ),
    ),
    {"spark.executor.instances": "12", "spark.sql.adaptive.enabled": "true"},
)
SESSIONIZE = SparkApp(
    "sessionize_clickstream",
    "Clicks to sessions",
    (
        Step(
            "clickstream",
            {"c": "landing:clickstream"},
            "staging.clickstream",
            where="c.page not like '/health%'",
            mode="APPEND",
        ),
        Step(
            "sessions",
            {"c": "staging.clickstream"},
            "core.sessions",
            {
                "pages": "count(c.event_id)",
                "started_at": "min(c.occurred_at)",
                "ended_at": "max(c.occurred_at)",
                "has_checkout": "max(c.action = 'checkout')",
            },
            mode="APPEND",
        ),
    ),
    {
        "spark.executor.instances": "8",
        "spark.hadoop.fs.s3a.access.key": "AKIADEMOGREENBASKET",
        "spark.hadoop.fs.s3a.secret.key": "demo-s3-secret-9f2c",
    },
)
FEATURES = SparkApp(
    "build_demand_features",
    "Features for the demand forecast",
    (
        Step(
            "customer_rfm",
            {"o": "core.orders"},
            "features.customer_rfm",
            {
                "recency_days": "datediff(current_date(), max(o.order_date))",
                "frequency": "count(o.order_id)",
                "monetary": "sum(o.paid)",
            },
        ),
        Step(
            "product_demand",
            {"i": "core.order_items", "s": "core.stock_daily"},
            "features.product_demand",
            {
                "demand_7d": "sum(i.quantity)",
                "demand_28d": "sum(i.quantity)",
                "on_hand": "max(s.on_hand)",
                "stock_cover_days": "max(s.available) / avg(i.quantity)",
            },
            {"s": "s.product_id = i.product_id"},
        ),
        Step(
            "slot_demand",
            {"d": "core.delivery_performance"},
            "features.slot_demand",
            {"deliveries_7d": "count(d.delivery_id)", "late_share": "avg(if(d.delay_minutes > 10, 1, 0))"},
        ),
    ),
    {"spark.executor.instances": "16", "spark.executor.memory": "12g"},
)
