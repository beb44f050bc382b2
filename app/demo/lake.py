"""Tables of the lake: Hive tables that lie on S3, written by Spark."""

from __future__ import annotations

from app.demo.model import Dataset, columns

LAKE = "s3://greenbasket-lake"
HIVE = "hive://metastore.greenbasket.internal:9083"


def _hive(
    table: str, rows: int, text: str, doc: str, owner: str = "team:analytics", *, steady: bool = False
) -> Dataset:
    """Return a Hive table; its key is its name, its first name the folder on S3."""
    database, _, name = table.partition(".")
    alias = (HIVE, table)
    path = f"warehouse/{database}.db/{name}"
    tags = ("core",) if database == "core" else ()
    return Dataset(table, LAKE, path, columns(text), rows, owner, doc, "TABLE", "parquet", alias, tags, steady)


LAKE_TABLES: tuple[Dataset, ...] = (
    _hive(
        "staging.orders",
        18_400,
        "order_id bigint, customer_id bigint, status string, voucher_code string, subtotal decimal(12,2), "
        "delivery_fee decimal(12,2), slot_id bigint, placed_at timestamp, order_date date",
        "Orders, latest state, one row per order.",
        "team:ingest",
    ),
    _hive(
        "staging.order_items",
        231_000,
        "order_item_id bigint, order_id bigint, product_id bigint, quantity int, unit_price decimal(10,2), "
        "line_total decimal(14,2)",
        "Order lines with their total.",
        "team:ingest",
    ),
    _hive(
        "staging.customers",
        1_900,
        "customer_id bigint, email_hash string, postcode string, city string, signed_up_at timestamp, "
        "marketing_consent boolean",
        "Customers without anything that names a person.",
        "team:ingest",
    ),
    _hive(
        "staging.products",
        41_200,
        "product_id bigint, sku string, title string, category_id bigint, supplier_id bigint, "
        "unit_price decimal(10,2), vat_rate decimal(4,2), is_chilled boolean",
        "Assortment.",
        "team:ingest",
        steady=True,
    ),
    _hive(
        "staging.payments",
        18_900,
        "payment_id bigint, order_id bigint, method string, amount decimal(12,2), card_masked string, "
        "state string, captured_at timestamp",
        "Payments; card numbers keep two digits.",
        "team:finance",
    ),
    _hive(
        "staging.refunds",
        620,
        "refund_id bigint, order_id bigint, reason string, amount decimal(12,2), refunded_at timestamp",
        "Refunds.",
        "team:finance",
    ),
    _hive(
        "staging.deliveries",
        18_100,
        "delivery_id bigint, order_id bigint, route_id bigint, driver_id bigint, warehouse_id int, "
        "promised_at timestamp, delivered_at timestamp, status string",
        "Delivery attempts with the warehouse of their route.",
        "team:ops",
    ),
    _hive(
        "staging.stock",
        164_000,
        "warehouse_id int, product_id bigint, on_hand int, reserved int, counted_at timestamp",
        "Stock as counted.",
        "team:ops",
        steady=True,
    ),
    _hive(
        "staging.clickstream",
        600_000,
        "event_id string, session_id string, customer_id bigint, page string, action string, occurred_at timestamp",
        "Clicks without bots.",
    ),
    _hive(
        "core.orders",
        18_400,
        "order_id bigint, customer_id bigint, city string, status string, voucher_code string, "
        "subtotal decimal(12,2), delivery_fee decimal(12,2), paid decimal(14,2), order_date date",
        "One row per order with customer city and captured payments.",
    ),
    _hive(
        "core.order_items",
        231_000,
        "order_item_id bigint, order_id bigint, product_id bigint, category_id bigint, quantity int, "
        "line_total decimal(14,2)",
        "Order lines with category.",
    ),
    _hive(
        "core.sessions",
        24_000,
        "session_id string, customer_id bigint, pages bigint, started_at timestamp, ended_at timestamp, "
        "has_checkout boolean",
        "Sessions of app and web shop.",
    ),
    _hive(
        "core.stock_daily",
        164_000,
        "warehouse_id int, product_id bigint, sku string, on_hand int, available int, stock_date date",
        "Stock at the end of each day.",
        "team:ops",
        steady=True,
    ),
    _hive(
        "core.delivery_performance",
        18_100,
        "delivery_id bigint, order_id bigint, city string, warehouse_id int, delay_minutes double, "
        "delivered_at timestamp",
        "Promise against reality.",
        "team:ops",
    ),
    _hive(
        "features.customer_rfm",
        212_000,
        "customer_id bigint, recency_days int, frequency bigint, monetary decimal(16,2)",
        "Recency, frequency, money.",
        "team:ml",
        steady=True,
    ),
    _hive(
        "features.product_demand",
        41_200,
        "product_id bigint, demand_7d bigint, demand_28d bigint, on_hand int, stock_cover_days double",
        "Demand and stock per product.",
        "team:ml",
        steady=True,
    ),
    _hive(
        "features.slot_demand",
        5_760,
        "warehouse_id int, city string, deliveries_7d bigint, late_share double",
        "Pressure on delivery slots.",
        "team:ml",
        steady=True,
    ),
)
