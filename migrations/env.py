"""Runs migrations on the application's own engine; custom types are written as the plain types they stand for."""

from typing import Literal

from alembic import context

from app.db import Base, UtcDateTime, db


def render_item(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write our types so that a migration needs no import from the application."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Run every step in one transaction, where the database can."""
    engine = db.engine
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as connection:
        if sqlite:
            # Batch mode drops and renames tables that others refer to.
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=sqlite,
            render_item=render_item,
            compare_type=True,
            transaction_per_migration=False,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        if sqlite:
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")


run()
