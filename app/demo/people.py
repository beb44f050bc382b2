"""What people of the story say about their data: plain values, put in by the loader as anybody would."""

from typing import NamedTuple

HIVE = "hive://metastore.greenbasket.internal:9083"


class Said(NamedTuple):
    """What somebody says of a dataset; tags are (key, value, column)."""

    namespace: str
    name: str
    description: str = ""
    owners: tuple[tuple[str, str], ...] = ()
    tags: tuple[tuple[str, str | None, str | None], ...] = ()
    columns: tuple[tuple[str, str], ...] = ()
    by: str | None = None
    min_rows: int | None = None


PEOPLE = (
    Said(
        HIVE,
        "core.orders",
        "**The** table of orders: one row per order that was not a test.\n\n"
        "- `paid` is what was captured, not what was authorised\n"
        "- cancelled orders stay, with `status = 'cancelled'`\n\n"
        "Questions go to *#data-orders*.",
        owners=(("user:m.okafor", "on call"),),
        tags=(("certified", None, None), ("pii", "customer", "customer_id"), ("money", None, "paid")),
        columns=(("paid", "Captured amount in EUR, refunds taken off."),),
        by="06:30",
        min_rows=10_000,
    ),
    Said(
        HIVE,
        "features.customer_rfm",
        "Recency, frequency and money of each customer, for the newsletter.",
        owners=(("team:growth", "consumer"),),
        tags=(("certified", None, None),),
    ),
    Said(
        HIVE,
        "staging.customers",
        tags=(("pii", "email", "email"), ("pii", "name", "full_name")),
    ),
)
