"""The graph: pairs that ever met, rules, expectations, what is kept, and what people say."""

import json

import sqlalchemy as sa
from alembic import op

from app.lineage.store.columns import save_fields

revision, down_revision = "graph", "search"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT = sa.Text()
MOMENT = sa.DateTime(timezone=True)
TABLES = (
    "lineage_touch",
    "lineage_column_source",
    "lineage_graph_rule",
    "lineage_expectation",
    "lineage_lateness",
    "lineage_retention",
    "jobs_description",
    "lineage_schema_field",
    "lineage_field_use",
)
SQLITE_UP = (
    """CREATE TRIGGER lineage_edge_touches AFTER INSERT ON lineage_edge
    WHEN NOT EXISTS (SELECT 1 FROM lineage_touch t WHERE t.realm_id = NEW.realm_id AND t.dataset_id = NEW.dataset_id
    AND t.direction = NEW.direction AND t.job_id = NEW.job_id) BEGIN
    INSERT INTO lineage_touch (realm_id, dataset_id, direction, job_id)
    VALUES (NEW.realm_id, NEW.dataset_id, NEW.direction, NEW.job_id); END""",
    """CREATE TRIGGER lineage_column_edge_sources AFTER INSERT ON lineage_column_edge
    WHEN NOT EXISTS (SELECT 1 FROM lineage_column_source s WHERE s.realm_id = NEW.realm_id AND s.set_id = NEW.set_id
    AND s.dataset_id = NEW.dataset_id) BEGIN
    INSERT INTO lineage_column_source (realm_id, set_id, dataset_id, job_id, target_id)
    SELECT NEW.realm_id, NEW.set_id, NEW.dataset_id, c.job_id, c.dataset_id
    FROM lineage_column_set c WHERE c.id = NEW.set_id; END""",
    """CREATE TRIGGER lineage_column_edge_gone AFTER DELETE ON lineage_column_edge BEGIN
    DELETE FROM lineage_column_source WHERE realm_id = OLD.realm_id AND set_id = OLD.set_id; END""",
)
SQLITE_DOWN = (
    "DROP TRIGGER lineage_column_edge_gone",
    "DROP TRIGGER lineage_column_edge_sources",
    "DROP TRIGGER lineage_edge_touches",
)
POSTGRESQL_UP = (
    """CREATE FUNCTION lineage_touches() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO lineage_touch (realm_id, dataset_id, direction, job_id)
    SELECT DISTINCT n.realm_id, n.dataset_id, n.direction, n.job_id FROM fresh n
    ORDER BY 1, 2, 3, 4 ON CONFLICT DO NOTHING;
    RETURN NULL; END $$""",
    """CREATE TRIGGER lineage_edge_touches AFTER INSERT ON lineage_edge REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION lineage_touches()""",
    """CREATE FUNCTION lineage_column_sources() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO lineage_column_source (realm_id, set_id, dataset_id, job_id, target_id)
    SELECT DISTINCT n.realm_id, n.set_id, n.dataset_id, c.job_id, c.dataset_id
    FROM fresh n JOIN lineage_column_set c ON c.id = n.set_id ORDER BY 1, 2, 3 ON CONFLICT DO NOTHING;
    RETURN NULL; END $$""",
    """CREATE FUNCTION lineage_column_gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    DELETE FROM lineage_column_source s USING (SELECT DISTINCT realm_id, set_id FROM gone) g
    WHERE s.realm_id = g.realm_id AND s.set_id = g.set_id;
    RETURN NULL; END $$""",
    """CREATE TRIGGER lineage_column_edge_sources AFTER INSERT ON lineage_column_edge REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION lineage_column_sources()""",
    """CREATE TRIGGER lineage_column_edge_gone AFTER DELETE ON lineage_column_edge REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION lineage_column_gone()""",
)
POSTGRESQL_DOWN = (
    "DROP TRIGGER lineage_column_edge_gone ON lineage_column_edge",
    "DROP TRIGGER lineage_column_edge_sources ON lineage_column_edge",
    "DROP FUNCTION lineage_column_gone",
    "DROP FUNCTION lineage_column_sources",
    "DROP TRIGGER lineage_edge_touches ON lineage_edge",
    "DROP FUNCTION lineage_touches",
)


# PostgreSQL takes to_tsvector for cheap and would rather read every document than the index.
WORDS_UP = (
    "DROP INDEX ix_lineage_search_words",
    """CREATE FUNCTION lineage_words(text) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    COST 100000 AS $$ BEGIN RETURN to_tsvector('simple', $1); END $$""",
    """CREATE INDEX ix_lineage_search_words ON lineage_search USING gin (lineage_words(words))
    WITH (gin_pending_list_limit = 1024)""",
)
WORDS_DOWN = (
    "DROP INDEX ix_lineage_search_words",
    "DROP FUNCTION lineage_words(text)",
    "CREATE INDEX ix_lineage_search_words ON lineage_search USING gin (to_tsvector('simple', words))",
)


def upgrade() -> None:
    op.create_index("ix_lineage_edge_job_day", "lineage_edge", ["realm_id", "job_id", "day"])
    _kept()
    _said()
    _fields()
    op.execute(
        "INSERT INTO lineage_touch (realm_id, dataset_id, direction, job_id) "
        "SELECT DISTINCT realm_id, dataset_id, direction, job_id FROM lineage_edge"
    )
    op.execute(
        "INSERT INTO lineage_column_source (realm_id, set_id, dataset_id, job_id, target_id) "
        "SELECT DISTINCT e.realm_id, e.set_id, e.dataset_id, c.job_id, c.dataset_id "
        "FROM lineage_column_edge e JOIN lineage_column_set c ON c.id = e.set_id"
    )
    # Documents say more than before and in other tokens; the server writes them anew when it starts.
    op.execute("DELETE FROM lineage_search")
    for statement in SQLITE_UP if _on_sqlite() else (*POSTGRESQL_UP, *WORDS_UP):
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    for statement in SQLITE_DOWN if _on_sqlite() else (*WORDS_DOWN, *POSTGRESQL_DOWN):
        op.get_bind().exec_driver_sql(statement)
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_index("ix_lineage_dataset_schema_schema", "lineage_dataset_schema")
    op.drop_index("ix_lineage_edge_job_day", "lineage_edge")


