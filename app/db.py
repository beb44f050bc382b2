"""The database: base class, shared column types, engine set-up, and the guard that keeps realms apart."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from threading import Lock
from time import monotonic
from typing import Annotated, Any, ClassVar
from uuid import UUID

from flask import current_app
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Engine,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    mapped_column,
    with_loader_criteria,
)
from uuid_utils.compat import uuid7

from app.driver import run

NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def utcnow() -> datetime:
    """Return the present moment with its zone."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC to the microsecond; a value without zone is refused, so no local time slips in."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """Return what values are; without it cursors of lists could not read them back."""
        return datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn the moment into UTC; SQLite keeps it without zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time needs a zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the moment back in UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigInt = BigInteger().with_variant(Integer, "sqlite")
Json = JSON().with_variant(JSONB, "postgresql")
# Names compare by code point on both databases.
Exact = String().with_variant(Text(collation="C"), "postgresql")


def newest_first(name: str, column: str) -> Index:
    """Return the index of PostgreSQL for a list from a realm's newest to those without a time.

    SQLite reads its index of the same columns backwards for that; PostgreSQL's would begin with the empty ones.
    """
    order = (text(f"{column} DESC NULLS LAST"), text("id DESC"))
    return Index(name, "realm_id", *order).ddl_if(dialect="postgresql")

Key = Annotated[UUID, mapped_column(primary_key=True, default=uuid7)]
BigKey = Annotated[int, mapped_column(BigInt, primary_key=True)]
Name = Annotated[str, mapped_column(String(200))]
CreatedAt = Annotated[datetime, mapped_column(default=utcnow)]
Digest = Annotated[bytes, mapped_column()]


class Base(DeclarativeBase):
    """Parent of every model; constraint names are predictable so migrations can drop them."""

    __table__: ClassVar[Table]
    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime,
        dict[str, Any]: Json,
        list[Any]: Json,
        StrEnum: Enum(StrEnum, native_enum=False, length=32, values_callable=lambda kind: [one.value for one in kind]),
    }
    realm_scoped: ClassVar[bool] = False
    unscoped_because: ClassVar[str] = ""


class RealmScoped:
    """Mixin of rows that belong to a tenant; every ORM query gets the realm of its session as a filter."""

    realm_scoped: ClassVar[bool] = True
    realm_id: Mapped[int] = mapped_column(ForeignKey("realms_realm.id"), sort_order=-1)


class RequestSession(FlaskSession):
    """The session of a request; while ``info["read_only"]`` is set its transactions cannot write.

    While ``info["held"]`` is set commits wait for one after it: who set it has more to write in the same transaction.
    """

    def commit(self) -> None:
        """Commit, or only flush while it is held."""
        if self.info.get("held"):
            self.flush()
        else:
            super().commit()

    def get_bind(self, *args: Any, **kwargs: Any) -> Any:
        """Return the engine, or the read-only view of it that the factory made."""
        if self.info.get("read_only"):
            return current_app.extensions["headwater.read_engine"]
        return super().get_bind(*args, **kwargs)


db = SQLAlchemy(metadata=Base.metadata, session_options={"class_": RequestSession, "expire_on_commit": False})


class ForgottenRealm(Exception):  # noqa: N818 - a defect of the program, named for what happened
    """A query on tenant rows ran in a session that names no realm."""


def scope(session: Session, realm_id: int) -> None:
    """Tie every further query of the session to one realm."""
    session.info["realm_id"] = realm_id


@contextmanager
def unscoped(session: Session, reason: str) -> Iterator[None]:
    """Let look-ups that find the realm (key, session, token) read across realms; say why."""
    before = session.info.get("unscoped")
    session.info["unscoped"] = reason
    try:
        yield
    finally:
        session.info["unscoped"] = before


