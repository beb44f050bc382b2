"""On SQLite the id of a grant that is gone is not given again, as it never is on PostgreSQL."""

from alembic import op

revision, down_revision = "grants", "newest"

# Ids of grants that are gone stand in the log; the first new one comes after them.
GO_ON = """
INSERT INTO sqlite_sequence (name, seq)
SELECT 'realms_cap_grant', coalesce(max(id), 0) FROM (
    SELECT id FROM realms_cap_grant
    UNION ALL SELECT CAST(entity_id AS INTEGER) FROM changes_change WHERE kind = 'capgrant'
)
"""


def upgrade() -> None:
    _rebuilt(once=True)


def downgrade() -> None:
    _rebuilt(once=False)


def _rebuilt(*, once: bool) -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    with op.batch_alter_table("realms_cap_grant", recreate="always", table_kwargs={"sqlite_autoincrement": once}):
        pass
    op.execute("DELETE FROM sqlite_sequence WHERE name IN ('realms_cap_grant', '_alembic_tmp_realms_cap_grant')")
    if once:
        op.execute(GO_ON)
