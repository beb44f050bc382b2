"""Delivery: hooks, what is sent with every attempt, workers, leases, turns; the order of transactions in the log."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision, down_revision = "delivery", "progress"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
EXACT, TEXT = sa.String().with_variant(sa.Text(collation="C"), "postgresql"), sa.Text()
MOMENT = sa.DateTime(timezone=True)
TABLES = (
    "delivery_hook",
    "delivery_delivery",
    "delivery_attempt",
    "delivery_turn",
    "delivery_worker",
    "delivery_lease",
)


def upgrade() -> None:
    _index("ix_changes_change_txid", "changes_change", "txid id", only="txid IS NOT NULL")
    _hooks()
    _deliveries()
    _workers()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_index("ix_changes_change_txid", "changes_change")


def _hooks() -> None:
    _table(
        "delivery_hook",
        _has("realm_id", BIG),
        _has("id", sa.Uuid()),
        _has("name", EXACT),
        _has("description", sa.String(1023)),
        _has("owner_id", BIG),
        _has("trigger", JSON),
        _has("target", JSON),
        _has("timeout", sa.Integer()),
        _has("secret", sa.LargeBinary()),
        _may("previous_secret", sa.LargeBinary()),
        _may("previous_until", MOMENT),
        _may("credential", sa.LargeBinary()),
        _has("enabled", sa.Boolean()),
        _may("disabled_at", MOMENT),
        _may("disabled_why", sa.String(16)),
        _has("max_attempts", sa.Integer()),
        _has("concurrency", sa.Integer()),
        _has("ordered", sa.Boolean()),
        _has("request_timeout_s", sa.Integer()),
        _has("failures_in_row", sa.Integer()),
        _may("failing_since", MOMENT),
        _may("last_success_at", MOMENT),
        _may("last_failure_at", MOMENT),
        _has("since_seq", BIG),
        _may("note", sa.String(500)),
        _has("version", sa.Integer()),
        _has("created_at", MOMENT),
        _has("created_by", sa.String(100)),
        _may("updated_at", MOMENT),
        _may("updated_by", sa.String(100)),
        _ref("owner_id", "accounts_user.id"),
        _ref("realm_id", "realms_realm.id"),
    )
    _index("ix_delivery_hook_newest", "delivery_hook", "realm_id created_at id")
    _index("ix_delivery_hook_owner_id", "delivery_hook", "owner_id")
    _index("uq_delivery_hook_name", "delivery_hook", "realm_id name", unique=True)


def _deliveries() -> None:
    _table(
        "delivery_delivery",
        _has("realm_id", BIG),
        _has("id", sa.Uuid()),
        _may("hook_id", sa.Uuid()),
        _has("sender", sa.String(32)),
        _may("seq", BIG),
        _has("type", sa.String(80)),
        _has("kind", sa.String(40)),
        _has("entity_id", EXACT),
        _has("label", sa.String(300)),
        _has("test", sa.Boolean()),
        _has("replays", sa.Integer()),
        _has("cause_depth", sa.Integer()),
        _has("state", sa.String(32)),
        _may("reason", sa.String(40)),
        _has("attempts", sa.Integer()),
        _has("tried", sa.Integer()),
        _has("next_attempt_at", MOMENT),
        _may("lease_until", MOMENT),
        _may("worker", sa.String(40)),
        _may("deadline_at", MOMENT),
        _may("finished_at", MOMENT),
        _has("created_at", MOMENT),
        _may("status", sa.Integer()),
        _may("request_head", TEXT),
        _may("request_body", TEXT),
        _may("message", JSON),
        _may("callback_hash", sa.LargeBinary(32)),
        _may("callback_token", sa.LargeBinary()),
        _may("callback_message", sa.String(500)),
        _may("progress", sa.Double()),
        _has("faults", sa.Integer()),
        _may("fault", TEXT),
        _may("parked_at", MOMENT),
        _ref("hook_id", "delivery_hook.id"),
        _ref("realm_id", "realms_realm.id"),
    )
    _index("ix_delivery_delivery_due", "delivery_delivery", "realm_id hook_id state next_attempt_at id")
    _index("ix_delivery_delivery_newest", "delivery_delivery", "realm_id created_at id")
    _index("ix_delivery_delivery_of_hook", "delivery_delivery", "realm_id hook_id created_at id")
    _index("ix_delivery_delivery_parked", "delivery_delivery", "realm_id parked_at", only="parked_at IS NOT NULL")
    _index("ix_delivery_delivery_sending", "delivery_delivery", "realm_id lease_until", only="state = 'sending'")
    _index("ix_delivery_delivery_state", "delivery_delivery", "realm_id state created_at id")
    _index("ix_delivery_delivery_type", "delivery_delivery", "realm_id type created_at id")
    _index("ix_delivery_delivery_waiting", "delivery_delivery", "realm_id deadline_at", only="state = 'waiting'")
    _index("uq_delivery_delivery_seq", "delivery_delivery", "realm_id hook_id seq", only="NOT test", unique=True)
    _table(
        "delivery_attempt",
        _has("realm_id", BIG),
        _has("id", BIG),
        _has("delivery_id", sa.Uuid()),
        _has("number", sa.Integer()),
        _has("at", MOMENT),
        _has("duration_ms", sa.Integer()),
        _may("status", sa.Integer()),
        _may("error", sa.String(500)),
        _may("response_head", TEXT),
        _may("response_body", TEXT),
        _ref("delivery_id", "delivery_delivery.id", ondelete="CASCADE"),
        _ref("realm_id", "realms_realm.id"),
    )
    _index("ix_delivery_attempt_at", "delivery_attempt", "realm_id at")
    _index("uq_delivery_attempt_number", "delivery_attempt", "realm_id delivery_id number", unique=True)


def _workers() -> None:
    _table(
        "delivery_turn",
        _has("realm_id", BIG),
        _has("name", EXACT),
        _has("due_at", MOMENT),
        _may("done_at", MOMENT),
        _may("took_ms", sa.Integer()),
        _has("tries", sa.Integer()),
        _may("error", TEXT),
        _may("parked_at", MOMENT),
        _ref("realm_id", "realms_realm.id"),
        key=("realm_id", "name"),
    )
    _index("ix_delivery_turn_due", "delivery_turn", "realm_id due_at")
    _table(
        "delivery_worker",
        _has("id", sa.Uuid()),
        _has("name", sa.String(100)),
        _has("host", sa.String(255)),
        _has("version", sa.String(40)),
        _has("started_at", MOMENT),
        _has("last_seen_at", MOMENT),
        _has("tasks", TEXT),
    )
    _table(
        "delivery_lease",
        _has("name", EXACT),
        _may("holder", sa.Uuid()),
        _may("until", MOMENT),
        _has("txid", BIG),
        _has("seq", BIG),
        _may("moved_at", MOMENT),
        key=("name",),
    )


def _table(name: str, *columns: "sa.Column | sa.ForeignKeyConstraint", key: tuple[str, ...] = ("id",)) -> None:
    op.create_table(name, *columns, sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"))


def _ref(column: str, target: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], ondelete=ondelete)


def _has(name: str, kind: "sa.types.TypeEngine") -> sa.Column:
    return sa.Column(name, kind, nullable=False, autoincrement=name == "id" and kind is BIG)


def _may(name: str, kind: "sa.types.TypeEngine") -> sa.Column:
    return sa.Column(name, kind, nullable=True)


def _index(name: str, table: str, columns: str, *, only: str = "", unique: bool = False) -> None:
    some = sa.text(only) if only else None
    op.create_index(name, table, columns.split(), unique=unique, sqlite_where=some, postgresql_where=some)