def _kept() -> None:
    _table(
        "lineage_touch",
        sa.Column("dataset_id", BIG, nullable=False, autoincrement=False),
        sa.Column("direction", sa.String(8), nullable=False),
        sa.Column("job_id", BIG, nullable=False, autoincrement=False),
        sa.ForeignKeyConstraint(["dataset_id"], ["lineage_dataset.id"]),
        sa.ForeignKeyConstraint(["job_id"], ["jobs_job.id"]),
        key=("realm_id", "dataset_id", "direction", "job_id"),
    )
    op.create_index("ix_lineage_touch_job", "lineage_touch", ["realm_id", "job_id", "direction", "dataset_id"])
    _table(
        "lineage_column_source",
        sa.Column("set_id", BIG, nullable=False, autoincrement=False),
        sa.Column("dataset_id", BIG, nullable=False, autoincrement=False),
        sa.Column("job_id", BIG, nullable=False),
        sa.Column("target_id", BIG, nullable=False),
        key=("realm_id", "set_id", "dataset_id"),
    )
    source = ["realm_id", "dataset_id", "job_id", "target_id"]
    op.create_index("ix_lineage_column_source_source", "lineage_column_source", source)
    op.create_index("ix_lineage_column_source_job", "lineage_column_source", ["realm_id", "job_id", "target_id"])
    _table(
        "lineage_retention",
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("kept_from", sa.Date(), nullable=False),
        sa.Column("ran_at", MOMENT, nullable=False),
        sa.Column("removed", BIG, nullable=False),
        key=("realm_id", "what"),
    )
    _table(
        "lineage_lateness",
        sa.Column("dataset_id", BIG, nullable=False, autoincrement=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["dataset_id"], ["lineage_dataset.id"]),
        key=("realm_id", "dataset_id"),
    )


def _said() -> None:
    _table(
        "lineage_graph_rule",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("pattern", TEXT, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_lineage_graph_rule_kind", "lineage_graph_rule", ["realm_id", "kind", "position", "id"])
    _table(
        "lineage_expectation",
        sa.Column("id", BIG, nullable=False),
        sa.Column("dataset_id", BIG, nullable=False),
        sa.Column("every_s", BIG, nullable=True),
        sa.Column("by", sa.String(5), nullable=True),
        sa.Column("zone", sa.String(64), nullable=True),
        sa.Column("min_rows", BIG, nullable=True),
        sa.Column("set_by", sa.String(100), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["dataset_id"], ["lineage_dataset.id"]),
    )
    op.create_index("uq_lineage_expectation_dataset", "lineage_expectation", ["realm_id", "dataset_id"], unique=True)
    _table(
        "jobs_description",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("entity_id", BIG, nullable=False),
        sa.Column("column", TEXT, nullable=True),
        sa.Column("text", TEXT, nullable=False),
        sa.Column("said_by", sa.String(100), nullable=False),
        sa.Column("said_at", MOMENT, nullable=False),
    )
    op.create_index("ix_jobs_description_entity", "jobs_description", ["realm_id", "kind", "entity_id"])


def _fields() -> None:
    op.create_index(
        "ix_lineage_dataset_schema_schema", "lineage_dataset_schema", ["realm_id", "schema_id", "dataset_id"]
    )
    _table(
        "lineage_schema_field",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("sort_name", sa.String().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("type", TEXT, nullable=True),
        sa.Column("digest", sa.LargeBinary(16), nullable=False),
    )
    op.create_index("uq_lineage_schema_field_digest", "lineage_schema_field", ["realm_id", "digest"], unique=True)
    op.create_index("ix_lineage_schema_field_sort", "lineage_schema_field", ["realm_id", "sort_name", "id"])
    _table(
        "lineage_field_use",
        sa.Column("field_id", BIG, nullable=False, autoincrement=False),
        sa.Column("schema_id", BIG, nullable=False, autoincrement=False),
        sa.ForeignKeyConstraint(["field_id"], ["lineage_schema_field.id"]),
        sa.ForeignKeyConstraint(["schema_id"], ["lineage_schema.id"]),
        key=("realm_id", "field_id", "schema_id"),
    )
    op.create_index("ix_lineage_field_use_schema", "lineage_field_use", ["realm_id", "schema_id"])
    _fill_fields()


def _fill_fields() -> None:
    connection = op.get_bind()
    schemas: dict[int, dict[int, list[object]]] = {}
    for row in connection.execute(sa.text("SELECT id, realm_id, fields FROM lineage_schema")):
        schemas.setdefault(row.realm_id, {})[row.id] = json.loads(row.fields)
    for realm_id, found in schemas.items():
        save_fields(connection, realm_id, found)


def _table(name: str, *columns: "sa.Column | sa.ForeignKeyConstraint", key: tuple[str, ...] = ("id",)) -> None:
    op.create_table(
        name,
        sa.Column("realm_id", BIG, nullable=False, autoincrement=False),
        *columns,
        sa.ForeignKeyConstraint(["realm_id"], ["realms_realm.id"], name=f"fk_{name}_realm_id_realms_realm"),
        sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"),
    )


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
