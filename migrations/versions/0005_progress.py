"""Live progress: plans of jobs, tracked runs with their events, steps and logs, share links and badges."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "progress", "graph"

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
EXACT, TEXT = sa.String().with_variant(sa.Text(collation="C"), "postgresql"), sa.Text()
MOMENT = sa.DateTime(timezone=True)
TABLES = (
    "jobs_job_configuration",
    "jobs_step_configuration",
    "jobs_metadata_configuration",
    "jobs_event",
    "jobs_run_step",
    "jobs_run_tracking",
    "jobs_duration_stat",
    "jobs_log_chunk",
    "jobs_share_link",
    "jobs_badge",
    "accounts_idempotency_key",
)
JOB = (
    ("heartbeat_s", sa.Integer()),
    ("deadline_s", sa.Integer()),
    ("due_by", sa.String(5)),
    ("due_zone", sa.String(64)),
    ("metadata_check", sa.String(8)),
    ("archived_at", MOMENT),
    ("archived_by", sa.String(100)),
)
RUN = (
    ("provider_id", BIG, "accounts_user.id"),
    ("customer_id", BIG, "accounts_user.id"),
    ("job_configuration_id", BIG, "jobs_job_configuration.id"),
    ("progress", sa.Double()),
    ("progress_kind", sa.String(12)),
    ("step", sa.String(200)),
    ("silent_until", MOMENT),
    ("eta_at", MOMENT),
    ("eta_high_at", MOMENT),
    ("deadline_at", MOMENT),
    ("cancel_requested_at", MOMENT),
    ("cancel_requested_by", sa.String(100)),
    ("cancel_requested_why", sa.String(500)),
    ("ended_by", sa.String(100)),
    ("next_attempt", BIG),
    ("dismissed_at", MOMENT),
    ("dismissed_by", sa.String(100)),
    ("dismissed_why", sa.String(500)),
    ("archived_at", MOMENT),
    ("archived_by", sa.String(100)),
)
RUN_INDEXES = (
    ("uq_jobs_run_attempt", "provider_id external_id attempt", "provider_id"),
    ("ix_jobs_run_provider", "provider_id began_at number", "provider_id"),
    ("ix_jobs_run_customer", "customer_id began_at number", "customer_id"),
    ("ix_jobs_run_silent", "silent_until number", "silent_until"),
    ("ix_jobs_run_deadline", "deadline_at number", "deadline_at"),
)


def upgrade() -> None:
    _plans()
    for name, kind in JOB:
        op.add_column("jobs_job", _may(name, kind))
    for name, kind, *target in RUN:
        op.add_column("jobs_run", sa.Column(name, kind, *map(sa.ForeignKey, target)), inline_references=_on_sqlite())
    for name, columns, where in RUN_INDEXES:
        some = sa.text(f"{where} IS NOT NULL")
        unique = name.startswith("uq")
        wanted = ["realm_id", *columns.split()]
        op.create_index(name, "jobs_run", wanted, unique=unique, sqlite_where=some, postgresql_where=some)
    _tracking()
    _shown()


def downgrade() -> None:
    for name, *_ in RUN_INDEXES:
        op.drop_index(name, "jobs_run")
    for table in reversed(TABLES[3:]):
        op.drop_table(table)
    with op.batch_alter_table("jobs_run") as run:
        for name, *_ in RUN:
            run.drop_column(name)
    with op.batch_alter_table("jobs_job") as job:
        for name, _ in JOB:
            job.drop_column(name)
    for table in reversed(TABLES[:3]):
        op.drop_table(table)


def _plans() -> None:
    _table(
        "jobs_job_configuration",
        _key(),
        _has("job_id", BIG),
        _may("provider_id", BIG),
        _has("tag", EXACT),
        _has("name", sa.String(200)),
        _has("version", TEXT),
        _has("major", TEXT),
        _has("digest", sa.LargeBinary(16)),
        _has("content", sa.LargeBinary(16)),
        _has("created_at", MOMENT),
        _may("updated_at", MOMENT),
        _may("archived_at", MOMENT),
        _may("archived_by", sa.String(100)),
        _may("archived_why", sa.String(500)),
        _ref("job_id", "jobs_job.id"),
        _ref("provider_id", "accounts_user.id"),
    )
    _index("ix_jobs_job_configuration_job", "jobs_job_configuration", "realm_id job_id id")
    _index("ix_jobs_job_configuration_newest", "jobs_job_configuration", "realm_id id")
    _index("ix_jobs_job_configuration_tag", "jobs_job_configuration", "realm_id tag id")
    _unique("uq_jobs_job_configuration_digest", "jobs_job_configuration", "realm_id digest")
    _table(
        "jobs_step_configuration",
        _key(),
        _has("job_configuration_id", BIG),
        _has("tag", EXACT),
        _has("name", sa.String(200)),
        _has("points", BIG),
        _has("position", sa.Integer()),
        _has("required", sa.Boolean()),
        _has("created_at", MOMENT),
        _may("updated_at", MOMENT),
        _ref("job_configuration_id", "jobs_job_configuration.id"),
    )
    _unique("uq_jobs_step_configuration_tag", "jobs_step_configuration", "job_configuration_id tag")
    _table(
        "jobs_metadata_configuration",
        _key(),
        _has("step_configuration_id", BIG),
        _has("name", EXACT),
        _has("kind", sa.String(8)),
        _may("units", sa.String(50)),
        _has("private", sa.Boolean()),
        _has("position", sa.Integer()),
        _has("created_at", MOMENT),
        _may("updated_at", MOMENT),
        _ref("step_configuration_id", "jobs_step_configuration.id"),
    )
    _unique("uq_jobs_metadata_configuration_name", "jobs_metadata_configuration", "step_configuration_id name")


def _tracking() -> None:
    _table(
        "jobs_event",
        _key(),
        _has("run", BIG),
        _has("sequence", BIG),
        _has("kind", sa.String(8)),
        _may("state", sa.String(16)),
        _has("wire_kind", sa.String(40)),
        _has("name", sa.String(200)),
        _may("step", EXACT),
        _may("step_configuration_id", BIG),
        _may("event_metadata", TEXT),
        _may("fraction", sa.Double()),
        _may("progress", sa.Double()),
        _may("ends", sa.String(16)),
        _may("reason", sa.String(500)),
        _has("occurred_at", MOMENT),
        _has("received_at", MOMENT),
        _may("event_id", sa.String(200)),
        _may("updates", BIG),
        _has("flags", sa.String(40)),
        _may("by", sa.String(100)),
        _ref("run", "jobs_run.number"),
        _ref("step_configuration_id", "jobs_step_configuration.id"),
    )
    _index("ix_jobs_event_occurred", "jobs_event", "realm_id run occurred_at sequence")
    _index("ix_jobs_event_time", "jobs_event", "realm_id occurred_at id")
    _index("ix_jobs_event_updates", "jobs_event", "realm_id updates")
    _unique("uq_jobs_event_event_id", "jobs_event", "realm_id run event_id")
    _unique("uq_jobs_event_sequence", "jobs_event", "realm_id run sequence")
    _table(
        "jobs_run_step",
        _has("run", BIG),
        _has("tag", EXACT),
        _has("position", sa.Integer()),
        _has("state", sa.String(16)),
        _may("state_at", MOMENT),
        _may("state_sequence", BIG),
        _may("started_at", MOMENT),
        _may("ended_at", MOMENT),
        _may("fraction", sa.Double()),
        _has("is_done", sa.Boolean()),
        _may("event_metadata", TEXT),
        _ref("run", "jobs_run.number"),
        key=("run", "tag"),
    )
    _table(
        "jobs_run_tracking",
        _has("run", BIG),
        _has("sequence", BIG),
        _has("fold", TEXT),
        _has("points", TEXT),
        _has("gaps", TEXT),
        _has("told", sa.String(100)),
        _has("log_bytes", BIG),
        _ref("run", "jobs_run.number"),
        key=("run",),
    )
    _table(
        "jobs_duration_stat",
        _has("job_id", BIG),
        _has("major", EXACT),
        _has("runs", TEXT),
        _has("updated_at", MOMENT),
        _ref("job_id", "jobs_job.id"),
        key=("job_id", "major"),
    )
    _table(
        "jobs_log_chunk",
        _key(),
        _has("run", BIG),
        _has("offset", BIG),
        _has("size", sa.Integer()),
        _has("bytes", sa.LargeBinary()),
        _has("created_at", MOMENT),
        _ref("run", "jobs_run.number"),
    )
    _unique("uq_jobs_log_chunk_offset", "jobs_log_chunk", "realm_id run offset")


def _shown() -> None:
    _table(
        "jobs_share_link",
        _has("id", sa.Uuid()),
        _has("run", BIG),
        _has("token_hash", sa.LargeBinary()),
        sa.UniqueConstraint("token_hash"),
        _has("expires_at", MOMENT),
        _has("show_metadata", sa.Boolean()),
        _has("show_log", sa.Boolean()),
        _has("created_at", MOMENT),
        _has("created_by", sa.String(100)),
        _may("revoked_at", MOMENT),
        _has("opens", sa.Integer()),
        _may("opened_at", MOMENT),
        _may("opened_from", sa.String(45)),
        _ref("run", "jobs_run.number"),
    )
    _index("ix_jobs_share_link_run", "jobs_share_link", "realm_id run created_at id")
    _table(
        "jobs_badge",
        _has("id", sa.Uuid()),
        _may("run", BIG),
        _may("job_id", BIG),
        _has("token_hash", sa.LargeBinary()),
        sa.UniqueConstraint("token_hash"),
        _has("created_at", MOMENT),
        _has("created_by", sa.String(100)),
        _may("revoked_at", MOMENT),
        _ref("run", "jobs_run.number"),
        _ref("job_id", "jobs_job.id"),
    )
    _table(
        "accounts_idempotency_key",
        _has("id", sa.Uuid()),
        _has("user_id", BIG),
        _has("key", EXACT),
        _has("body", sa.LargeBinary(32)),
        _has("status", sa.Integer()),
        _has("answer", TEXT),
        _has("expires_at", MOMENT),
        _ref("user_id", "accounts_user.id"),
    )
    _index("ix_accounts_idempotency_key_expires", "accounts_idempotency_key", "realm_id expires_at")
    _unique("uq_accounts_idempotency_key", "accounts_idempotency_key", "realm_id user_id key")
    _index("ix_jobs_badge_job", "jobs_badge", "realm_id job_id created_at id")
    _index("ix_jobs_badge_run", "jobs_badge", "realm_id run created_at id")


def _table(
    name: str, *columns: "sa.Column | sa.ForeignKeyConstraint | sa.UniqueConstraint", key: tuple[str, ...] = ("id",)
) -> None:
    op.create_table(
        name,
        sa.Column("realm_id", BIG, nullable=False, autoincrement=False),
        *columns,
        sa.ForeignKeyConstraint(["realm_id"], ["realms_realm.id"], name=f"fk_{name}_realm_id_realms_realm"),
        sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"),
    )


def _ref(column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target])


def _key() -> sa.Column:
    return sa.Column("id", BIG, nullable=False)


def _has(name: str, kind: "sa.types.TypeEngine") -> sa.Column:
    return sa.Column(name, kind, nullable=False, autoincrement=False)


def _may(name: str, kind: "sa.types.TypeEngine") -> sa.Column:
    return sa.Column(name, kind, nullable=True)


def _index(name: str, table: str, columns: str) -> None:
    op.create_index(name, table, columns.split())


def _unique(name: str, table: str, columns: str) -> None:
    op.create_index(name, table, columns.split(), unique=True)


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"
