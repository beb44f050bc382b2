"""Tables of the Snowflake warehouse, from raw to marts, and the files exported from it."""

from __future__ import annotations

from app.demo.model import Dataset, columns
from app.demo.sources import LANDING

SNOWFLAKE = "snowflake://greenbasket-eu_central_1"
EXPORTS = "s3://greenbasket-exports"
PARTNERS = ("freshfields", "harvestline", "dairyco", "northmill")

ORDER_COLUMNS = (
    "ORDER_ID NUMBER, CUSTOMER_ID NUMBER, CITY VARCHAR, STATUS VARCHAR, VOUCHER_CODE VARCHAR, SUBTOTAL NUMBER(12,2), "
    "DELIVERY_FEE NUMBER(12,2), PAID NUMBER(14,2), ORDER_DATE DATE"
)
ITEM_COLUMNS = (
    "ORDER_ITEM_ID NUMBER, ORDER_ID NUMBER, PRODUCT_ID NUMBER, CATEGORY_ID NUMBER, QUANTITY NUMBER, "
    "LINE_TOTAL NUMBER(14,2)"
)
CUSTOMER_COLUMNS = (
    "CUSTOMER_ID NUMBER, EMAIL_HASH VARCHAR, CITY VARCHAR, SIGNED_UP_AT TIMESTAMP_NTZ, MARKETING_CONSENT BOOLEAN"
)
PRODUCT_COLUMNS = (
    "PRODUCT_ID NUMBER, SKU VARCHAR, TITLE VARCHAR, CATEGORY_ID NUMBER, SUPPLIER_ID NUMBER, "
    "UNIT_PRICE NUMBER(10,2), IS_CHILLED BOOLEAN"
)
PAYMENT_COLUMNS = (
    "PAYMENT_ID NUMBER, ORDER_ID NUMBER, METHOD VARCHAR, AMOUNT NUMBER(12,2), STATE VARCHAR, CAPTURED_AT TIMESTAMP_NTZ"
)
DELIVERY_COLUMNS = (
    "DELIVERY_ID NUMBER, ORDER_ID NUMBER, CITY VARCHAR, WAREHOUSE_ID NUMBER, DELAY_MINUTES FLOAT, "
    "DELIVERED_AT TIMESTAMP_NTZ"
)
STOCK_COLUMNS = "WAREHOUSE_ID NUMBER, PRODUCT_ID NUMBER, SKU VARCHAR, ON_HAND NUMBER, AVAILABLE NUMBER, STOCK_DATE DATE"
SESSION_COLUMNS = "SESSION_ID VARCHAR, CUSTOMER_ID NUMBER, PAGES NUMBER, STARTED_AT TIMESTAMP_NTZ, HAS_CHECKOUT BOOLEAN"


def _table(
    name: str, rows: int, text: str, doc: str, owner: str = "team:analytics", *, steady: bool = False
) -> Dataset:
    """Return a table of the warehouse; its key is its name without the database, in lower case."""
    key = name.partition(".")[2].lower()
    tags = ("mart",) if ".MARTS." in name else ()
    return Dataset(key, SNOWFLAKE, name, columns(text), rows, owner, doc, tags=tags, steady=steady)


def _file(key: str, path: str, rows: int, text: str, *, owner: str = "team:finance", doc: str) -> Dataset:
    """Return a file or folder in the export bucket."""
    return Dataset(key, EXPORTS, path, columns(text), rows, owner, doc, "FILE", "csv")


