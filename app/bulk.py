"""Many rows in one statement, on both databases.

Ingestion writes thousands of rows a second; these helpers give the driver plain tuples and let the database do the
rest: executemany on SQLite, arrays through ``unnest`` on PostgreSQL. Values pass the bind processing of their columns.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, Connection, Dialect, Float, LargeBinary, Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from app.db import UtcDateTime
from app.driver import fetch, run

Rows = Sequence[Mapping[str, Any]]
CHUNK = 4_000
FEW = 4


def allocate(connection: Connection, table: Table, count: int) -> range | list[int]:
    """Take ``count`` fresh ids of ``table`` in rising order; on SQLite the caller holds the write lock.

    PostgreSQL draws them from the sequence of the key, so ids taken by a rolled-back transaction are lost.
    """
    return ask_ids(connection, table, count)()


def ask_ids(connection: Connection, table: Table, count: int) -> "Callable[[], range | list[int]]":
    """Ask for what ``allocate`` takes without waiting for it."""
    if not count:
        return list
    key = next(iter(table.primary_key.columns)).name
    if connection.dialect.name == "sqlite":
        # Ids are shared by all realms, so this one statement names no realm_id.
        sql = f"SELECT max({key}) FROM {table.name} /* realm_id */"
        newest = fetch(connection, sql, run(connection, sql, ()))[0][0] or 0
        return lambda: range(newest + 1, newest + 1 + count)
    sql = "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)"
    cursor = run(connection, sql, (table.name, key, count))
    return lambda: [row[0] for row in fetch(connection, sql, cursor)]


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
    columns, dialect = tuple(rows[0]), connection.dialect
    clause = _conflict(table.name, tuple(conflict), update if isinstance(update, str) else tuple(update), dialect.name)
    if dialect.name != "sqlite" and len(rows) <= FEW:
        # Arrays are dearer than plain values for a few rows.
        values = [value for row in _binders(table, columns, dialect).rows(rows) for value in row]
        run(connection, _few_sql(table, columns, clause, len(rows)), values)
        return
    _run(connection, table, columns, rows, _insert_sql(table, columns, clause, dialect.name))


def update_rows(connection: Connection, table: Table, rows: Rows, *, key: str) -> None:
    """Set the given columns of the rows found by ``key`` and realm_id; all rows have the same keys, realm_id too."""
    if not rows:
        return
    columns = tuple(rows[0])
    _run(connection, table, columns, rows, _update_sql(table, columns, key, connection.dialect.name))


def select_in(
    session: Session | Connection,
    columns: Iterable[Any],
    realm_id: int,
    column: Any,
    values: Iterable[Any],
    extra: str = "",
) -> list[Any]:
    """Fetch ``columns`` of the realm's rows whose ``column`` is one of ``values``, in chunks, as named tuples.

    ``extra`` is further SQL without values, such as ``AND role = 'part'``. The text is put together once per set of
    columns: building it anew costs more than running it.
    """
    return ask(session, columns, realm_id, column, values, extra).rows()


def ask(
    session: Session | Connection,
    columns: Iterable[Any],
    realm_id: int,
    column: Any,
    values: Iterable[Any],
    extra: str = "",
    moments: Sequence[datetime] = (),
) -> "Asked":
    """Send what ``select_in`` fetches without waiting for the answer, so that several questions travel together.

    Each ``?`` in ``extra`` stands for one of the ``moments``.
    """
    wanted = list(values)
    asked = Asked()
    if not wanted:
        return asked
    connection = session if isinstance(session, Connection) else session.connection()
    names = tuple([getattr(item, "key", item) for item in columns])
    plan = _plan(names, column.key, column.class_.__table__, connection.dialect)
    for start in range(0, len(wanted), CHUNK):
        asked.add(plan.send(connection, (realm_id, wanted[start : start + CHUNK]), extra, moments))
    return asked


class Asked:
    """Questions on their way to the database."""

    def __init__(self) -> None:
        self._answers: list[Callable[[], list[Any]]] = []

    def add(self, answer: Callable[[], list[Any]]) -> None:
        """Add a part of the question by what returns its rows."""
        self._answers.append(answer)

    def rows(self) -> list[Any]:
        """Return the rows, waiting for them; once."""
        answers, self._answers = self._answers, []
        return [row for answer in answers for row in answer()]


class _Plan:
    """How to read some columns of a table by the values of one of them."""

    def __init__(self, names: tuple[str, ...], key: str, table: Table, dialect: Dialect) -> None:
        quoted = ", ".join(f'"{name}"' for name in names)
        self.head = f"SELECT {quoted} FROM {table.name} WHERE realm_id = "
        self.key = key
        self.array = _array(table.c[key])
        self.is_sqlite = dialect.name == "sqlite"
        self.bind = _binder(table.c[key], dialect)
        self.row: Any = namedtuple("Row", names)  # type: ignore[misc]
        self.reads = [(place, read) for place, name in enumerate(names) if (read := _reader(table.c[name], dialect))]

    def send(
        self, connection: Connection, key: tuple[int, list[Any]], extra: str, moments: Sequence[datetime]
    ) -> Callable[[], list[Any]]:
        realm_id, values = key
        if self.bind is not None:
            values = [self.bind(value) for value in values]
        if self.is_sqlite:
            sql = f'{self.head}? AND "{self.key}" IN ({",".join("?" * len(values))}) {extra}'
            # Read at once: an open cursor would see what is written before the answer is looked at.
            bound = (realm_id, *values, *map(_sqlite_time, moments))
            rows = self._rows(fetch(connection, sql, run(connection, sql, bound)))
            return lambda: rows
        sql = f'{self.head}%s AND "{self.key}" = ANY({self.array}) {extra.replace("?", "%s")}'
        cursor = run(connection, sql, (realm_id, values, *moments))
        return lambda: self._rows(fetch(connection, sql, cursor))

    def _rows(self, rows: list[Any]) -> list[Any]:
        if not self.reads:
            return [self.row._make(row) for row in rows]
        return [self._read(row) for row in rows]

    def _read(self, row: Any) -> Any:
        cells = list(row)
        for place, read in self.reads:
            if cells[place] is not None:
                cells[place] = read(cells[place])
        return self.row._make(cells)


@lru_cache(maxsize=512)
def _plan(names: tuple[str, ...], key: str, table: Table, dialect: Dialect) -> _Plan:
    return _Plan(names, key, table, dialect)


def _sqlite_time(value: datetime) -> str:
    return value.isoformat(" ", "microseconds")[:26]


def _read_sqlite_time(value: str) -> datetime:
    return datetime.fromisoformat(value).replace(tzinfo=UTC)


def _binder(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    if isinstance(column.type, UtcDateTime):
        # All moments here are UTC already; SQLAlchemy's own processing costs eight times as much.
        return _sqlite_time if dialect.name == "sqlite" else None
    if isinstance(column.type, LargeBinary):
        # Both drivers take bytes as they are.
        return None
    return column.type.dialect_impl(dialect).bind_processor(dialect)


def _reader(column: Column[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    if isinstance(column.type, UtcDateTime):
        return _read_sqlite_time if dialect.name == "sqlite" else None
    if isinstance(column.type, Float):
        # Both drivers answer floats; psycopg's dialect would want the cursor's own type code to say so.
        return None
    return column.type.dialect_impl(dialect).result_processor(dialect, None)


@lru_cache(maxsize=512)
def _conflict(name: str, conflict: tuple[str, ...], update: str | tuple[str, ...], dialect: str) -> str:
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
        return f"INSERT INTO {table.name} ({names}) VALUES ({marks}){clause}"
    arrays = ", ".join(_array(table.c[column]) for column in columns)
    return f"INSERT INTO {table.name} ({names}) SELECT * FROM unnest({arrays}){clause}"


@lru_cache(maxsize=512)
def _few_sql(table: Table, columns: tuple[str, ...], clause: str, count: int) -> str:
    names = ", ".join(f'"{column}"' for column in columns)
    marks = ", ".join(["(" + ", ".join(["%s"] * len(columns)) + ")"] * count)
    return f"INSERT INTO {table.name} ({names}) VALUES {marks}{clause}"


@lru_cache(maxsize=512)
def _update_sql(table: Table, columns: tuple[str, ...], key: str, dialect: str) -> str:
    free = [column for column in columns if column not in {key, "realm_id"}]
    if dialect == "sqlite":
        where = {name: columns.index(name) + 1 for name in (key, "realm_id")}
        sets = ", ".join(f'"{column}" = ?{columns.index(column) + 1}' for column in free)
        return f"UPDATE {table.name} SET {sets} WHERE {key} = ?{where[key]} AND realm_id = ?{where['realm_id']}"
    arrays = ", ".join(_array(table.c[column]) for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    sets = ", ".join(f'"{column}" = v."{column}"' for column in free)
    return (
        f"UPDATE {table.name} AS t SET {sets} FROM unnest({arrays}) AS v({names}) "
        f"WHERE t.{key} = v.{key} AND t.realm_id = v.realm_id"
    )


def _array(column: Column[Any]) -> str:
    kind = column.type.compile(dialect=postgresql.dialect())  # type: ignore[no-untyped-call]
    if kind.startswith("VARCHAR"):
        kind = "TEXT"
    # Binary, because psycopg escapes long texts in arrays of text format in Python.
    return f"%b::{kind.partition(' COLLATE')[0]}[]"


class _Binders:
    """Turns rows into what the driver takes, in the order of some columns."""

    def __init__(self, table: Table, columns: tuple[str, ...], dialect: Dialect) -> None:
        self._get = itemgetter(*columns)
        binders = [_binder(table.c[column], dialect) for column in columns]
        self._binds = [(place, bind) for place, bind in enumerate(binders) if bind is not None]

    def rows(self, rows: Rows) -> list[Any]:
        if not self._binds:
            return [self._get(row) for row in rows]
        return [self._row(list(self._get(row))) for row in rows]

    def _row(self, cells: list[Any]) -> list[Any]:
        for place, bind in self._binds:
            if cells[place] is not None:
                cells[place] = bind(cells[place])
        return cells


@lru_cache(maxsize=512)
def _binders(table: Table, columns: tuple[str, ...], dialect: Dialect) -> _Binders:
    return _Binders(table, columns, dialect)


def _run(connection: Connection, table: Table, columns: tuple[str, ...], rows: Rows, sql: str) -> None:
    bound = _binders(table, columns, connection.dialect).rows(rows)
    if connection.dialect.name == "sqlite":
        run(connection, sql, bound, many=True)
    else:
        run(connection, sql, [list(column) for column in zip(*bound, strict=True)])
