"""What tests of jobs share: events come in as everyone's do."""

import pytest
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.realms.models import Realm
from tests.browser import Browser
from tests.databases import Database
from tests.jobs.tracker_client import Client, make_client
from tests.jobs.tracking import Program, make_provider, member
from tests.lineage.intake import Intake, Store


@pytest.fixture
def intake(database: Database, realm: Realm) -> Intake:
    """The way of events into ``acme``."""
    return Intake(database, realm)


@pytest.fixture
def store(session: Session) -> Store:
    """The rows of every realm, by the names that events use."""
    return Store(session)


@pytest.fixture
def provider(visitor: Browser, session: Session, realm: Realm) -> Program:
    """The program of a provider in ``acme``."""
    return make_provider(visitor, session, realm)


@pytest.fixture
def clinic(visitor: Browser, session: Session, realm: Realm) -> Client:
    """The program of a provider that was written for the tracker."""
    return make_client(visitor, session, realm, "clinic", Role.PROVIDER, "jobs.write")


@pytest.fixture
def customer(session: Session, realm: Realm) -> User:
    """Somebody runs are for."""
    return member(session, realm, "ann", Role.CUSTOMER, "jobs.read")
