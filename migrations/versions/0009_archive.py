"""Datasets can be archived, as jobs and runs can."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "archive", "saved"


def upgrade() -> None:
    op.add_column("lineage_dataset", sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("lineage_dataset", sa.Column("archived_by", sa.String(100), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("lineage_dataset") as dataset:
        dataset.drop_column("archived_by")
        dataset.drop_column("archived_at")
