"""Writers of one process on SQLite wait for each other's end, and none starves."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from app.db import InTurn, tune_sqlite

THREADS, TIMES = 24, 5


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A database with one number, at which the threads count."""
    engine = create_engine(f"sqlite:///{tmp_path / 'turns.db'}", pool_size=THREADS, max_overflow=2)
    tune_sqlite(engine, busy_ms=10_000)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE counter (number INTEGER)"))
        connection.execute(text("INSERT INTO counter VALUES (0)"))
    yield engine
    engine.dispose()


def count(engine: Engine, times: int = 1) -> None:
    """Add one again and again, reading first, as requests do."""
    for _ in range(times):
        with engine.begin() as connection:
            number = connection.scalar(text("SELECT number FROM counter"))
            connection.execute(text("UPDATE counter SET number = :number"), {"number": number + 1})


def test_writers_at_once_all_write(engine: Engine) -> None:
    threads = [threading.Thread(target=count, args=(engine, TIMES)) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with engine.execution_options(immediate=False).connect() as connection:
        assert connection.scalar(text("SELECT number FROM counter")) == THREADS * TIMES


def test_who_waits_too_long_is_told_so_and_the_turn_goes_on(engine: Engine) -> None:
    with engine.begin() as first:
        first.execute(text("UPDATE counter SET number = 7"))
        waiting = engine.connect().execution_options(wait_ms=50)
        with pytest.raises(OperationalError, match="locked"):
            waiting.execute(text("UPDATE counter SET number = 8"))
        waiting.close()

    count(engine)

    with engine.execution_options(immediate=False).connect() as connection:
        assert connection.scalar(text("SELECT number FROM counter")) == 8


@pytest.mark.parametrize("ending", ["commit", "rollback", "close", "invalidate"])
def test_every_end_gives_the_turn_back(engine: Engine, ending: str) -> None:
    connection = engine.connect()
    connection.execute(text("UPDATE counter SET number = 1"))
    getattr(connection, ending)()

    count(engine)

    connection.close()


def test_a_failed_statement_keeps_the_turn_until_the_transaction_ends(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE counter SET number = 1"))
        with pytest.raises(OperationalError):
            connection.execute(text("SELECT nothing FROM nowhere"))
        own = connection.connection.dbapi_connection
        assert isinstance(own, InTurn)
        assert own.is_its_turn

    assert not own.is_its_turn
