"""The DAGs behind the warehouse: checks, the nightly close, exports, the CRM, the forecast, delivery slots."""

from __future__ import annotations

from app.demo import sparkjobs
from app.demo.model import Check, Dag, Step, Task
from app.demo.operators import CHECK, PYTHON, SENSOR, SPARK, SQL, TRANSFER
from app.demo.warehouse import PARTNERS

WAIT = Task("wait_for_marts", SENSOR, 3)


def _rows(*pairs: tuple[str, str]) -> tuple[Check, ...]:
    """Return not-null and unique checks for (dataset, column) pairs."""
    return tuple(Check(kind, dataset, column) for dataset, column in pairs for kind in ("null_check", "unique_check"))


QUALITY = Dag(
    "quality_watch",
    "Checks on the tables other teams rely on",
    "Runs after the marts; a red check pages the owner of the table.",
    "analytics",
    (6.25,),
    (
        Task(
            "check_lake",
            CHECK,
            4,
            (),
            "checks",
            checks=_rows(("core.orders", "order_id"), ("core.stock_daily", "warehouse_id")),
        ),
        Task(
            "check_marts",
            CHECK,
            3,
            (),
            "checks",
            checks=_rows(("marts.fct_orders", "ORDER_ID"), ("marts.dim_products", "SKU")),
        ),
        Task(
            "check_ledger",
            CHECK,
            1,
            (),
            "checks",
            checks=(
                *_rows(("ledger_entries", "entry_id")),
                Check("row_count", "daily_close", severity="warn", expected=">= 10"),
            ),
        ),
    ),
    ("quality",),
)
CLOSE_STEPS = (
    Step(
        "book_orders",
        {"f": "marts.fct_orders"},
        "ledger_entries",
        {
            "entry_id": "seq8()",
            "account": "'8400'",
            "debit": "f.CAPTURED",
            "credit": "f.CAPTURED",
            "booked_on": "f.ORDER_DATE",
        },
        mode="APPEND",
    ),
    Step(
        "match_invoices",
        {"p": "purchase_orders"},
        "invoices",
        {
            "invoice_id": "nextval('finance.invoice_id')",
            "gross": "sum(p.quantity * p.unit_cost)",
            "due_on": "max(p.expected_on) + 30",
        },
        mode="APPEND",
    ),
    Step(
        "close_day",
        {"l": "ledger_entries", "i": "invoices"},
        "daily_close",
        {
            "business_date": "l.booked_on",
            "balance": "sum(l.debit - l.credit)",
            "difference": "sum(l.debit - l.credit) - sum(i.gross)",
        },
        {"i": "i.due_on = l.booked_on"},
        mode="APPEND",
    ),
    Step("export_revenue", {"m": "marts.mart_revenue_daily"}, "export:revenue"),
)
FINANCE = Dag(
    "finance_close",
    "Nightly close",
    "Books orders, matches invoices, closes the day. The month end depends on it.",
    "finance",
    (6.5,),
    (
        WAIT,
        Task("book_orders", TRANSFER, 6, ("wait_for_marts",), "steps", CLOSE_STEPS[:1]),
        Task("match_invoices", SQL, 3, (), "steps", CLOSE_STEPS[1:2]),
        Task("close_day", SQL, 2, ("book_orders", "match_invoices"), "steps", CLOSE_STEPS[2:3]),
        Task("export_revenue", PYTHON, 1, ("close_day",), "steps", CLOSE_STEPS[3:]),
    ),
    ("finance", "tier-1", "sox"),
)
PARTNER_EXPORTS = Dag(
    "partner_exports",
    "Sales files for partners",
    "One file per partner, delivered by SFTP at 08:30.",
    "ops",
    (7.0,),
    (
        WAIT,
        Task(
            "export_partner",
            PYTHON,
            4,
            ("wait_for_marts",),
            "mapped",
            tuple(
                Step(
                    partner,
                    {"i": "marts.fct_order_items", "p": "marts.dim_products"},
                    f"partner:{partner}",
                    joins={"p": "p.PRODUCT_ID = i.PRODUCT_ID"},
                )
                for partner in PARTNERS
            ),
        ),
    ),
    ("exports", "sftp"),
)
CRM = Dag(
    "crm_segments_sync",
    "Write segments back to the CRM",
    "Reverse ETL: the newsletter and the call centre read these segments.",
    "analytics",
    (7.33,),
    (
        Task(
            "sync_segments",
            PYTHON,
            11,
            (),
            "steps",
            (Step("sync_segments", {"m": "marts.mart_customer_lifetime_value"}, "customer_segments", mode="MERGE"),),
        ),
    ),
    ("reverse-etl", "crm"),
)
TRAINING = Step(
    "train_forecast",
    {"d": "features.product_demand", "s": "features.slot_demand"},
    "model:demand",
    {"score": "d.demand_7d + d.demand_28d"},
    {"s": "s.warehouse_id = d.product_id % 12"},
)
FORECAST = Dag(
    "ml_demand_forecast",
    "Features and demand forecast",
    "Builds features every morning and trains the forecast on Sundays and Wednesdays.",
    "ml",
    (7.66,),
    (
        Task("build_features", SPARK, 33, (), "spark", spark=sparkjobs.FEATURES),
        Task("train_forecast", PYTHON, 46, ("build_features",), "steps", (TRAINING,)),
    ),
    ("ml", "spark"),
)
SLOTS = Dag(
    "refresh_slot_capacity",
    "Free delivery slots",
    "What the checkout may sell; stale slots cost orders.",
    "ops",
    (2.5, 5.5, 8.5, 11.5, 14.5, 17.5, 20.5, 23.5),
    (
        Task(
            "compute_capacity",
            SQL,
            7,
            (),
            "steps",
            (
                Step(
                    "compute_capacity",
                    {"r": "routes", "d": "deliveries"},
                    "slot_capacity",
                    {
                        "zone_id": "r.warehouse_id",
                        "slot_start": "d.promised_at",
                        "capacity": "count(r.route_id) * 14",
                        "booked": "count(d.delivery_id)",
                    },
                    {"d": "d.route_id = r.route_id"},
                ),
            ),
        ),
    ),
    ("ops", "postgres"),
)
BACKFILL = Dag(
    "backfill_clickstream_sessions",
    "Backfill sessions after the consent change",
    "Started by hand; rebuilds sessions of one day.",
    "analytics",
    (),
    (Task("sessionize_again", SPARK, 95, (), "spark", spark=sparkjobs.SESSIONIZE),),
    ("backfill",),
)
