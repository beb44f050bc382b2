"""Saved views: names for the filters and orders of lists."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "saved", "delivery"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
EXACT = sa.String().with_variant(sa.Text(collation="C"), "postgresql")
TABLE = "accounts_saved_view"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("realm_id", BIG, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("page", sa.String(200), nullable=False),
        sa.Column("name", EXACT, nullable=False),
        sa.Column("query", sa.String(2000), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=f"pk_{TABLE}"),
        sa.ForeignKeyConstraint(["realm_id"], ["realms_realm.id"]),
        sa.ForeignKeyConstraint(["user_id"], ["accounts_user.id"]),
        sa.UniqueConstraint("realm_id", "user_id", "page", "name"),
    )
    op.create_index(f"ix_{TABLE}_page", TABLE, ["realm_id", "page", "name", "id"])
    op.create_index(f"ix_{TABLE}_newest", TABLE, ["realm_id", "created_at", "id"])
    op.create_index(f"ix_{TABLE}_user_id", TABLE, ["user_id"])


def downgrade() -> None:
    op.drop_table(TABLE)