RAW = (
    _table(
        "RAW.SHOP.ORDERS", 18_400, ORDER_COLUMNS, "Loaded from core.orders; rebuilt in full once a week.", "team:ingest"
    ),
    _table("RAW.SHOP.ORDER_ITEMS", 231_000, ITEM_COLUMNS, "Loaded from core.order_items.", "team:ingest"),
    _table("RAW.SHOP.CUSTOMERS", 1_900, CUSTOMER_COLUMNS, "Loaded from staging.customers.", "team:ingest"),
    _table("RAW.SHOP.PRODUCTS", 41_200, PRODUCT_COLUMNS, "Loaded from staging.products.", "team:ingest", steady=True),
    _table("RAW.SHOP.PAYMENTS", 18_900, PAYMENT_COLUMNS, "Loaded from staging.payments.", "team:ingest"),
    _table("RAW.OPS.DELIVERIES", 18_100, DELIVERY_COLUMNS, "Loaded from core.delivery_performance.", "team:ingest"),
    _table("RAW.OPS.STOCK_DAILY", 164_000, STOCK_COLUMNS, "Loaded from core.stock_daily.", "team:ingest", steady=True),
    _table("RAW.APP.SESSIONS", 96_000, SESSION_COLUMNS, "Loaded from core.sessions.", "team:ingest"),
)
MODELLED = (
    _table(
        "ANALYTICS.SEEDS.HOLIDAYS",
        214,
        "HOLIDAY_DATE DATE, COUNTRY VARCHAR, TITLE VARCHAR",
        "Public holidays.",
        steady=True,
    ),
    _table(
        "ANALYTICS.SEEDS.DELIVERY_ZONES",
        96,
        "ZONE_ID NUMBER, CITY VARCHAR, POSTCODE_FROM VARCHAR",
        "Zones.",
        steady=True,
    ),
    _table(
        "ANALYTICS.SNAPSHOTS.PRODUCTS_SNAPSHOT",
        41_300,
        PRODUCT_COLUMNS + ", DBT_VALID_FROM TIMESTAMP_NTZ, DBT_VALID_TO TIMESTAMP_NTZ",
        "Prices over time.",
        steady=True,
    ),
    _table("ANALYTICS.STAGING.STG_ORDERS", 18_400, ORDER_COLUMNS, "Orders with clean status and voucher."),
    _table("ANALYTICS.STAGING.STG_ORDER_ITEMS", 231_000, ITEM_COLUMNS, "Order lines."),
    _table("ANALYTICS.STAGING.STG_CUSTOMERS", 1_900, CUSTOMER_COLUMNS, "Customers."),
    _table("ANALYTICS.STAGING.STG_PRODUCTS", 41_200, PRODUCT_COLUMNS, "Products.", steady=True),
    _table("ANALYTICS.STAGING.STG_PAYMENTS", 18_900, PAYMENT_COLUMNS, "Payments.", "team:finance"),
    _table("ANALYTICS.STAGING.STG_DELIVERIES", 18_100, DELIVERY_COLUMNS, "Deliveries.", "team:ops"),
    _table("ANALYTICS.STAGING.STG_SESSIONS", 96_000, SESSION_COLUMNS, "Sessions."),
    _table(
        "ANALYTICS.CORE.INT_ORDER_TOTALS",
        18_400,
        "ORDER_ID NUMBER, ITEMS NUMBER, GOODS_TOTAL NUMBER(14,2), CAPTURED NUMBER(14,2)",
        "Totals per order.",
    ),
    _table(
        "ANALYTICS.CORE.INT_CUSTOMER_ORDERS",
        212_000,
        "CUSTOMER_ID NUMBER, FIRST_ORDER DATE, ORDERS NUMBER, SPENT NUMBER(16,2)",
        "Orders per customer.",
        steady=True,
    ),
    _table(
        "ANALYTICS.CORE.INT_DELIVERY_TIMES",
        18_100,
        "ORDER_ID NUMBER, CITY VARCHAR, DELAY_MINUTES FLOAT, IS_LATE BOOLEAN",
        "Delay per order.",
        "team:ops",
    ),
    _table(
        "ANALYTICS.MARTS.DIM_CUSTOMERS",
        212_000,
        "CUSTOMER_ID NUMBER, EMAIL_HASH VARCHAR, CITY VARCHAR, FIRST_ORDER DATE, ORDERS NUMBER, IS_ACTIVE BOOLEAN",
        "One row per customer.",
        steady=True,
    ),
    _table(
        "ANALYTICS.MARTS.DIM_PRODUCTS",
        41_200,
        "PRODUCT_ID NUMBER, SKU VARCHAR, TITLE VARCHAR, CATEGORY_ID NUMBER, UNIT_PRICE NUMBER(10,2)",
        "One row per product.",
        steady=True,
    ),
    _table(
        "ANALYTICS.MARTS.FCT_ORDERS",
        18_400,
        "ORDER_ID NUMBER, CUSTOMER_ID NUMBER, CITY VARCHAR, ORDER_DATE DATE, VOUCHER_CODE VARCHAR, "
        "GOODS_TOTAL NUMBER(14,2), DELIVERY_FEE NUMBER(12,2), CAPTURED NUMBER(14,2)",
        "**The** order fact. One row per placed order.",
    ),
    _table(
        "ANALYTICS.MARTS.FCT_ORDER_ITEMS",
        231_000,
        "ORDER_ITEM_ID NUMBER, ORDER_ID NUMBER, PRODUCT_ID NUMBER, ORDER_DATE DATE, QUANTITY NUMBER, "
        "LINE_TOTAL NUMBER(14,2)",
        "One row per order line.",
    ),
    _table(
        "ANALYTICS.MARTS.FCT_DELIVERIES",
        18_100,
        "ORDER_ID NUMBER, CITY VARCHAR, DELAY_MINUTES FLOAT, IS_LATE BOOLEAN",
        "One row per delivery.",
        "team:ops",
    ),
    _table("ANALYTICS.MARTS.FCT_SESSIONS", 96_000, SESSION_COLUMNS, "One row per session."),
    _table(
        "ANALYTICS.MARTS.MART_REVENUE_DAILY",
        42,
        "ORDER_DATE DATE, CITY VARCHAR, ORDERS NUMBER, REVENUE NUMBER(16,2), VOUCHER_SHARE FLOAT, IS_HOLIDAY BOOLEAN",
        "Revenue per day and city; the board looks at this at 08:00.",
        "team:finance",
        steady=True,
    ),
    _table(
        "ANALYTICS.MARTS.MART_CUSTOMER_LIFETIME_VALUE",
        212_000,
        "CUSTOMER_ID NUMBER, SEGMENT VARCHAR, LIFETIME_VALUE NUMBER(14,2)",
        "Value and segment per customer.",
        steady=True,
    ),
    _table(
        "ANALYTICS.MARTS.MART_DELIVERY_PUNCTUALITY",
        42,
        "CITY VARCHAR, DELIVERIES NUMBER, LATE_SHARE FLOAT",
        "Punctuality per city.",
        "team:ops",
        steady=True,
    ),
    _table(
        "ANALYTICS.MARTS.MART_CONVERSION_FUNNEL_BY_ACQUISITION_CHANNEL_AND_DEVICE_CLASS_ROLLING_28_DAYS",
        1_344,
        "STARTED_ON DATE, SESSIONS NUMBER, CHECKOUTS NUMBER, CONVERSION FLOAT",
        "From visit to checkout.",
        steady=True,
    ),
    _table(
        "ANALYTICS.MARTS.MART_STOCK_COVER",
        41_200,
        "PRODUCT_ID NUMBER, SKU VARCHAR, AVAILABLE NUMBER, SOLD_28D NUMBER, COVER_DAYS FLOAT",
        "Days until a product runs out.",
        "team:ops",
        steady=True,
    ),
)
FILES = (
    *(
        _file(
            f"partner:{partner}",
            f"partners/partner={partner}/sales/latest.csv",
            9_800,
            "SKU VARCHAR, ORDER_DATE DATE, QUANTITY NUMBER, LINE_TOTAL NUMBER(14,2)",
            owner="team:ops",
            doc=f"Daily sales for {partner}, fetched by the partner at 08:30.",
        )
        for partner in PARTNERS
    ),
    _file(
        "export:revenue",
        "finance/revenue_daily/latest.csv",
        42,
        "ORDER_DATE DATE, CITY VARCHAR, REVENUE NUMBER(16,2)",
        doc="For the accounting system.",
    ),
    Dataset(
        "model:demand",
        LANDING.replace("landing", "models"),
        "demand-forecast/production/model.onnx",
        columns("product_id bigint, score double"),
        41_200,
        "team:ml",
        "Forecast model, replaced after each training.",
        "MODEL",
        "onnx",
        steady=True,
    ),
)
WAREHOUSE: tuple[Dataset, ...] = (*RAW, *MODELLED, *FILES)


def kpi_pack(year: int, week: int) -> Dataset:
    """Return the weekly KPI pack of an ISO week, a partition path of its own."""
    path = f"reports/management/year={year}/week=W{week:02d}/country=all/kpi_pack_for_the_management_board.xlsx"
    return _file(
        f"kpi:{year}-{week}",
        path,
        42,
        "ORDER_DATE DATE, CITY VARCHAR, REVENUE NUMBER(16,2)",
        doc="Weekly KPI pack.",
    )
