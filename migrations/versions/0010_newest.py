"""On PostgreSQL, lists from the newest to those without a time are read from an index."""

from alembic import op

revision, down_revision = "newest", "archive"

INDEXES = {
    "ix_lineage_dataset_written_last": "lineage_dataset (realm_id, last_written_at DESC NULLS LAST, id DESC)",
    "ix_jobs_job_last_run_last": "jobs_job (realm_id, last_run_at DESC NULLS LAST, id DESC)",
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name, columns in INDEXES.items():
            op.execute(f"CREATE INDEX {name} ON {columns}")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name in INDEXES:
            op.execute(f"DROP INDEX {name}")
