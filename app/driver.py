"""Statements handed straight to the driver: text and plain values, with nothing in between that costs time.

Ingestion runs some twenty small statements for an event, and SQLAlchemy's own handling of one costs more than the
statement. Listeners of ``before_cursor_execute`` see these statements like all others, and errors are SQLAlchemy's.
On PostgreSQL they may travel in a pipeline: none waits for the one before it until a result is looked at.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

PIPE = "headwater.pipe"
BOUND = "headwater.bound"
# More than the statements of ingestion, so that none is prepared twice.
PREPARED = 500
PLANS = "SELECT set_config('plan_cache_mode', '{}', true), set_config('enable_seqscan', '{}', true)"
NAMED = re.compile(r":([a-z_]+)\b")


def run(connection: Connection, sql: str, values: Sequence[Any], *, many: bool = False) -> Any:
    """Execute one statement (``many``: once for each of the values) and return its cursor.

    In a pipeline its error may come with a later statement.
    """
    raw = connection.connection
    info = raw.info
    try:
        if info.get(PIPE, "") is None:
            info[PIPE] = raw.driver_connection.pipeline()  # type: ignore[union-attr]
            info[PIPE].__enter__()
        cursor = raw.cursor()
        for look in connection.dispatch.before_cursor_execute:
            look(connection, cursor, sql, values, None, many)
        (cursor.executemany if many else cursor.execute)(sql, values)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _translated(connection, sql, error) from error
    return cursor


def fetch(connection: Connection, sql: str, cursor: Any) -> list[Any]:
    """Return the rows of a statement that was run; a pipeline arrives at it first."""
    try:
        found: list[Any] = cursor.fetchall()
    except connection.dialect.loaded_dbapi.Error as error:
        raise _translated(connection, sql, error) from error
    return found


@contextmanager
def piped(connection: Connection) -> Iterator[None]:
    """Let the statements given to ``run`` travel in a pipeline where the database has one; all are done at the end."""
    info = connection.info
    if connection.dialect.name == "sqlite" or PIPE in info:
        yield
        return
    connection.connection.driver_connection.prepared_max = PREPARED  # type: ignore[union-attr]
    info[PIPE] = None
    try:
        yield
        settle(connection)
    finally:
        # After an error the transaction is over; what the pipeline still says is the same error again.
        with suppress(DBAPIError):
            settle(connection)
        info.pop(PIPE, None)


def settle(connection: Connection) -> None:
    """Wait until the pipeline is empty and leave it; the next ``run`` enters it again."""
    info = connection.info
    pipe = info.get(PIPE)
    if pipe is None:
        return
    info[PIPE] = None
    try:
        pipe.__exit__(None, None, None)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _translated(connection, "a statement of a pipeline", error) from error


@contextmanager
def planned_once(session: Session) -> Iterator[None]:
    """Let PostgreSQL plan each statement given to ``read`` once for a connection, not anew for its values.

    A walk's statements take it ten times as long to plan as to run; their plans do not depend on what is asked.
    """
    connection = bound(session)
    if connection.dialect.name == "sqlite":
        yield
        return
    raw: Any = connection.connection.driver_connection
    raw.prepared_max = PREPARED
    # As in ingestion: a plan made while a table was small must not be one that reads it whole.
    raw.execute(PLANS.format("force_generic_plan", "off"))
    # Not in case of an error: the transaction, and what holds for it, ends soon.
    yield
    raw.execute(PLANS.format("auto", "on"))


def read(session: Session, sql: str, values: Mapping[str, Any]) -> list[Any]:
    """Return the rows of a statement with ``:name`` for its values, as the driver gives them: SQLite knows no dates."""
    connection = bound(session)
    if connection.dialect.name == "sqlite":
        plain = {name: _plain(value) for name, value in values.items()}
        return fetch(connection, sql, run(connection, sql, plain))  # type: ignore[arg-type]
    numbered, names = _numbered(sql)
    given = [values[name] for name in names]
    try:
        cursor = connection.dialect.loaded_dbapi.RawCursor(connection.connection.driver_connection)
        for look in connection.dispatch.before_cursor_execute:
            look(connection, cursor, numbered, given, None, False)
        cursor.execute(numbered.encode(), given, prepare=True)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _translated(connection, sql, error) from error
    return fetch(connection, sql, cursor)


@lru_cache(maxsize=500)
def _numbered(sql: str) -> tuple[str, list[str]]:
    """Return a statement as PostgreSQL itself takes it, which its driver need not take apart, and its values' names."""
    names = list(dict.fromkeys(NAMED.findall(sql)))
    return NAMED.sub(lambda found: f"${names.index(found[1]) + 1}", sql), names


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
    return value.isoformat() if isinstance(value, date) else value


def bound(session: Session) -> Connection:
    """Return the connection of the session's transaction; SQLAlchemy's own way to it costs as much as a statement."""
    now = (session.get_transaction(), session.info.get("read_only"))
    known = session.info.get(BOUND)
    if known is not None and known[0] == now and now[0] is not None:
        found: Connection = known[1]
        return found
    connection = session.connection()
    session.info[BOUND] = ((session.get_transaction(), now[1]), connection)
    return connection


def execute(connection: Connection, statement: Executable) -> Any:
    """Execute a statement of SQLAlchemy, which knows no pipeline, behind those that were run."""
    settle(connection)
    return connection.execute(statement)


def _translated(connection: Connection, sql: str, error: Exception) -> BaseException:
    base = connection.dialect.loaded_dbapi.Error
    return DBAPIError.instance(sql, None, error, base, hide_parameters=True, dialect=connection.dialect)
