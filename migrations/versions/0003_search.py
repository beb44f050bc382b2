"""Make search by words fast: FTS5 beside the search documents on SQLite, a GIN index on PostgreSQL."""

from alembic import op

revision, down_revision = "search", "lineage"

SQLITE_UP = (
    """CREATE VIRTUAL TABLE lineage_search_words USING fts5(
    words, content='lineage_search', content_rowid='id', tokenize='ascii', detail='none')""",
    """CREATE TRIGGER lineage_search_added AFTER INSERT ON lineage_search BEGIN
    INSERT INTO lineage_search_words(rowid, words) VALUES (new.id, new.words); END""",
    """CREATE TRIGGER lineage_search_removed AFTER DELETE ON lineage_search BEGIN
    INSERT INTO lineage_search_words(lineage_search_words, rowid, words) VALUES ('delete', old.id, old.words); END""",
    """CREATE TRIGGER lineage_search_changed AFTER UPDATE OF words ON lineage_search BEGIN
    INSERT INTO lineage_search_words(lineage_search_words, rowid, words) VALUES ('delete', old.id, old.words);
    INSERT INTO lineage_search_words(rowid, words) VALUES (new.id, new.words); END""",
    "INSERT INTO lineage_search_words(lineage_search_words) VALUES ('rebuild')",
)
SQLITE_DOWN = (
    "DROP TRIGGER lineage_search_changed",
    "DROP TRIGGER lineage_search_removed",
    "DROP TRIGGER lineage_search_added",
    "DROP TABLE lineage_search_words",
)
POSTGRESQL_UP = ("CREATE INDEX ix_lineage_search_words ON lineage_search USING gin (to_tsvector('simple', words))",)
POSTGRESQL_DOWN = ("DROP INDEX ix_lineage_search_words",)


def upgrade() -> None:
    for statement in SQLITE_UP if _on_sqlite() else POSTGRESQL_UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in SQLITE_DOWN if _on_sqlite() else POSTGRESQL_DOWN:
        op.get_bind().exec_driver_sql(statement)


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
