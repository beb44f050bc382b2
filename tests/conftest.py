"""Fixtures everybody shares; each test starts with an empty database."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.realms.models import Realm
from tests import databases, factories
from tests.browser import Browser
from tests.databases import Database


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def prepared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """Make each kind of database once."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "sqlite":
        database = databases.sqlite(folder)
        yield database
        database.close()
    else:
        with databases.postgresql(folder) as database:
            yield database


@pytest.fixture
def database(prepared: Database) -> Iterator[Database]:
    """An empty database; fails the test when the application forgot the realm in a statement."""
    prepared.reset()
    with databases.watching(prepared):
        yield prepared


@pytest.fixture
def app(database: Database) -> Flask:
    """The application on the empty database; no context is pushed, so requests have their own sessions."""
    return database.app


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """The test's own eyes: sees only what was committed, and commits at once."""
    with databases.live_session(database.engine()) as session:
        yield session


@pytest.fixture
def realm(session: Session) -> Realm:
    """The realm of most tests, ``acme``."""
    return factories.make_realm(session, "acme")


@pytest.fixture
def other_realm(session: Session) -> Realm:
    """A realm that must never show, ``globex``."""
    return factories.make_realm(session, "globex")


@pytest.fixture
def owner(session: Session, realm: Realm) -> User:
    """Holds root in ``acme``."""
    return factories.make_user(session, "owner", realm, "root")


@pytest.fixture
def member(session: Session, realm: Realm) -> User:
    """Belongs to ``acme`` and holds nothing."""
    return factories.make_user(session, "member", realm)


@pytest.fixture
def stranger(session: Session, other_realm: Realm) -> User:
    """Holds root in ``globex`` and nothing in ``acme``."""
    return factories.make_user(session, "stranger", other_realm, "root")


@pytest.fixture
def visitor(app: Flask, session: Session) -> Browser:
    """A browser nobody has signed in with."""
    return Browser(app, session)


@pytest.fixture
def client(visitor: Browser, owner: User) -> Browser:
    """A browser in which the owner of ``acme`` is signed in."""
    return visitor.as_(owner)
