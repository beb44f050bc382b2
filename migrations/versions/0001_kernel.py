"""Accounts, realms and the change log."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision, down_revision = "kernel", None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
EXACT = sa.String().with_variant(sa.Text(collation="C"), "postgresql")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)

KEEP_SQLITE = (
    """CREATE TRIGGER changes_keep_update BEFORE UPDATE ON changes_change
    BEGIN SELECT RAISE(ABORT, 'the change log is append-only'); END""",
    """CREATE TRIGGER changes_keep_delete BEFORE DELETE ON changes_change WHEN OLD.verb <> 'run.advanced'
    BEGIN SELECT RAISE(ABORT, 'the change log is append-only'); END""",
)
KEEP_POSTGRESQL = (
    """ALTER TABLE changes_change ALTER COLUMN txid SET DEFAULT (pg_current_xact_id()::text::bigint)""",
    """CREATE FUNCTION changes_keep() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            IF OLD.verb = 'run.advanced' THEN RETURN OLD; END IF;
        END IF;
        RAISE EXCEPTION 'the change log is append-only';
    END $$""",
    """CREATE TRIGGER changes_keep_row BEFORE UPDATE OR DELETE ON changes_change
    FOR EACH ROW EXECUTE FUNCTION changes_keep()""",
    """CREATE TRIGGER changes_keep_all BEFORE TRUNCATE ON changes_change
    FOR EACH STATEMENT EXECUTE FUNCTION changes_keep()""",
)
TABLES = (
    "accounts_user",
    "accounts_sign_in_counter",
    "accounts_session",
    "realms_realm",
    "realms_slice",
    "realms_app",
    "realms_config",
    "realms_cap_grant",
    "realms_deactivated",
    "accounts_membership",
    "accounts_invitation",
    "accounts_api_key",
    "changes_change",
)


def upgrade() -> None:
    _accounts_user()
    _accounts_sign_in_counter()
    _accounts_session()
    _realms_realm()
    _realms_slice()
    _realms_app()
    _realms_config()
    _realms_cap_grant()
    _realms_deactivated()
    _accounts_membership()
    _accounts_invitation()
    _accounts_api_key()
    _changes_change()
    if op.get_bind().dialect.name == "postgresql":
        op.create_foreign_key(
            "fk_realms_realm_default_slice_id_realms_slice",
            "realms_realm",
            "realms_slice",
            ["default_slice_id"],
            ["id"],
        )
    for statement in KEEP_POSTGRESQL if op.get_bind().dialect.name == "postgresql" else KEEP_SQLITE:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("fk_realms_realm_default_slice_id_realms_slice", "realms_realm", type_="foreignkey")
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION changes_keep()")


def _accounts_user() -> None:
    op.create_table(
        "accounts_user",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.Enum("person", "service", name="userkind", native_enum=False, length=32), nullable=False),
        sa.Column("name", EXACT, nullable=False),
        sa.Column("display_name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=511), nullable=True),
        sa.Column("external_id", sa.String(length=511), nullable=True),
        sa.Column("first_name", sa.String(length=200), nullable=False),
        sa.Column("last_name", sa.String(length=200), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("attributes", JSON, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_user")),
        sa.UniqueConstraint("email", name=op.f("uq_accounts_user_email")),
        sa.UniqueConstraint("external_id", name=op.f("uq_accounts_user_external_id")),
        sa.UniqueConstraint("name", name=op.f("uq_accounts_user_name")),
    )


def _accounts_sign_in_counter() -> None:
    op.create_table(
        "accounts_sign_in_counter",
        sa.Column("key", EXACT, nullable=False),
        sa.Column("window_start", MOMENT, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_accounts_sign_in_counter")),
    )
    op.create_index(
        op.f("ix_accounts_sign_in_counter_window_start"), "accounts_sign_in_counter", ["window_start"], unique=False
    )


def _accounts_session() -> None:
    op.create_table(
        "accounts_session",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("remote_addr", sa.String(length=45), nullable=True),
        sa.Column("user_agent", sa.String(length=300), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts_user.id"], name=op.f("fk_accounts_session_user_id_accounts_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_accounts_session_token_hash")),
    )
    op.create_index("ix_accounts_session_owner", "accounts_session", ["user_id", "created_at", "id"], unique=False)


def _realms_realm() -> None:
    op.create_table(
        "realms_realm",
        sa.Column("id", BIG, nullable=False),
        sa.Column("shortname", sa.String(length=24), nullable=False),
        sa.Column("shortnamelc", sa.String(length=24), nullable=False),
        sa.Column("longname", sa.String(length=200), nullable=False),
        sa.Column("setby", sa.String(length=100), nullable=False),
        sa.Column("setat", MOMENT, nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("default_slice_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["default_slice_id"],
            ["realms_slice.id"],
            name="fk_realms_realm_default_slice_id_realms_slice",
            use_alter=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_realms_realm")),
        sa.UniqueConstraint("shortname", name=op.f("uq_realms_realm_shortname")),
        sa.UniqueConstraint("shortnamelc", name=op.f("uq_realms_realm_shortnamelc")),
    )


def _realms_slice() -> None:
    op.create_table(
        "realms_slice",
        sa.Column("realm_id", BIG, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.Column("descr", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("activateat", MOMENT, nullable=True),
        sa.Column("deactivateat", MOMENT, nullable=True),
        sa.Column("createdat", MOMENT, nullable=False),
        sa.Column("createdby", sa.String(length=100), nullable=False),
        sa.Column("editedat", MOMENT, nullable=True),
        sa.Column("editedby", sa.String(length=100), nullable=True),
        sa.Column("copied_from", BIG, nullable=True),
        sa.CheckConstraint("activateat IS NULL OR deactivateat IS NULL", name=op.f("ck_realms_slice_one_schedule")),
        sa.ForeignKeyConstraint(["realm_id"], ["realms_realm.id"], name=op.f("fk_realms_slice_realm_id_realms_realm")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_realms_slice")),
    )
    op.create_index("ix_realms_slice_realm_id_id", "realms_slice", ["realm_id", "id"], unique=False)


def _realms_app() -> None:
    op.create_table(
        "realms_app",
        sa.Column("realm_id", BIG, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.Column("shortname", sa.String(length=24), nullable=False),
        sa.Column("shortnamelc", sa.String(length=24), nullable=False),
        sa.Column("longname", sa.String(length=200), nullable=False),
        sa.Column("setby", sa.String(length=100), nullable=False),
        sa.Column("setat", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["realm_id"], ["realms_realm.id"], name=op.f("fk_realms_app_realm_id_realms_realm")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_realms_app")),
        sa.UniqueConstraint("realm_id", "shortnamelc", name=op.f("uq_realms_app_realm_id_shortnamelc")),
    )


def _realms_config() -> None:
    op.create_table(
        "realms_config",
        sa.Column("realm_id", BIG, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.Column("slice_id", BIG, nullable=True),
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("descr", EXACT, nullable=False),
        sa.Column("val", EXACT, nullable=True),
        sa.Column("ver", sa.Integer(), nullable=False),
        sa.Column("setby", sa.String(length=100), nullable=False),
        sa.Column("setat", MOMENT, nullable=False),
        sa.CheckConstraint("ver >= 1", name=op.f("ck_realms_config_ver_positive")),
        sa.ForeignKeyConstraint(["realm_id"], ["realms_realm.id"], name=op.f("fk_realms_config_realm_id_realms_realm")),
        sa.ForeignKeyConstraint(["slice_id"], ["realms_slice.id"], name=op.f("fk_realms_config_slice_id_realms_slice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_realms_config")),
        sa.UniqueConstraint("realm_id", "slice_id", "name", name=op.f("uq_realms_config_realm_id_slice_id_name")),
    )
    op.create_index(
        "uq_realms_config_realm_wide",
        "realms_config",
        ["realm_id", "name"],
        unique=True,
        sqlite_where=sa.text("slice_id IS NULL"),
        postgresql_where=sa.text("slice_id IS NULL"),
    )


def _realms_cap_grant() -> None:
    op.create_table(
        "realms_cap_grant",
        sa.Column("realm_id", BIG, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("app_id", BIG, nullable=True),
        sa.Column("cap", sa.String(length=40), nullable=False),
        sa.Column("from", MOMENT, nullable=True),
        sa.Column("to", MOMENT, nullable=True),
        sa.Column("setat", MOMENT, nullable=False),
        sa.Column("setby", sa.String(length=100), nullable=False),
        sa.CheckConstraint(
            '"to" IS NULL OR "from" IS NULL OR "to" > "from"', name=op.f("ck_realms_cap_grant_window_forwards")
        ),
        sa.ForeignKeyConstraint(["app_id"], ["realms_app.id"], name=op.f("fk_realms_cap_grant_app_id_realms_app")),
        sa.ForeignKeyConstraint(
            ["realm_id"], ["realms_realm.id"], name=op.f("fk_realms_cap_grant_realm_id_realms_realm")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts_user.id"], name=op.f("fk_realms_cap_grant_user_id_accounts_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_realms_cap_grant")),
        sa.UniqueConstraint(
            "realm_id", "user_id", "app_id", "cap", name=op.f("uq_realms_cap_grant_realm_id_user_id_app_id_cap")
        ),
    )
    op.create_index("ix_realms_cap_grant_cap", "realms_cap_grant", ["realm_id", "cap"], unique=False)
    op.create_index("ix_realms_cap_grant_setat", "realms_cap_grant", ["realm_id", "setat", "id"], unique=False)
    op.create_index("ix_realms_cap_grant_user_id", "realms_cap_grant", ["user_id"], unique=False)
    op.create_index(
        "uq_realms_cap_grant_realm_level",
        "realms_cap_grant",
        ["realm_id", "user_id", "cap"],
        unique=True,
        sqlite_where=sa.text("app_id IS NULL"),
        postgresql_where=sa.text("app_id IS NULL"),
    )


def _realms_deactivated() -> None:
    op.create_table(
        "realms_deactivated",
        sa.Column("realm_id", BIG, nullable=False),
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=True),
        sa.Column("deactby", sa.String(length=100), nullable=False),
        sa.Column("deactat", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["realm_id"], ["realms_realm.id"], name=op.f("fk_realms_deactivated_realm_id_realms_realm")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts_user.id"], name=op.f("fk_realms_deactivated_user_id_accounts_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_realms_deactivated")),
        sa.UniqueConstraint("realm_id", "user_id", name=op.f("uq_realms_deactivated_realm_id_user_id")),
    )
    op.create_index(
        "uq_realms_deactivated_realm",
        "realms_deactivated",
        ["realm_id"],
        unique=True,
        sqlite_where=sa.text("user_id IS NULL"),
        postgresql_where=sa.text("user_id IS NULL"),
    )


def _accounts_membership() -> None:
    op.create_table(
        "accounts_membership",
        sa.Column("realm_id", BIG, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column(
            "role",
            sa.Enum("provider", "customer", "operator", name="role", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("owner_kind", sa.String(length=32), nullable=False),
        sa.Column("owner_id", sa.String(length=40), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", sa.String(length=100), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("archived_at", MOMENT, nullable=True),
        sa.Column("archived_by", sa.String(length=100), nullable=True),
        sa.Column("archived_why", sa.String(length=500), nullable=True),
        sa.Column("archive_set", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(owner_kind = 'system') = (owner_id IS NULL)", name=op.f("ck_accounts_membership_owner_named")
        ),
        sa.ForeignKeyConstraint(
            ["realm_id"], ["realms_realm.id"], name=op.f("fk_accounts_membership_realm_id_realms_realm")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts_user.id"], name=op.f("fk_accounts_membership_user_id_accounts_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_membership")),
        sa.UniqueConstraint("realm_id", "user_id", name=op.f("uq_accounts_membership_realm_id_user_id")),
    )
    op.create_index(
        "ix_accounts_membership_newest", "accounts_membership", ["realm_id", "created_at", "id"], unique=False
    )
    op.create_index("ix_accounts_membership_user_id", "accounts_membership", ["user_id"], unique=False)


def _accounts_invitation() -> None:
    op.create_table(
        "accounts_invitation",
        sa.Column("realm_id", BIG, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=511), nullable=False),
        sa.Column(
            "role",
            sa.Enum("provider", "customer", "operator", name="role", native_enum=False, length=32),
            nullable=False,
        ),
        sa.Column("caps", JSON, nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.Column("invited_by", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["accounts_user.id"], name=op.f("fk_accounts_invitation_invited_by_accounts_user")
        ),
        sa.ForeignKeyConstraint(
            ["realm_id"], ["realms_realm.id"], name=op.f("fk_accounts_invitation_realm_id_realms_realm")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_accounts_invitation_token_hash")),
    )
    op.create_index(
        "ix_accounts_invitation_newest", "accounts_invitation", ["realm_id", "created_at", "id"], unique=False
    )


def _accounts_api_key() -> None:
    op.create_table(
        "accounts_api_key",
        sa.Column("realm_id", BIG, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("prefix", sa.String(length=11), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=True),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.Column("last_used_from", sa.String(length=45), nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["realm_id"], ["realms_realm.id"], name=op.f("fk_accounts_api_key_realm_id_realms_realm")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts_user.id"], name=op.f("fk_accounts_api_key_user_id_accounts_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts_api_key")),
        sa.UniqueConstraint("hash", name=op.f("uq_accounts_api_key_hash")),
    )
    op.create_index("ix_accounts_api_key_newest", "accounts_api_key", ["realm_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_accounts_api_key_owner", "accounts_api_key", ["realm_id", "user_id", "created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_accounts_api_key_user_id"), "accounts_api_key", ["user_id"], unique=False)


def _changes_change() -> None:
    op.create_table(
        "changes_change",
        sa.Column("id", BIG, nullable=False),
        sa.Column("realm_id", BIG, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", EXACT, nullable=False),
        sa.Column("via", sa.String(length=40), nullable=False),
        sa.Column("verb", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("entity_id", EXACT, nullable=False),
        sa.Column("label", sa.String(length=300), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("row", JSON, nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("remote_addr", sa.String(length=45), nullable=True),
        sa.Column("cause", sa.String(length=40), nullable=True),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("txid", sa.BigInteger(), server_default=sa.FetchedValue(), nullable=True),
        sa.ForeignKeyConstraint(
            ["realm_id"], ["realms_realm.id"], name=op.f("fk_changes_change_realm_id_realms_realm")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes_change")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_changes_change_at", "changes_change", ["realm_id", "at", "id"], unique=False)
    op.create_index(
        "ix_changes_change_entity", "changes_change", ["realm_id", "kind", "entity_id", "at", "id"], unique=False
    )
    op.create_index("ix_changes_change_kind", "changes_change", ["realm_id", "kind", "at", "id"], unique=False)
    op.create_index("ix_changes_change_request", "changes_change", ["realm_id", "request_id", "at", "id"], unique=False)
    op.create_index("ix_changes_change_verb", "changes_change", ["realm_id", "verb", "at", "id"], unique=False)
    op.create_index("ix_changes_change_who", "changes_change", ["realm_id", "who", "at", "id"], unique=False)
