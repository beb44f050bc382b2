"""A package of tests that keeps schemas, rulesets, their versions and bindings in slices, as rules will."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Column, Engine, Integer, MetaData, String, Table, insert, select
from sqlalchemy.orm import Session

from app.db import BigInt
from app.realms import sliced
from app.realms.sliced import SliceTable, slice_table

METADATA = MetaData()


def _table(name: str, *columns: Any) -> Table:
    return Table(
        name,
        METADATA,
        Column("id", BigInt, primary_key=True, autoincrement=True),
        Column("realm_id", Integer, nullable=False),
        *columns,
    )


SCHEMA = _table("test_schema", Column("slice_id", BigInt), Column("app_id", BigInt), Column("name", String))
RULESET = _table(
    "test_ruleset",
    Column("slice_id", BigInt),
    Column("app_id", BigInt),
    Column("schema_id", BigInt),
    Column("kind", String),
    Column("is_active", Integer),
    Column("hits", Integer),
)
VERSION = _table("test_version", Column("ruleset_id", BigInt), Column("body", String))
BINDING = _table("test_binding", Column("slice_id", BigInt), Column("app_id", BigInt), Column("step", String))
SAMPLE = _table("test_sample", Column("slice_id", BigInt), Column("ruleset_id", BigInt))


def _label(row: Any) -> str:
    return f"row {row['id']}"


TABLES = (
    SliceTable("schema", SCHEMA, "testschema", _label, app="app_id", keeps_app=True),
    SliceTable(
        "ruleset", RULESET, "testruleset", _label, parents={"schema_id": "schema"}, app="app_id", keeps_app=True,
        fresh={"hits": 0}, split=("kind", ("B", "W")),
    ),
    SliceTable("version", VERSION, "testversion", _label, parents={"ruleset_id": "ruleset"}),
    SliceTable("binding", BINDING, "testbinding", _label, app="app_id"),
    SliceTable("sample", SAMPLE, "testsample", _label, parents={"ruleset_id": "ruleset"}, cloned=False),
)  # fmt: skip


@contextmanager
def registered(engine: Engine) -> Iterator[None]:
    """Offer the package: its tables exist and are known to slices."""
    before = dict(sliced._TABLES)  # noqa: SLF001 - for one test only
    METADATA.create_all(engine)
    for table in TABLES:
        slice_table(table)
    try:
        yield
    finally:
        sliced._TABLES.clear()  # noqa: SLF001
        sliced._TABLES.update(before)  # noqa: SLF001
        METADATA.drop_all(engine)


def add(session: Session, table: Table, **values: Any) -> int:
    """Add a row and return its id."""
    found = session.scalar(insert(table).values(**values).returning(table.c.id))
    session.commit()
    return int(found or 0)


def fill(session: Session, realm_id: int, slice_id: int, app_id: int, kind: str = "B") -> None:
    """Put a schema, a ruleset with a version and a sample, and a binding of an app into a slice."""
    own = {"realm_id": realm_id, "slice_id": slice_id}
    schema = add(session, SCHEMA, **own, app_id=app_id, name="orders")
    ruleset = add(session, RULESET, **own, app_id=app_id, schema_id=schema, kind=kind, is_active=1, hits=7)
    add(session, VERSION, realm_id=realm_id, ruleset_id=ruleset, body="a > 1")
    add(session, BINDING, **own, app_id=app_id, step="check")
    add(session, SAMPLE, **own, ruleset_id=ruleset)


def rows(session: Session, table: Table) -> list[dict[str, Any]]:
    """Return every row of a table of every realm, by id."""
    return [dict(row) for row in session.execute(select(table).order_by(table.c.id)).mappings()]
