"""Locations, jobs with their runs, and lineage."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "lineage", "kernel"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
EXACT = sa.String().with_variant(sa.Text(collation="C"), "postgresql")
TEXT = sa.Text()
MOMENT = sa.DateTime(timezone=True)
TABLES = (
    "locations_location",
    "locations_address",
    "jobs_facet",
    "jobs_facet_body",
    "jobs_owner",
    "jobs_tag",
    "jobs_job",
    "jobs_runner",
    "jobs_dependency",
    "jobs_run",
    "jobs_run_detail",
    "jobs_run_job",
    "lineage_schema",
    "lineage_storage",
    "lineage_dataset",
    "lineage_dataset_schema",
    "lineage_edge",
    "lineage_interaction",
    "lineage_operation",
    "lineage_symlink",
    "lineage_claim",
    "lineage_import",
    "lineage_intake",
    "lineage_raw_event",
    "lineage_rejection",
    "lineage_search",
    "lineage_assertion",
    "lineage_column_set",
    "lineage_metric",
    "lineage_assertion_result",
    "lineage_column_edge",
)


def upgrade() -> None:
    _locations()
    _jobs()
    _things()
    _reports()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _table(name: str, *columns: "sa.Column | sa.ForeignKeyConstraint", key: tuple[str, ...] = ("id",)) -> None:
    op.create_table(
        name,
        sa.Column("realm_id", BIG, nullable=False, autoincrement=False),
        *columns,
        sa.ForeignKeyConstraint(["realm_id"], ["realms_realm.id"], name=f"fk_{name}_realm_id_realms_realm"),
        sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"),
    )


def _ref(column: str, target: str, *, late: bool = False) -> sa.ForeignKeyConstraint:
    when = {"initially": "DEFERRED", "deferrable": True} if late else {}
    return sa.ForeignKeyConstraint([column], [target], **when)


def _key(name: str = "id") -> sa.Column:
    return sa.Column(name, BIG, nullable=False)


def _has(name: str, kind: "sa.types.TypeEngine") -> sa.Column:
    return sa.Column(name, kind, nullable=False, autoincrement=False)


def _may(name: str, kind: "sa.types.TypeEngine") -> sa.Column:
    return sa.Column(name, kind, nullable=True)


def _index(name: str, table: str, columns: str) -> None:
    op.create_index(name, table, columns.split())


def _unique(name: str, table: str, columns: str) -> None:
    op.create_index(name, table, columns.split(), unique=True)


def _locations() -> None:
    _table(
        "locations_location",
        _key(),
        _has("type", sa.String(64)),
        _has("name", TEXT),
        _has("sort_name", EXACT),
        _has("digest", sa.LargeBinary(16)),
        _has("external_id", sa.String(200)),
        _may("merged_into_id", BIG),
        _has("created_at", MOMENT),
        _ref("merged_into_id", "locations_location.id"),
    )
    _index("ix_locations_location_merged_into_id", "locations_location", "merged_into_id")
    _index("ix_locations_location_sort", "locations_location", "realm_id sort_name id")
    _unique("uq_locations_location_digest", "locations_location", "realm_id digest")
    _table(
        "locations_address",
        _key(),
        _has("location_id", BIG),
        _has("url", TEXT),
        _has("digest", sa.LargeBinary(16)),
        _ref("location_id", "locations_location.id"),
    )
    _index("ix_locations_address_location_id", "locations_address", "location_id")
    _unique("uq_locations_address_digest", "locations_address", "realm_id digest")


def _jobs() -> None:
    _table(
        "jobs_facet",
        _key(),
        _has("kind", sa.String(16)),
        _has("entity_id", BIG),
        _has("name", EXACT),
        _has("digest", sa.LargeBinary(16)),
        _has("deleted", sa.Boolean()),
        _has("first_at", MOMENT),
        _has("last_at", MOMENT),
    )
    _unique("uq_jobs_facet_version", "jobs_facet", "realm_id kind entity_id name digest")
    _table(
        "jobs_facet_body",
        _key(),
        _has("digest", sa.LargeBinary(16)),
        _has("body", TEXT),
    )
    _unique("uq_jobs_facet_body_digest", "jobs_facet_body", "realm_id digest")
    _table(
        "jobs_owner",
        _key(),
        _has("kind", sa.String(16)),
        _has("entity_id", BIG),
        _has("name", EXACT),
        _may("type", sa.String(200)),
        _has("source", sa.String(200)),
    )
    _index("ix_jobs_owner_entity", "jobs_owner", "realm_id kind entity_id")
    _index("ix_jobs_owner_name", "jobs_owner", "realm_id kind name entity_id")
    _table(
        "jobs_tag",
        _key(),
        _has("kind", sa.String(16)),
        _has("entity_id", BIG),
        _may("column", TEXT),
        _has("key", EXACT),
        _may("value", TEXT),
        _has("source", sa.String(200)),
    )
    _index("ix_jobs_tag_entity", "jobs_tag", "realm_id kind entity_id")
    _index("ix_jobs_tag_key", "jobs_tag", "realm_id kind key entity_id")
    _table(
        "jobs_job",
        _key(),
        _has("location_id", BIG),
        _has("namespace", TEXT),
        _has("name", TEXT),
        _has("sort_name", EXACT),
        _has("digest", sa.LargeBinary(16)),
        _may("type", sa.String(64)),
        _may("integration", sa.String(64)),
        _may("processing_type", sa.String(32)),
        _has("role", sa.String(8)),
        _has("origin", sa.String(16)),
        _may("description", TEXT),
        _may("parent_job_id", BIG),
        _has("facets", TEXT),
        _may("static_at", MOMENT),
        _may("static_event", BIG),
        _has("runs", sa.Integer()),
        _may("last_run_at", MOMENT),
        _may("last_run", BIG),
        _has("created_at", MOMENT),
        _ref("location_id", "locations_location.id"),
        _ref("parent_job_id", "jobs_job.id", late=True),
    )
    _index("ix_jobs_job_last_run_at", "jobs_job", "realm_id last_run_at id")
    _index("ix_jobs_job_location", "jobs_job", "realm_id location_id id")
    _index("ix_jobs_job_parent", "jobs_job", "realm_id parent_job_id")
    _index("ix_jobs_job_sort_name", "jobs_job", "realm_id sort_name id")
    _unique("uq_jobs_job_digest", "jobs_job", "realm_id digest")
    _table(
        "jobs_runner",
        _key(),
        _has("location_id", BIG),
        _has("type", sa.String(200)),
        _may("version", sa.String(200)),
        _may("adapter_version", sa.String(200)),
        _has("digest", sa.LargeBinary(16)),
        _ref("location_id", "locations_location.id"),
    )
    _unique("uq_jobs_runner_digest", "jobs_runner", "realm_id digest")
    _table(
        "jobs_dependency",
        _key(),
        _has("from_job_id", BIG),
        _has("to_job_id", BIG),
        _has("type", sa.String(64)),
        _may("rules", TEXT),
        _has("first_at", MOMENT),
        _has("last_at", MOMENT),
        _ref("from_job_id", "jobs_job.id"),
        _ref("to_job_id", "jobs_job.id"),
    )
    _index("ix_jobs_dependency_to", "jobs_dependency", "realm_id to_job_id")
    _unique("uq_jobs_dependency_pair", "jobs_dependency", "realm_id from_job_id to_job_id type")
    _table(
        "jobs_run",
        _key("number"),
        _has("id", sa.Uuid()),
        _has("reported_id", TEXT),
        _has("digest", sa.LargeBinary(16)),
        _has("job_id", BIG),
        _may("runner_id", BIG),
        _has("status", sa.String(16)),
        _has("role", sa.String(8)),
        _has("origin", sa.String(16)),
        _may("name", TEXT),
        _may("external_id", sa.String(200)),
        _may("parent_run", BIG),
        _may("root_run", BIG),
        _may("attempt", sa.Integer()),
        _may("description", TEXT),
        _may("log_url", TEXT),
        _may("started_by_user_id", BIG),
        _may("started_by_name", sa.String(200)),
        _may("integration", sa.String(64)),
        _may("job_type", sa.String(64)),
        _may("processing_type", sa.String(32)),
        _has("began_at", MOMENT),
        _may("started_at", MOMENT),
        _may("ended_at", MOMENT),
        _may("ended_reason", sa.String(500)),
        _may("nominal_start_at", MOMENT),
        _may("nominal_end_at", MOMENT),
        _may("first_event_at", MOMENT),
        _may("last_event_at", MOMENT),
        _may("last_event", BIG),
        _may("end_event", BIG),
        _has("last_seen_at", MOMENT),
        _ref("job_id", "jobs_job.id"),
        _ref("parent_run", "jobs_run.number", late=True),
        _ref("runner_id", "jobs_runner.id"),
        _ref("started_by_user_id", "accounts_user.id"),
        key=("number",),
    )
    _index("ix_jobs_run_began", "jobs_run", "realm_id role began_at number")
    _index("ix_jobs_run_external", "jobs_run", "realm_id external_id")
    _index("ix_jobs_run_job", "jobs_run", "realm_id job_id began_at number")
    _index("ix_jobs_run_number", "jobs_run", "realm_id number")
    _index("ix_jobs_run_parent", "jobs_run", "realm_id parent_run")
    _index("ix_jobs_run_status", "jobs_run", "realm_id status role began_at number")
    _unique("uq_jobs_run_digest", "jobs_run", "realm_id digest")
    _unique("uq_jobs_run_id", "jobs_run", "id")
    _table(
        "jobs_run_detail",
        _has("run", BIG),
        _has("facets", TEXT),
        _has("events", TEXT),
        _ref("run", "jobs_run.number"),
        key=("run",),
    )
    _table(
        "jobs_run_job",
        _has("run", BIG),
        _has("job_id", BIG),
        _has("first_at", MOMENT),
        _has("last_at", MOMENT),
        _ref("job_id", "jobs_job.id"),
        _ref("run", "jobs_run.number"),
        key=("run", "job_id"),
    )
    _index("ix_jobs_run_job_job", "jobs_run_job", "realm_id job_id run")


def _things() -> None:
    _table(
        "lineage_schema",
        _key(),
        _has("digest", sa.Uuid()),
        _has("fields", TEXT),
    )
    _unique("uq_lineage_schema_digest", "lineage_schema", "realm_id digest")
    _table(
        "lineage_storage",
        _key(),
        _has("location_id", BIG),
        _may("name", TEXT),
        _has("digest", sa.LargeBinary(16)),
        _ref("location_id", "locations_location.id"),
    )
    _index("ix_lineage_storage_location_id", "lineage_storage", "location_id")
    _unique("uq_lineage_storage_digest", "lineage_storage", "realm_id digest")
    _table(
        "lineage_dataset",
        _key(),
        _has("storage_id", BIG),
        _has("namespace", TEXT),
        _has("name", TEXT),
        _has("label", TEXT),
        _has("sort_name", EXACT),
        _has("digest", sa.LargeBinary(16)),
        _may("format", sa.String(100)),
        _may("type", sa.String(64)),
        _may("alias_for_dataset_id", BIG),
        _has("pinned", sa.Boolean()),
        _has("origin", sa.String(16)),
        _has("roles", sa.String(40)),
        _may("description", TEXT),
        _has("facets", TEXT),
        _has("io_facets", TEXT),
        _may("lifecycle", sa.String(32)),
        _may("version", TEXT),
        _may("schema_id", BIG),
        _may("schema_at", MOMENT),
        _may("last_written_at", MOMENT),
        _may("last_written_run", BIG),
        _may("last_read_at", MOMENT),
        _has("quality", sa.String(8)),
        _has("created_at", MOMENT),
        _ref("alias_for_dataset_id", "lineage_dataset.id", late=True),
        _ref("storage_id", "lineage_storage.id"),
    )
    _index("ix_lineage_dataset_alias", "lineage_dataset", "realm_id alias_for_dataset_id")
    _index("ix_lineage_dataset_sort_name", "lineage_dataset", "realm_id sort_name id")
    _index("ix_lineage_dataset_storage", "lineage_dataset", "realm_id storage_id id")
    _index("ix_lineage_dataset_written", "lineage_dataset", "realm_id last_written_at id")
    _unique("uq_lineage_dataset_digest", "lineage_dataset", "realm_id digest")
    _table(
        "lineage_dataset_schema",
        _key(),
        _has("dataset_id", BIG),
        _has("direction", sa.String(8)),
        _may("schema_id", BIG),
        _has("first_at", MOMENT),
        _has("first_event", BIG),
        _has("last_at", MOMENT),
        _has("last_event", BIG),
        _may("last_run", BIG),
        _ref("dataset_id", "lineage_dataset.id"),
        _ref("schema_id", "lineage_schema.id"),
    )
    _index("ix_lineage_dataset_schema_dataset", "lineage_dataset_schema", "realm_id dataset_id direction")
    _table(
        "lineage_edge",
        _has("job_id", BIG),
        _has("dataset_id", BIG),
        _has("direction", sa.String(8)),
        _has("type", sa.String(16)),
        _has("day", sa.Date()),
        _has("runs", sa.Integer()),
        _has("rows", BIG),
        _has("bytes", BIG),
        _has("files", BIG),
        _ref("dataset_id", "lineage_dataset.id"),
        _ref("job_id", "jobs_job.id"),
        key=("realm_id", "job_id", "dataset_id", "direction", "type", "day"),
    )
    _index("ix_lineage_edge_dataset", "lineage_edge", "realm_id dataset_id direction day")
    _table(
        "lineage_interaction",
        _has("id", sa.Uuid()),
        _has("operation", BIG),
        _has("job_id", BIG),
        _has("dataset_id", BIG),
        _has("direction", sa.String(8)),
        _has("type", sa.String(16)),
        _has("types", sa.String(128)),
        _has("lifecycle", sa.String(128)),
        _has("started_at", MOMENT),
        _may("ended_at", MOMENT),
        _may("schema_id", BIG),
        _may("schema_at", MOMENT),
        _may("connect_as_user_id", BIG),
        _may("connect_as_name", sa.String(200)),
        _may("num_bytes", BIG),
        _may("num_rows", BIG),
        _may("num_files", BIG),
        _may("counted_on", sa.Date()),
        _has("days", TEXT),
        _may("condition", TEXT),
        _ref("connect_as_user_id", "accounts_user.id"),
        _ref("dataset_id", "lineage_dataset.id"),
        _ref("job_id", "jobs_job.id"),
        _ref("operation", "jobs_run.number"),
    )
    _index("ix_lineage_interaction_dataset", "lineage_interaction", "realm_id dataset_id direction started_at id")
    _unique("uq_lineage_interaction_what", "lineage_interaction", "realm_id operation job_id dataset_id direction")
    _table(
        "lineage_operation",
        _has("number", BIG),
        _has("id", sa.Uuid()),
        _has("run", BIG),
        _has("status", sa.String(16)),
        _has("name", TEXT),
        _has("type", sa.String(16)),
        _may("description", TEXT),
        _has("started_at", MOMENT),
        _may("ended_at", MOMENT),
        _may("position", sa.Integer()),
        _may("group", TEXT),
        _may("sql", TEXT),
        _may("statement_kind", sa.String(32)),
        _ref("number", "jobs_run.number"),
        _ref("run", "jobs_run.number"),
        key=("number",),
    )
    _index("ix_lineage_operation_run", "lineage_operation", "realm_id run position number")
    _index("ix_lineage_operation_started", "lineage_operation", "realm_id started_at number")
    _unique("uq_lineage_operation_id", "lineage_operation", "id")
    _table(
        "lineage_symlink",
        _key(),
        _has("dataset_id", BIG),
        _has("other_id", BIG),
        _has("type", sa.String(64)),
        _has("first_at", MOMENT),
        _has("last_at", MOMENT),
        _may("suppressed_at", MOMENT),
        _may("suppressed_by", sa.String(100)),
        _may("suppressed_why", TEXT),
        _ref("dataset_id", "lineage_dataset.id"),
        _ref("other_id", "lineage_dataset.id"),
    )
    _index("ix_lineage_symlink_other", "lineage_symlink", "realm_id other_id")
    _unique("uq_lineage_symlink_pair", "lineage_symlink", "realm_id dataset_id other_id type")


def _reports() -> None:
    _table(
        "lineage_claim",
        _key(),
        _has("evidence", sa.String(16)),
        _has("source", sa.String(40)),
        _has("from_kind", sa.String(8)),
        _has("from_id", BIG),
        _has("from_column", EXACT),
        _has("to_kind", sa.String(8)),
        _has("to_id", BIG),
        _has("to_column", EXACT),
        _has("kinds", TEXT),
        _has("first_at", MOMENT),
        _has("last_at", MOMENT),
        _has("last_event", BIG),
    )
    _index("ix_lineage_claim_from", "lineage_claim", "realm_id from_kind from_id")
    _index("ix_lineage_claim_to", "lineage_claim", "realm_id to_kind to_id")
    _unique(
        "uq_lineage_claim_pair",
        "lineage_claim",
        "realm_id evidence source from_kind from_id from_column to_kind to_id to_column",
    )
    _table(
        "lineage_import",
        _key(),
        _has("name", TEXT),
        _has("fingerprint", sa.String(64)),
        _has("size", BIG),
        _has("offset", BIG),
        _has("position", BIG),
        _has("accepted", BIG),
        _has("duplicates", BIG),
        _has("rejected", BIG),
        _has("first_rejected", TEXT),
        _has("state", sa.String(16)),
        _may("error", TEXT),
        _may("spooled", TEXT),
        _may("lease_until", MOMENT),
        _has("created_by", sa.String(100)),
        _has("created_at", MOMENT),
        _has("updated_at", MOMENT),
    )
    _index("ix_lineage_import_created", "lineage_import", "realm_id created_at id")
    _index("ix_lineage_import_fingerprint", "lineage_import", "realm_id fingerprint")
    _table(
        "lineage_intake",
        _has("hour", MOMENT),
        _has("source", sa.String(8)),
        _has("key", sa.String(16)),
        _has("producer", sa.String(200)),
        _has("accepted", BIG),
        _has("duplicates", BIG),
        _has("rejected", BIG),
        _has("lag", BIG),
        _has("bytes", BIG),
        key=("realm_id", "hour", "source", "key", "producer"),
    )
    _table(
        "lineage_raw_event",
        _key(),
        _has("digest", sa.LargeBinary(32)),
        _has("received_at", MOMENT),
        _has("event_time", MOMENT),
        _has("kind", sa.String(8)),
        _may("event_type", sa.String(64)),
        _may("run", BIG),
        _may("job_id", BIG),
        _may("dataset_id", BIG),
        _has("source", sa.String(8)),
        _may("source_ref", TEXT),
        _may("key", sa.String(16)),
        _may("producer", TEXT),
        _has("size", sa.Integer()),
        _has("body", TEXT),
    )
    _index("ix_lineage_raw_event_received", "lineage_raw_event", "realm_id received_at id")
    _index("ix_lineage_raw_event_run", "lineage_raw_event", "realm_id run id")
    _unique("uq_lineage_raw_event_digest", "lineage_raw_event", "realm_id digest")
    _table(
        "lineage_rejection",
        _key(),
        _has("received_at", MOMENT),
        _has("source", sa.String(8)),
        _may("source_ref", TEXT),
        _may("key", sa.String(16)),
        _has("code", sa.String(32)),
        _has("path", TEXT),
        _has("detail", TEXT),
        _has("body", TEXT),
        _has("size", sa.Integer()),
        _has("cut", sa.Boolean()),
        _may("replayed_at", MOMENT),
        _may("replayed_event", BIG),
    )
    _index("ix_lineage_rejection_received", "lineage_rejection", "realm_id received_at id")
    _table(
        "lineage_search",
        _key(),
        _has("kind", sa.String(16)),
        _has("entity_id", BIG),
        _has("name", TEXT),
        _has("words", TEXT),
    )
    _unique("uq_lineage_search_entity", "lineage_search", "realm_id kind entity_id")
    _table(
        "lineage_assertion",
        _key(),
        _has("dataset_id", BIG),
        _may("column", TEXT),
        _has("name", TEXT),
        _may("params", TEXT),
        _has("severity", sa.String(16)),
        _has("digest", sa.LargeBinary(16)),
        _ref("dataset_id", "lineage_dataset.id"),
    )
    _unique("uq_lineage_assertion_digest", "lineage_assertion", "realm_id dataset_id digest")
    _table(
        "lineage_column_set",
        _key(),
        _has("job_id", BIG),
        _has("dataset_id", BIG),
        _has("digest", sa.LargeBinary(16)),
        _has("edges_of", BIG),
        _has("first_at", MOMENT),
        _has("first_event", BIG),
        _has("last_at", MOMENT),
        _has("last_event", BIG),
        _ref("dataset_id", "lineage_dataset.id"),
    )
    _index("ix_lineage_column_set_output", "lineage_column_set", "realm_id dataset_id job_id")
    _table(
        "lineage_metric",
        _key(),
        _has("dataset_id", BIG),
        _has("run", BIG),
        _has("at", MOMENT),
        _has("event", BIG),
        _may("row_count", BIG),
        _may("bytes", BIG),
        _has("columns", TEXT),
        _ref("dataset_id", "lineage_dataset.id"),
    )
    _unique("uq_lineage_metric_run", "lineage_metric", "realm_id dataset_id run")
    _table(
        "lineage_assertion_result",
        _key(),
        _has("assertion_id", BIG),
        _has("run", BIG),
        _has("success", sa.Boolean()),
        _has("severity", sa.String(16)),
        _may("expected", TEXT),
        _may("actual", TEXT),
        _has("at", MOMENT),
        _has("event", BIG),
        _ref("assertion_id", "lineage_assertion.id"),
    )
    _index("ix_lineage_assertion_result_at", "lineage_assertion_result", "realm_id assertion_id at event")
    _unique("uq_lineage_assertion_result_run", "lineage_assertion_result", "realm_id assertion_id run")
    _table(
        "lineage_column_edge",
        _key(),
        _has("set_id", BIG),
        _may("output_column", TEXT),
        _has("dataset_id", BIG),
        _has("column", EXACT),
        _has("kinds", TEXT),
        _ref("dataset_id", "lineage_dataset.id"),
        _ref("set_id", "lineage_column_set.id"),
    )
    _index("ix_lineage_column_edge_input", "lineage_column_edge", "realm_id dataset_id column")
    _index("ix_lineage_column_edge_set", "lineage_column_edge", "realm_id set_id")
