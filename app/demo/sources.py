"""What the company's systems hold: two PostgreSQL servers, Kafka topics and the landing zone on S3."""

from __future__ import annotations

from app.demo.model import Dataset, columns

SHOP = "postgres://pg-shop.greenbasket.internal:5432"
OPS = "postgres://pg-ops.greenbasket.internal:5432"
KAFKA = ",".join(f"kafka-{n}.greenbasket.internal:9092" for n in (1, 2, 3))
TOPICS = f"kafka://{KAFKA}"
LANDING = "s3://greenbasket-landing"

ORDERS = (
    "order_id bigint, customer_id bigint, status text, voucher_code text, subtotal numeric(12,2), "
    "delivery_fee numeric(12,2), slot_id bigint, placed_at timestamptz, updated_at timestamptz"
)
ITEMS = "order_item_id bigint, order_id bigint, product_id bigint, quantity integer, unit_price numeric(10,2)"
CUSTOMERS = (
    "customer_id bigint, email text, full_name text, phone text, postcode text, city text, "
    "signed_up_at timestamptz, marketing_consent boolean"
)
PRODUCTS = (
    "product_id bigint, sku text, title text, category_id bigint, supplier_id bigint, "
    "unit_price numeric(10,2), vat_rate numeric(4,2), is_chilled boolean, updated_at timestamptz"
)
PAYMENTS = (
    "payment_id bigint, order_id bigint, method text, amount numeric(12,2), currency char(3), "
    "card_last4 char(4), state text, captured_at timestamptz"
)
REFUNDS = "refund_id bigint, order_id bigint, reason text, amount numeric(12,2), refunded_at timestamptz"
RATINGS = "rating_id bigint, order_id bigint, stars smallint, comment text, rated_at timestamptz"
ADDRESSES = (
    "address_id bigint, customer_id bigint, street text, postcode text, city text, lat double precision, "
    "lon double precision"
)
STOCK = "warehouse_id integer, product_id bigint, on_hand integer, reserved integer, counted_at timestamptz"
PURCHASES = (
    "purchase_order_id bigint, supplier_id bigint, product_id bigint, quantity integer, unit_cost numeric(10,2), "
    "expected_on date, status text"
)
DELIVERIES = (
    "delivery_id bigint, order_id bigint, route_id bigint, driver_id bigint, promised_at timestamptz, "
    "delivered_at timestamptz, status text"
)
ROUTES = "route_id bigint, vehicle_id bigint, warehouse_id integer, planned_km numeric(7,1), departs_at timestamptz"
DRIVERS = "driver_id bigint, full_name text, phone text, hired_on date, depot text"
SUPPLIERS = "supplier_id bigint, name text, country char(2), email text, lead_days smallint"
CLICKS = "event_id string, session_id string, customer_id long, page string, action string, occurred_at timestamp"


def _shop(name: str, rows: int, text: str, doc: str, *, steady: bool = False) -> Dataset:
    """Return a table of the shop's database."""
    tags = ("pii",) if "email" in text or "street" in text else ()
    return Dataset(name, SHOP, f"shop.public.{name}", columns(text), rows, "team:ingest", doc, tags=tags, steady=steady)


def _ops(name: str, rows: int, text: str, doc: str, *, steady: bool = False) -> Dataset:
    """Return a table of the operations database; ``name`` is schema.table."""
    tags = ("pii",) if "phone" in text else ()
    key = name.partition(".")[2]
    return Dataset(key, OPS, f"ops.{name}", columns(text), rows, "team:ops", doc, tags=tags, steady=steady)


def _topic(name: str, rows: int, text: str, doc: str, owner: str = "team:ingest") -> Dataset:
    """Return a Kafka topic; its key is ``topic:`` and the name."""
    alias = (TOPICS, f"default_catalog.default_database.{name.replace('.', '_').replace('-', '_')}")
    return Dataset(f"topic:{name}", TOPICS, name, columns(text), rows, owner, doc, "TOPIC", "avro", alias)


def _landing(path: str, rows: int, text: str, doc: str, *, steady: bool = False) -> Dataset:
    """Return a folder of the landing zone; its key is ``landing:`` and the last part."""
    key = f"landing:{path.rpartition('/')[2]}"
    return Dataset(
        key, LANDING, f"landing/{path}", columns(text), rows, "team:ingest", doc, "FILE", "parquet", steady=steady
    )


