"""The row of the change log, and the triggers that keep it as it was written."""

from datetime import datetime
from typing import Any

from sqlalchemy import DDL, BigInteger, FetchedValue, ForeignKey, Index, String, event, text
from sqlalchemy.orm import Mapped, mapped_column

from app.changes.verbs import TRANSIENT
from app.db import Base, BigInt, BigKey, Exact, RealmScoped


class Change(RealmScoped, Base):
    """One change of one thing; ``id`` rises with time, ``fields`` are [{field, old, new}], ``row`` is a whole lost row.

    ``realm_id`` is null for accounts, which belong to the installation. ``txid`` is PostgreSQL's number of the
    transaction: in its order no row appears behind one that was read, as it may in the order of ids.
    """

    __tablename__ = "changes_change"
    __table_args__ = (
        Index("ix_changes_change_at", "realm_id", "at", "id"),
        Index("ix_changes_change_entity", "realm_id", "kind", "entity_id", "at", "id"),
        Index("ix_changes_change_kind", "realm_id", "kind", "at", "id"),
        Index("ix_changes_change_who", "realm_id", "who", "at", "id"),
        Index("ix_changes_change_verb", "realm_id", "verb", "at", "id"),
        Index("ix_changes_change_request", "realm_id", "request_id", "at", "id"),
        Index(
            "ix_changes_change_txid", "txid", "id",
            sqlite_where=text("txid IS NOT NULL"), postgresql_where=text("txid IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},
    )  # fmt: skip

    id: Mapped[BigKey]
    realm_id: Mapped[int | None] = mapped_column(BigInt, ForeignKey("realms_realm.id"))  # type: ignore[assignment]
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(Exact)
    via: Mapped[str] = mapped_column(String(40))
    verb: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[str] = mapped_column(Exact)
    label: Mapped[str] = mapped_column(String(300))
    fields: Mapped[list[Any]]
    row: Mapped[dict[str, Any] | None]
    request_id: Mapped[str | None] = mapped_column(String(64))
    remote_addr: Mapped[str | None] = mapped_column(String(45))
    cause: Mapped[str | None] = mapped_column(String(40))
    depth: Mapped[int] = mapped_column(default=0)
    txid: Mapped[int | None] = mapped_column(BigInteger, FetchedValue())


SQLITE = (
    """CREATE TRIGGER changes_keep_update BEFORE UPDATE ON changes_change
    BEGIN SELECT RAISE(ABORT, 'the change log is append-only'); END""",
    f"""CREATE TRIGGER changes_keep_delete BEFORE DELETE ON changes_change WHEN OLD.verb <> '{TRANSIENT}'
    BEGIN SELECT RAISE(ABORT, 'the change log is append-only'); END""",
)
POSTGRESQL = (
    """ALTER TABLE changes_change ALTER COLUMN txid SET DEFAULT (pg_current_xact_id()::text::bigint)""",
    f"""CREATE FUNCTION changes_keep() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            IF OLD.verb = '{TRANSIENT}' THEN RETURN OLD; END IF;
        END IF;
        RAISE EXCEPTION 'the change log is append-only';
    END $$""",
    """CREATE TRIGGER changes_keep_row BEFORE UPDATE OR DELETE ON changes_change
    FOR EACH ROW EXECUTE FUNCTION changes_keep()""",
    """CREATE TRIGGER changes_keep_all BEFORE TRUNCATE ON changes_change
    FOR EACH STATEMENT EXECUTE FUNCTION changes_keep()""",
)


def _escaped(statement: str) -> DDL:
    return DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]


for _statement in SQLITE:
    event.listen(Change.__table__, "after_create", _escaped(_statement).execute_if(dialect="sqlite"))
for _statement in POSTGRESQL:
    event.listen(Change.__table__, "after_create", _escaped(_statement).execute_if(dialect="postgresql"))
event.listen(
    Change.__table__,
    "after_drop",
    _escaped("DROP FUNCTION IF EXISTS changes_keep()").execute_if(dialect="postgresql"),
)
