"""Many rows in one statement, on both databases.

Ingestion writes thousands of rows a second; these helpers give the driver plain tuples and let the database do the
rest: executemany on SQLite, arrays through ``unnest`` on PostgreSQL. Values pass the bind processing of their columns.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Column, Connection, Dialect, Table, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Row
from sqlalchemy.orm import Session

Rows = Sequence[Mapping[str, Any]]
CHUNK = 4_000


def allocate(connection: Connection, table: Table, count: int) -> range | list[int]:
    """Take ``count`` fresh ids of ``table`` in rising order; on SQLite the caller holds the write lock.

    PostgreSQL draws them from the sequence of the key, so ids taken by a rolled-back transaction are lost.
    """
    key = next(iter(table.primary_key.columns)).name
    if connection.dialect.name == "sqlite":
        # Ids are shared by all realms, so this one statement names no realm_id.
        newest = connection.scalar(text(f"SELECT max({key}) /* realm_id */ FROM {table.name}")) or 0  # noqa: S608
        return range(newest + 1, newest + 1 + count)
    drawn = connection.scalars(
        text("SELECT nextval(pg_get_serial_sequence(:table, :key)) FROM generate_series(1, :count)"),
        {"table": table.name, "key": key, "count": count},
    )
    return list(drawn)


def insert_rows(
    connection: Connection,
    table: Table,
    rows: Rows,
    *,
    conflict: Sequence[str] = (),
    update: str | Sequence[str] = "",
) -> None:
    """Insert rows that all have the same keys; with ``conflict`` columns, ``update`` says what happens to a twin.

    ``update`` is a list of columns to overwrite, or SQL such as ``last_at = {greatest}({table}.last_at,
    excluded.last_at)``; empty leaves the twin alone. No two rows may share their conflict columns.
    """
    if not rows:
        return
    columns = tuple(rows[0])
    clause = _conflict(table.name, tuple(conflict), update, connection.dialect.name)
    _run(connection, table, columns, rows, _insert_sql(table, columns, clause, connection.dialect.name))


def update_rows(connection: Connection, table: Table, rows: Rows, *, key: str) -> None:
    """Set the given columns of the rows found by ``key`` and realm_id; rows all have the same keys, realm_id included."""
    if not rows:
        return
    columns = tuple(rows[0])
    _run(connection, table, columns, rows, _update_sql(table, columns, key, connection.dialect.name))


def select_in(
    session: Session, columns: Iterable[Any], realm_id: int, column: Any, values: Iterable[Any], *extra: Any  # noqa: ANN401
) -> list[Row[Any]]:
    """Fetch ``columns`` of the realm's rows whose ``column`` is one of ``values``, in chunks."""
    table = column.class_.__table__ if hasattr(column, "class_") else column.table
    wanted = list(values)
    found: list[Row[Any]] = []
    connection = session.connection()
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        found += connection.execute(
            select(*columns).where(table.c.realm_id == realm_id, column.in_(part), *extra)
        ).all()
    return found


def _conflict(name: str, conflict: tuple[str, ...], update: str | Sequence[str], dialect: str) -> str:
    if not conflict:
        return ""
    if not update:
        return f" ON CONFLICT ({', '.join(conflict)}) DO NOTHING"
    least, greatest = ("min", "max") if dialect == "sqlite" else ("least", "greatest")
    if isinstance(update, str):
        sets = update.format(least=least, greatest=greatest, table=name)
    else:
        sets = ", ".join(f'"{column}" = excluded."{column}"' for column in update)
    return f" ON CONFLICT ({', '.join(conflict)}) DO UPDATE SET {sets}"


@lru_cache(maxsize=512)
def _insert_sql(table: Table, columns: tuple[str, ...], clause: str, dialect: str) -> str:
    names = ", ".join(f'"{column}"' for column in columns)
    if dialect == "sqlite":
        marks = ", ".join("?" * len(columns))
        return f"INSERT INTO {table.name} ({names}) VALUES ({marks}){clause}"  # noqa: S608 - names are ours
    arrays = ", ".join(_array(table.c[column]) for column in columns)
    return f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays}){clause}"  # noqa: S608 - names are ours


@lru_cache(maxsize=512)
def _update_sql(table: Table, columns: tuple[str, ...], key: str, dialect: str) -> str:
    free = [column for column in columns if column not in {key, "realm_id"}]
    if dialect == "sqlite":
        where = {name: columns.index(name) + 1 for name in (key, "realm_id")}
        sets = ", ".join(f'"{column}" = ?{columns.index(column) + 1}' for column in free)
        return (
            f"UPDATE {table.name} SET {sets} "  # noqa: S608 - names are ours
            f"WHERE {key} = ?{where[key]} AND realm_id = ?{where['realm_id']}"
        )
    arrays = ", ".join(_array(table.c[column]) for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    sets = ", ".join(f'"{column}" = v."{column}"' for column in free)
    return (
        f"UPDATE {table.name} AS t SET {sets} FROM unnest({arrays}) AS v({names}) "  # noqa: S608 - names are ours
        f"WHERE t.{key} = v.{key} AND t.realm_id = v.realm_id"
    )


def _array(column: Column[Any]) -> str:
    kind = column.type.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
    if kind.startswith("VARCHAR"):
        kind = "TEXT"
    return f"%s::{kind.partition(' COLLATE')[0]}[]"


@lru_cache(maxsize=512)
def _binders(table: Table, columns: tuple[str, ...], dialect: Dialect) -> list[tuple[str, Callable[[Any], Any] | None]]:
    return [
        (column, table.c[column].type.dialect_impl(dialect).bind_processor(dialect)) for column in columns
    ]


def _run(connection: Connection, table: Table, columns: tuple[str, ...], rows: Rows, sql: str) -> None:
    vectors = []
    for column, bind in _binders(table, columns, connection.dialect):
        values = [row[column] for row in rows]
        vectors.append(values if bind is None else [None if value is None else bind(value) for value in values])
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(sql, list(zip(*vectors, strict=True)))
    else:
        connection.exec_driver_sql(sql, tuple(vectors))