SOURCES: tuple[Dataset, ...] = (
    _shop(
        "customers",
        1_900,
        CUSTOMERS,
        "People who have an account. One row per account; merged accounts keep the older id.",
    ),
    _shop("addresses", 2_300, ADDRESSES, "Delivery addresses, several per customer."),
    _shop("orders", 18_400, ORDERS, "Orders as the checkout wrote them. `status` moves placed → picked → delivered."),
    _shop("order_items", 231_000, ITEMS, "Lines of orders, price at the time of the order."),
    _shop("products", 41_200, PRODUCTS, "The assortment, one row per sellable unit.", steady=True),
    _shop("categories", 640, "category_id bigint, parent_id bigint, title text", "Category tree.", steady=True),
    _shop("payments", 18_900, PAYMENTS, "Payment attempts and captures."),
    _shop("refunds", 620, REFUNDS, "Money given back, with the reason the customer chose."),
    _shop("ratings", 3_100, RATINGS, "Stars and comments after delivery."),
    _shop("vouchers", 900, "voucher_id bigint, code text, percent smallint, valid_until date", "Voucher definitions."),
    _ops("wms.stock_levels", 164_000, STOCK, "Stock per warehouse and product, counted continuously.", steady=True),
    _ops("wms.suppliers", 412, SUPPLIERS, "Supplier register.", steady=True),
    _ops("wms.purchase_orders", 5_300, PURCHASES, "What was ordered from suppliers."),
    _ops("fleet.deliveries", 18_100, DELIVERIES, "One row per delivery attempt."),
    _ops("fleet.routes", 1_150, ROUTES, "Routes planned for the vans."),
    _ops("fleet.drivers", 380, DRIVERS, "Drivers and where they start.", steady=True),
    _ops(
        "fleet.slot_capacity",
        5_760,
        "zone_id integer, slot_start timestamptz, capacity integer, booked integer, refreshed_at timestamptz",
        "Free delivery slots the checkout may sell, refreshed every three hours.",
        steady=True,
    ),
    _ops(
        "finance.ledger_entries",
        37_000,
        "entry_id bigint, order_id bigint, account text, debit numeric(14,2), credit numeric(14,2), booked_on date",
        "Double-entry ledger.",
    ),
    _ops(
        "finance.invoices",
        940,
        "invoice_id bigint, supplier_id bigint, gross numeric(14,2), due_on date",
        "Supplier invoices.",
    ),
    _ops(
        "finance.daily_close",
        14,
        "business_date date, account text, balance numeric(16,2), difference numeric(16,2)",
        "Balances per account after the nightly close; a difference other than 0 stops the month end.",
        steady=True,
    ),
    _ops(
        "crm.customer_segments",
        212_000,
        "customer_id bigint, segment text, lifetime_value numeric(14,2), refreshed_at timestamptz",
        "Segments the call centre and the newsletter use; written back from the warehouse.",
        steady=True,
    ),
    _topic(
        "shop.orders.v1",
        55_000,
        "order_id long, customer_id long, status string, subtotal double, ts timestamp",
        "Order events.",
    ),
    _topic(
        "shop.payments.v1",
        38_000,
        "payment_id long, order_id long, method string, amount double, ts timestamp",
        "Payment events.",
    ),
    _topic(
        "shop.fraud-signals.v1",
        410,
        "order_id long, score double, rule string, ts timestamp",
        "Scores above 0.7.",
        "team:ml",
    ),
    _topic("app.clickstream.v2", 2_400_000, CLICKS, "Every tap in app and web shop."),
    _topic(
        "app.sessions.v1",
        96_000,
        "session_id string, customer_id long, pages int, ts timestamp",
        "Closed sessions.",
        "team:analytics",
    ),
    _topic(
        "fleet.gps.v1",
        5_100_000,
        "vehicle_id long, lat double, lon double, speed_kmh double, ts timestamp",
        "Van positions, 1 Hz.",
        "team:ops",
    ),
    _topic(
        "fleet.delivery-status.v1",
        72_000,
        "delivery_id long, status string, ts timestamp",
        "Status changes.",
        "team:ops",
    ),
    _topic(
        "fleet.eta.v1", 310_000, "delivery_id long, eta timestamp, confidence double", "Predicted arrival.", "team:ops"
    ),
    _topic(
        "wms.stock-movements.v1",
        690_000,
        "warehouse_id int, product_id long, delta int, ts timestamp",
        "Picks and receipts.",
        "team:ops",
    ),
    _landing("shop/customers", 1_900, CUSTOMERS, "Daily extract."),
    _landing("shop/orders", 18_400, ORDERS, "Extract three times a day."),
    _landing("shop/order_items", 231_000, ITEMS, "Extract three times a day."),
    _landing("shop/products", 41_200, PRODUCTS, "Full extract.", steady=True),
    _landing("shop/payments", 18_900, PAYMENTS, "Extract three times a day."),
    _landing("shop/refunds", 620, REFUNDS, "Extract three times a day."),
    _landing("ops/stock_levels", 164_000, STOCK, "Full extract.", steady=True),
    _landing("ops/purchase_orders", 5_300, PURCHASES, "Daily extract."),
    _landing("ops/deliveries", 18_100, DELIVERIES, "Daily extract."),
    _landing("ops/routes", 1_150, ROUTES, "Daily extract."),
    _landing("ops/drivers", 380, DRIVERS, "Full extract.", steady=True),
    _landing("ops/suppliers", 412, SUPPLIERS, "Full extract.", steady=True),
    _landing("app/clickstream", 2_400_000, CLICKS, "Written by the Kafka Connect S3 sink, one folder per hour."),
    _landing(
        "suppliers/price_lists",
        88_000,
        "supplier_id bigint, sku text, unit_cost numeric(10,2), currency char(3), valid_from date",
        "Price lists fetched from the supplier portal every morning.",
        steady=True,
    ),
)
