"""The DAGs of the company up to the warehouse: when they start, what their tasks do, who owns them."""

from __future__ import annotations

from app.demo import sparkjobs
from app.demo.businessflows import CRM, FINANCE, FORECAST, PARTNER_EXPORTS, QUALITY, SLOTS
from app.demo.model import Dag, Step, Task
from app.demo.operators import BASH, EMPTY, PYTHON, SNOWFLAKE, SPARK, SQL


def _extract(*tables: str) -> tuple[Step, ...]:
    """Return one copy step per table, from its database to the landing zone."""
    return tuple(Step(table, {"t": table}, f"landing:{table}") for table in tables)


def _load(task: str, source: str, target: str, minutes: float) -> Task:
    """Return a task that copies files of the lake into a raw table."""
    step = Step(task, {"f": source}, target, mode="COPY")
    return Task(task, SNOWFLAKE, minutes, work="steps", steps=(step,), group="copy_into")


INGEST_SHOP = Dag(
    "ingest_shop_db",
    "Extract the shop database to the landing zone",
    "Copies changed rows of the shop's tables to S3, three times a day. Runbook: wiki/ingest-shop.",
    "ingest",
    (0.33, 8.33, 16.33),
    (
        Task("list_tables", PYTHON, 0.3),
        Task(
            "extract_table",
            PYTHON,
            6,
            ("list_tables",),
            "mapped",
            _extract("customers", "orders", "order_items", "products", "payments", "refunds"),
        ),
        Task("update_watermark", SQL, 0.2, ("extract_table",)),
    ),
    ("ingest", "postgres", "tier-1"),
)
INGEST_OPS = Dag(
    "ingest_ops_db",
    "Extract warehouse management and fleet",
    "Daily copies of the operations database.",
    "ingest",
    (1.17,),
    (
        Task(
            "extract_table",
            PYTHON,
            9,
            (),
            "mapped",
            _extract("stock_levels", "purchase_orders", "deliveries", "routes", "drivers", "suppliers"),
        ),
    ),
    ("ingest", "postgres"),
)
LAKE_STAGING = Dag(
    "lake_staging",
    "Landing to staging",
    "Cleans, deduplicates and pseudonymises. Nothing behind this DAG holds an e-mail address.",
    "ingest",
    (2.0,),
    (
        Task("stage_shop_tables", SPARK, 24, (), "spark", spark=sparkjobs.STAGE_SHOP),
        Task("stage_ops_tables", SPARK, 12, (), "spark", spark=sparkjobs.STAGE_OPS),
        Task("notify_core", EMPTY, 0.1, ("stage_shop_tables", "stage_ops_tables")),
    ),
    ("lake", "spark", "gdpr"),
)
LAKE_CORE = Dag(
    "lake_core",
    "Staging to core",
    "Joins staging tables into the entities everybody uses.",
    "analytics",
    (3.0,),
    (Task("build_core_tables", SPARK, 38, (), "spark", spark=sparkjobs.BUILD_CORE),),
    ("lake", "spark", "tier-1"),
)
CLICKSTREAM = Dag(
    "clickstream_sessions",
    "Clicks to sessions",
    "Turns clicks into sessions every six hours; sessions close after 30 minutes of silence.",
    "analytics",
    (0.75, 6.75, 12.75, 18.75),
    (Task("sessionize", SPARK, 21, (), "spark", spark=sparkjobs.SESSIONIZE),),
    ("lake", "spark", "clickstream"),
)
WAREHOUSE_LOAD = Dag(
    "warehouse_load",
    "Load the warehouse",
    "COPY INTO the raw tables. Once a week `RAW.SHOP.ORDERS` is rebuilt in full.",
    "ingest",
    (4.0,),
    (
        _load("load_orders", "core.orders", "shop.orders", 5),
        _load("load_order_items", "core.order_items", "shop.order_items", 9),
        _load("load_customers", "staging.customers", "shop.customers", 2),
        _load("load_products", "staging.products", "shop.products", 2),
        _load("load_payments", "staging.payments", "shop.payments", 4),
        _load("load_deliveries", "core.delivery_performance", "ops.deliveries", 3),
        _load("load_stock_daily", "core.stock_daily", "ops.stock_daily", 6),
        _load("load_sessions", "core.sessions", "app.sessions", 7),
    ),
    ("warehouse", "snowflake", "tier-1"),
)
DBT_DAILY = Dag(
    "dbt_daily",
    "Build and test the warehouse models",
    "# dbt daily\nSeeds on Mondays, then snapshot, models and tests. **Owner on duty: #analytics-oncall**",
    "analytics",
    (5.0,),
    (
        Task("dbt_snapshot", BASH, 3, (), "dbt", command="snapshot"),
        Task("dbt_run", BASH, 26, ("dbt_snapshot",), "dbt", command="run"),
        Task("dbt_test", BASH, 8, ("dbt_run",), "dbt", command="test"),
    ),
    ("warehouse", "dbt", "tier-1"),
)
DBT_SEED = Dag(
    "dbt_seed_weekly",
    "Load dbt seeds",
    "Holidays and delivery zones from CSV.",
    "analytics",
    (4.6,),
    (Task("dbt_seed", BASH, 2, (), "dbt", command="seed"),),
    ("warehouse", "dbt"),
    weekdays=(0,),
)
DAGS = (
    INGEST_SHOP,
    INGEST_OPS,
    LAKE_STAGING,
    LAKE_CORE,
    CLICKSTREAM,
    WAREHOUSE_LOAD,
    DBT_SEED,
    DBT_DAILY,
    QUALITY,
    FINANCE,
    PARTNER_EXPORTS,
    CRM,
    FORECAST,
    SLOTS,
)