@event.listens_for(Session, "do_orm_execute")
def _keep_to_realm(state: ORMExecuteState) -> None:
    if state.is_column_load or state.is_relationship_load or state.session.info.get("unscoped"):
        return
    realm_id = state.session.info.get("realm_id")
    if realm_id is None:
        if any(getattr(mapper.class_, "realm_scoped", False) for mapper in state.all_mappers):
            raise ForgottenRealm(f"no realm for {[mapper.class_.__name__ for mapper in state.all_mappers]}")
        return
    # Also where no tenant entity leads the query: one that only joins them must stay within the realm as well.
    if not state.is_orm_statement or state.is_insert:
        return
    state.statement = state.statement.options(
        with_loader_criteria(RealmScoped, lambda cls: cls.realm_id == realm_id, include_aliases=True)
    )


PRAGMAS = (
    "journal_mode = WAL",
    "foreign_keys = ON",
    "cache_size = -65536",
    "temp_store = MEMORY",
    "mmap_size = 268435456",
)


class InTurn(sqlite3.Connection):
    """A connection that writes in turn with the others of its process.

    SQLite waits for a lock by sleeping longer and longer: of many waiting threads some never wake in time, and the
    disk idles meanwhile. Threads of one process wait for each other's end instead, other processes as SQLite does.
    """

    turns: Lock
    is_its_turn = False

    def take_turn(self, wait_ms: int) -> int:
        """Wait until no other thread writes, or the time is over; returns the milliseconds left, in half seconds."""
        begun = monotonic()
        self.is_its_turn = self.turns.acquire(timeout=wait_ms / 1_000)
        return max(0, wait_ms - int(2 * (monotonic() - begun)) * 500) if self.is_its_turn else 0

    def end_turn(self) -> None:
        """Let the next one write, unless this one still does."""
        if self.is_its_turn and not self.in_transaction:
            self.is_its_turn = False
            self.turns.release()

    def commit(self) -> None:
        """Commit, and let the next one write."""
        super().commit()
        self.end_turn()

    def rollback(self) -> None:
        """Roll back, and let the next one write."""
        super().rollback()
        self.end_turn()

    def close(self) -> None:
        """Give up what was not committed, and let the next one write."""
        if self.is_its_turn:
            self.rollback()
        super().close()


def tune_sqlite(engine: Engine, *, synchronous: str = "full", busy_ms: int = 2_500) -> None:
    """Set up each connection of an SQLite engine: WAL, foreign keys, explicit transactions.

    pysqlite's own transaction handling loses concurrent read-then-update cycles, so it is switched off and
    SQLAlchemy's ``begin`` sends BEGIN; sessions marked ``immediate`` take the write lock at once, in turn.
    """
    turns = Lock()

    @event.listens_for(engine, "do_connect")
    def _in_turn(_dialect: object, _record: object, _args: list[Any], options: dict[str, Any]) -> None:
        options["factory"] = InTurn

    @event.listens_for(engine, "connect")
    def _connect(connection: InTurn, _record: object) -> None:
        connection.turns = turns
        connection.isolation_level = None
        for pragma in (*PRAGMAS, f"busy_timeout = {busy_ms}", f"synchronous = {synchronous.upper()}"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _start(connection: Any) -> None:
        options = connection.get_execution_options()
        # Ingestion waits as long as its client still listens; everything else the usual time.
        _begin(connection, int(options.get("wait_ms", busy_ms)), immediate=options.get("immediate", True))


def _begin(connection: Any, wait_ms: int, *, immediate: bool) -> None:
    own: InTurn = connection.connection.dbapi_connection
    wanted = (own.take_turn(wait_ms) if immediate else wait_ms, "OFF" if immediate else "ON")
    try:
        if connection.info.get("pragmas") != wanted:
            run(connection, f"PRAGMA busy_timeout = {wanted[0]}", ())
            run(connection, f"PRAGMA query_only = {wanted[1]}", ())
            connection.info["pragmas"] = wanted
        run(connection, "BEGIN IMMEDIATE" if immediate else "BEGIN", ())
    except BaseException:
        own.end_turn()
        raise
