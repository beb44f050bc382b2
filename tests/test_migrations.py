"""Migrations lead to the models and back to nothing, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, make_url, text

from app.db import Base, db
from app.lineage.models import search_words
from app.resource import resource
from app.web.health import not_ready
from tests import databases
from tests.databases import Database

FOLDER = str(resource("migrations"))


@pytest.fixture
def empty(prepared: Database, tmp_path: Path) -> Iterator[Flask]:
    """An application on a database without tables."""
    if prepared.template:
        yield databases.start(databases.settings_for(f"sqlite:///{tmp_path / 'empty.db'}", tmp_path))
        return
    with prepared.app.app_context(), db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("DROP DATABASE IF EXISTS migrated"))
        connection.execute(text("CREATE DATABASE migrated TEMPLATE template0 ENCODING 'UTF8'"))
    url = make_url(prepared.settings.database_url).set(database="migrated")
    app = databases.start(databases.settings_for(url.render_as_string(hide_password=False), tmp_path))
    yield app
    with app.app_context():
        db.engine.dispose()


# Alembic cannot read indexes with an order of their own from SQLite, where there are none.
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
def test_migrations_lead_to_the_models(empty: Flask) -> None:
    with empty.app_context():
        upgrade(directory=FOLDER)
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"include_name": _is_ours})
            assert compare_metadata(context, Base.metadata) == []


def test_migrations_lead_back_to_nothing(empty: Flask) -> None:
    with empty.app_context():
        upgrade(directory=FOLDER)
        downgrade(directory=FOLDER, revision="base")
        assert inspect(db.engine).get_table_names() == ["alembic_version"]
        upgrade(directory=FOLDER)
        assert not_ready() is None


def test_an_unmigrated_database_is_not_ready(empty: Flask) -> None:
    answer = empty.test_client().get("/readyz")

    assert answer.status_code == 503
    assert "the database is at nothing" in answer.get_json()["reason"]
    assert empty.test_client().get("/healthz").status_code == 200


def test_a_dead_database_is_not_ready(tmp_path: Path) -> None:
    app = databases.start(databases.settings_for("postgresql+psycopg://nobody@127.0.0.1:1/none", tmp_path))

    answer = app.test_client().get("/readyz")

    assert answer.status_code == 503
    assert "does not answer" in answer.get_json()["reason"]


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out the tables and the index of the full-text search, which models do not describe."""
    if name == search_words.INDEX:
        return False
    return kind != "table" or name is None or name in Base.metadata.tables
