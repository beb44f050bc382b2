"""What makes the search fast: an FTS5 table beside ``lineage_search`` on SQLite, a GIN index on PostgreSQL.

Tokens are made in Python, so neither engine needs positions, prefixes or a language.
"""

from typing import Final

from sqlalchemy import DDL, event

from app.lineage.models.search import SearchEntry

TABLE: Final = "lineage_search_words"
INDEX: Final = "ix_lineage_search_words"
SQLITE: Final = (
    f"""CREATE VIRTUAL TABLE {TABLE} USING fts5(
        words, content='lineage_search', content_rowid='id', tokenize='ascii', detail='none')""",
    f"""CREATE TRIGGER lineage_search_added AFTER INSERT ON lineage_search BEGIN
        INSERT INTO {TABLE}(rowid, words) VALUES (new.id, new.words); END""",
    f"""CREATE TRIGGER lineage_search_removed AFTER DELETE ON lineage_search BEGIN
        INSERT INTO {TABLE}({TABLE}, rowid, words) VALUES ('delete', old.id, old.words); END""",
    f"""CREATE TRIGGER lineage_search_changed AFTER UPDATE OF words ON lineage_search BEGIN
        INSERT INTO {TABLE}({TABLE}, rowid, words) VALUES ('delete', old.id, old.words);
        INSERT INTO {TABLE}(rowid, words) VALUES (new.id, new.words); END""",
)
SQLITE_DOWN: Final = (
    *(f"DROP TRIGGER IF EXISTS lineage_search_{deed}" for deed in ("added", "removed", "changed")),
    f"DROP TABLE IF EXISTS {TABLE}",
)
# A function of its own: PostgreSQL takes to_tsvector for cheap and would rather read every document than the index.
POSTGRESQL: Final = (
    """CREATE OR REPLACE FUNCTION lineage_words(text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    COST 100000 AS $$ BEGIN RETURN to_tsvector('simple', $1); END $$""",
    f"CREATE INDEX {INDEX} ON lineage_search USING gin (lineage_words(words)) WITH (gin_pending_list_limit = 1024)",
)

for _statement in SQLITE:
    event.listen(
        SearchEntry.__table__,
        "after_create",
        DDL(_statement).execute_if(dialect="sqlite"),  # type: ignore[no-untyped-call]
    )
event.listen(
    SearchEntry.__table__,
    "before_drop",
    DDL(SQLITE_DOWN[-1]).execute_if(dialect="sqlite"),  # type: ignore[no-untyped-call]
)
for _statement in POSTGRESQL:
    event.listen(
        SearchEntry.__table__,
        "after_create",
        DDL(_statement).execute_if(dialect="postgresql"),  # type: ignore[no-untyped-call]
    )
